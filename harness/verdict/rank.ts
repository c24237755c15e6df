/**
 * Puts the arms of a run in an order by one metric, in which arms that the run cannot tell apart
 * share their places. Pure: the same figures always give the same places.
 *
 * An arm's places are an interval, from the number of arms that are certainly better to that of the
 * arms that are certainly worse (Al Mohamad, Goeman and van Zwet, "Simultaneous confidence intervals
 * for ranks with application to ranking institutions", Biometrics 78(1), 2022). All of them hold
 * together: over all pairs of a metric, the probability of calling any two arms different that are
 * the same is at most the error.
 *
 * That is by closed testing (Marcus, Peritz and Gabriel, "On closed testing procedures with special
 * reference to ordered analysis of variance", Biometrika 63(3), 1976; with levels by the size of a
 * group as Einot and Gabriel, "A study of the powers of several methods of multiple comparisons",
 * JASA 70, 1975, have them). Two arms are told apart only if they differ by themselves and every
 * group of arms in which both are is found not to be all the same. Where two arms that are the same
 * are told apart, the whole group of those that are the same has been found to differ; such groups
 * have no arm in common, so that their levels, the error by their share of all arms, add up to no
 * more than the error.
 */
import {
  type ArmRows,
  createGroupTest,
  leastPairAcrossRounds,
  leastPairWithinRounds,
  pairAcrossRounds,
  pairWithinRounds,
} from '../stats/arm-groups.ts';

/** An arm to be ranked. */
export interface RankedArm {
  readonly id: string;
  /** Its estimate, smaller is better: arms are shown in the order of these. */
  readonly estimate: number;
  /** Its logarithms, smaller is better. */
  readonly rows: ArmRows;
}

/** Where an arm stands. From 1; equal where it was told apart from all others. */
export interface RankedPlace {
  readonly id: string;
  readonly best: number;
  readonly worst: number;
}

/**
 * Pairs are tested within rounds where these are so many that not every one of them has to say the
 * same: the most extreme order has to be this many times below the level.
 */
const SPEAKS_CLEARLY = 4;
/** Groups of more arms have orders enough within rounds, however few these are. */
const MOST_ACROSS_ROUNDS = 3;

/** Follows from nothing: the same figures give the same places in every run of this code. */
const SEED = 1;

/**
 * The places of up to 16 arms, in the order of their estimates. `others` are arms of the same rounds
 * that are not ranked; they only tell what a round's moment was.
 */
export function rankArms(
  arms: readonly RankedArm[],
  others: readonly ArmRows[],
  error: number,
): readonly RankedPlace[] {
  // What is tested must not depend on the order in which arms were named.
  const ordered = [...arms].sort((a, b) => a.estimate - b.estimate || (a.id < b.id ? -1 : 1));
  const apart = toldApart(ordered, others, error);
  return ordered.map(({ id }, own) => ({
    id,
    best: 1 + ordered.filter((_, other) => apart[other]?.[own]).length,
    worst: ordered.length - ordered.filter((_, other) => apart[own]?.[other]).length,
  }));
}

/** Rounds that tell two of so many arms apart at all, where each has one process a round. */
export function leastRoundsToRank(arms: number, error: number): number {
  let rounds = 1;
  while (leastPairAcrossRounds(rounds) > levelOf(2, arms, error)) rounds += 1;
  return rounds;
}

/** What a group of this size is tested at. */
function levelOf(size: number, all: number, error: number): number {
  return (error * size) / all;
}

/** By index, whether the first is certainly better than the second; the first always comes before. */
function toldApart(
  ordered: readonly RankedArm[],
  others: readonly ArmRows[],
  error: number,
): readonly boolean[][] {
  const all = ordered.length;
  const rowsOf = (arm: number): ArmRows => ordered[arm]?.rows ?? [];
  const outside = (group: readonly number[]): readonly ArmRows[] => [
    ...ordered.flatMap(({ rows }, arm) => (group.includes(arm) ? [] : [rows])),
    ...others,
  ];
  const rounds = rowsOf(0).length;
  const level = levelOf(2, all, error);
  const within = leastPairWithinRounds(rounds) <= level / SPEAKS_CLEARLY;
  const apart = ordered.map((_, first) =>
    ordered.map((__, second) => {
      if (second <= first) return false;
      const p = within
        ? pairWithinRounds(rowsOf(first), rowsOf(second))
        : pairAcrossRounds(rowsOf(first), rowsOf(second), outside([first, second]));
      return p <= level;
    }),
  );
  const testGroup = createGroupTest(rounds, SEED);
  for (const group of groupsOfThreeOrMore(all)) {
    const matters = group.some((first) => group.some((second) => apart[first]?.[second]));
    if (!matters) continue;
    const across = !within && group.length <= MOST_ACROSS_ROUNDS;
    const p = testGroup(group.map(rowsOf), across ? outside(group) : null);
    if (p <= levelOf(group.length, all, error)) continue;
    for (const first of group) for (const second of group) unsay(apart, first, second);
  }
  return withWhatFollows(apart);
}

function unsay(apart: boolean[][], first: number, second: number): void {
  const row = apart[first];
  if (row !== undefined) row[second] = false;
}

/** Every set of at least three of the first `count` numbers. */
function* groupsOfThreeOrMore(count: number): Generator<readonly number[]> {
  for (let bits = 0; bits < 1 << count; bits += 1) {
    const group = Array.from({ length: count }, (_, index) => index).filter(
      (index) => (bits >> index) & 1,
    );
    if (group.length >= 3) yield group;
  }
}

/** What is better than a better one is better. */
function withWhatFollows(apart: boolean[][]): boolean[][] {
  for (let middle = 0; middle < apart.length; middle += 1) {
    for (const row of apart) {
      if (!row[middle]) continue;
      apart[middle]?.forEach((better, last) => {
        if (better) row[last] = true;
      });
    }
  }
  return apart;
}
