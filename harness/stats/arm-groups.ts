/**
 * Whether arms of one run are the same, two or several of them: for putting many arms in an order.
 * All p-values are of permutations, so none takes the shape of the noise for granted.
 *
 * Within rounds, each round is aligned by its median, the residuals of all rounds are ranked together,
 * and the arms' mean ranks are held against those of other orders of each round's processes (Hodges
 * and Lehmann 1962, as `aligned-rank.ts`; Sen, "On a class of aligned rank order tests in two-way
 * layouts", Annals of Mathematical Statistics 39(4), 1968). That is exact whatever rounds have in
 * common, but two arms have only two orders a round: seven rounds of them can't reject at 1 %,
 * whatever they show.
 *
 * Across rounds, each round's moment is taken out of the figures, and then all processes of all
 * rounds are put in other orders: of two arms by the rank-sum test, of more by that of Kruskal and
 * Wallis ("Use of ranks in one-criterion variance analysis", JASA 47, 1952). What the moment was the
 * other arms say: the luck of those that are tested has no part in it. What is left of it is common
 * to the arms of a round, and what they have in common makes such a test careful, not bold.
 */
import { createRandom, shuffled } from '../model/random.ts';
import { alignedRank } from './aligned-rank.ts';
import { doubledMidRanks } from './mid-ranks.ts';
import { median } from './quantile.ts';
import { rankSum } from './rank-sum.ts';

/** One arm's logarithms: a row a round, in it one value for each of the arm's processes. */
export type ArmRows = readonly (readonly number[])[];

/** The two-sided p-value of "these two arms are the same", within rounds; one may have a twin. */
export function pairWithinRounds(first: ArmRows, second: ArmRows): number {
  const [one, several] = (first[0]?.length ?? 1) === 1 ? [first, second] : [second, first];
  return alignedRank(one.map((row, round) => [...row, ...(several[round] ?? [])])).pTwoSided;
}

/** The least p-value that {@link pairWithinRounds} can give arms of one process each. */
export function leastPairWithinRounds(rounds: number): number {
  return Math.min(1, 2 ** (1 - rounds));
}

/**
 * The same across rounds. `others` are arms of the same rounds; with none, nothing is taken out.
 */
export function pairAcrossRounds(
  first: ArmRows,
  second: ArmRows,
  others: readonly ArmRows[],
): number {
  const moments = roundMoments(others, first.length);
  const residuals = (rows: ArmRows): readonly number[] => without(moments, rows).flat();
  return rankSum(residuals(first), residuals(second)).pTwoSided;
}

/** The least p-value that {@link pairAcrossRounds} can give arms of one process each. */
export function leastPairAcrossRounds(rounds: number): number {
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

function without(moments: readonly number[], rows: ArmRows): ArmRows {
  return rows.map((row, round) => row.map((value) => value - (moments[round] ?? 0)));
}

/** Random orders that a group is held against: of 12 arms 4,083 groups are, and the least level is 1 %. */
const ORDERS = 299;

/**
 * The p-value of "these arms are all the same": across rounds where others are given to tell the
 * moments, else within rounds.
 */
export type GroupTest = (arms: readonly ArmRows[], others: readonly ArmRows[] | null) => number;

/**
 * A test of groups of arms of so many rounds. Its random orders follow from the seed. Counted among
 * them, the observed order makes the test hold its error exactly, however few they are (Dwass,
 * "Modified randomization tests for nonparametric hypotheses", Annals of Mathematical Statistics
 * 28(1), 1957).
 */
export function createGroupTest(rounds: number, seed: number): GroupTest {
  const known = new Map<string, readonly Uint16Array[]>();
  const ordersOf = (processes: number, across: boolean): readonly Uint16Array[] => {
    const key = `${processes} ${across}`;
    const drawn = known.get(key) ?? drawOrders(rounds, processes, across, seed + processes);
    known.set(key, drawn);
    return drawn;
  };
  return (arms, others) => {
    const across = others !== null;
    const moments = across ? roundMoments(others, rounds) : roundMedians(arms, rounds);
    const aligned = arms.map((rows) => without(moments, rows));
    const ofARound = arms.flatMap((rows, arm) => (rows[0] ?? []).map(() => arm));
    const ranks = Float64Array.from(
      doubledMidRanks(
        Array.from({ length: rounds }, (_, round) =>
          aligned.flatMap((rows) => rows[round] ?? []),
        ).flat(),
      ),
    );
    const owners = Uint8Array.from(ranks, (_, at) => ofARound[at % ofARound.length] ?? 0);
    const counts = arms.map((rows) => rows[0]?.length ?? 1);
    // One array for all orders: there are a million of them.
    const sums = new Float64Array(arms.length);
    const spread = (order: Uint16Array): number => {
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
    // Sums in another order differ by rounding errors, which must not make equal spreads smaller.
    const observed = spread(Uint16Array.from(ranks, (_, at) => at)) * (1 - 1e-12);
    const orders = ordersOf(ofARound.length, across);
    const asLarge = orders.filter((order) => spread(order) >= observed).length;
    return (1 + asLarge) / (1 + orders.length);
  };
}

function roundMedians(arms: readonly ArmRows[], rounds: number): readonly number[] {
  return Array.from({ length: rounds }, (_, round) =>
    median(arms.flatMap((rows) => rows[round] ?? [])),
  );
}

/** Orders of all rounds' processes, round after round: each round by itself, or all together. */
function drawOrders(
  rounds: number,
  processes: number,
  across: boolean,
  seed: number,
): readonly Uint16Array[] {
  const random = createRandom(seed);
  const blocks = across ? 1 : rounds;
  const size = across ? rounds * processes : processes;
  const places = Array.from({ length: blocks }, (_, block) =>
    Array.from({ length: size }, (__, index) => block * size + index),
  );
  return Array.from({ length: ORDERS }, () =>
    Uint16Array.from(places.flatMap((block) => shuffled(block, random))),
  );
}
