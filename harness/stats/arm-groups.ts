/**
 * Whether arms of one run are the same, two or several of them: for putting many arms in an order.
 * All p-values are of permutations, so none takes the shape of the noise for granted.
 *
 * Several arms are tested within rounds: each round is aligned by its median, the residuals of all
 * rounds are ranked together, and the arms' mean ranks are held against those of random orders of
 * each round's processes (Hodges and Lehmann 1962, as `aligned-rank.ts`; Sen, "On a class of aligned
 * rank order tests in two-way layouts", Annals of Mathematical Statistics 39(4), 1968).
 *
 * Two arms have only two orders a round, so that within rounds seven of them can't reject at 1 %,
 * whatever they show. Two arms are tested across rounds instead, by the rank-sum test, once each
 * round's moment has been taken out of their figures. What it was the other arms say: the luck of
 * the two has no part in it. What is left of it is common to both arms of a round, and what they
 * have in common makes a rank-sum test careful, not bold.
 */
import { createRandom, shuffled } from '../model/random.ts';
import { doubledMidRanks } from './mid-ranks.ts';
import { median } from './quantile.ts';
import { rankSum } from './rank-sum.ts';

/** One arm's logarithms: a row a round, in it one value for each of the arm's processes. */
export type ArmRows = readonly (readonly number[])[];

/**
 * The two-sided p-value of "these two arms are the same". `others` are arms of the same rounds; with
 * none, nothing is taken out.
 */
export function pairPValue(first: ArmRows, second: ArmRows, others: readonly ArmRows[]): number {
  const moments = roundMoments(others, first.length);
  const residuals = (rows: ArmRows): number[] =>
    rows.flatMap((row, round) => row.map((value) => value - (moments[round] ?? 0)));
  return rankSum(residuals(first), residuals(second)).pTwoSided;
}

/** The least p-value that {@link pairPValue} can give arms of one process each. */
export function leastPairPValue(rounds: number): number {
  let orders = 1;
  for (let k = 1; k <= rounds; k += 1) orders *= (rounds + k) / k;
  return Math.min(1, 2 / orders);
}

/** How far each round lies above the arms' usual figures: the median over their processes. */
function roundMoments(arms: readonly ArmRows[], rounds: number): readonly number[] {
  const deviations = arms.flatMap((rows) =>
    (rows[0] ?? []).map((_, process) => {
      const values = rows.map((row) => row[process] ?? Number.NaN);
      const usual = median(values);
      return values.map((value) => value - usual);
    }),
  );
  if (deviations.length === 0) return [];
  return Array.from({ length: rounds }, (_, round) =>
    median(deviations.map((own) => own[round] ?? Number.NaN)),
  );
}

/** Random orders that a group is held against: of 12 arms 4,083 groups are, and the least level is 1 %. */
const ORDERS = 299;

/** The p-value of "these arms are all the same". */
export type GroupTest = (arms: readonly ArmRows[]) => number;

/**
 * A test of groups of arms of so many rounds. Its random orders follow from the seed. Counted among
 * them, the observed order makes the test hold its error exactly, however few they are (Dwass,
 * "Modified randomization tests for nonparametric hypotheses", Annals of Mathematical Statistics
 * 28(1), 1957).
 */
export function createGroupTest(rounds: number, seed: number): GroupTest {
  const known = new Map<number, readonly Uint8Array[]>();
  const ordersOf = (size: number): readonly Uint8Array[] => {
    const orders = known.get(size) ?? drawOrders(rounds, size, seed + size);
    known.set(size, orders);
    return orders;
  };
  return (arms) => {
    const owners = Uint8Array.from(arms.flatMap((rows, arm) => (rows[0] ?? []).map(() => arm)));
    const counts = arms.map((rows) => rows[0]?.length ?? 1);
    const ranks = Float64Array.from(alignedRanks(arms));
    // One array for all orders: there are a million of them.
    const sums = new Float64Array(arms.length);
    const spread = (order: Uint8Array): number => {
      sums.fill(0);
      for (let at = 0; at < ranks.length; at += 1) {
        const owner = owners[order[at] ?? 0] ?? 0;
        sums[owner] = (sums[owner] ?? 0) + (ranks[at] ?? 0);
      }
      let total = 0;
      for (let arm = 0; arm < sums.length; arm += 1) {
        total += (sums[arm] ?? 0) ** 2 / (counts[arm] ?? 1);
      }
      return total;
    };
    const asMeasured = Uint8Array.from(ranks, (_, at) => at % owners.length);
    // Sums in another order differ by rounding errors, which must not make equal spreads smaller.
    const observed = spread(asMeasured) * (1 - 1e-12);
    const asLarge = ordersOf(owners.length).filter((order) => spread(order) >= observed).length;
    return (1 + asLarge) / (1 + ORDERS);
  };
}

/** Orders of a round's processes, round after round in one array. */
function drawOrders(rounds: number, size: number, seed: number): readonly Uint8Array[] {
  const random = createRandom(seed);
  const places = Array.from({ length: size }, (_, index) => index);
  return Array.from({ length: ORDERS }, () =>
    Uint8Array.from(Array.from({ length: rounds }, () => shuffled(places, random)).flat()),
  );
}

/** The ranks of all processes' residuals, round after round, each aligned by its median. */
function alignedRanks(arms: readonly ArmRows[]): readonly number[] {
  const rounds = arms[0]?.length ?? 0;
  return doubledMidRanks(
    Array.from({ length: rounds }, (_, round) => {
      const values = arms.flatMap((rows) => rows[round] ?? []);
      const centre = median(values);
      return values.map((value) => value - centre);
    }).flat(),
  );
}
