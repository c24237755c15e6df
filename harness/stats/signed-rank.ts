/**
 * The Wilcoxon signed-rank test, exact, and the interval that inverts it (Wilcoxon, "Individual
 * comparisons by ranking methods", Biometrics Bulletin 1(6), 1945; Hollander, Wolfe and Chicken,
 * "Nonparametric Statistical Methods", 3.1 to 3.3). It assumes that differences are independent of
 * each other and symmetric about their centre, and nothing else of their shape.
 *
 * Ties share the mean of their ranks. Zeros are ranked with the rest, and their ranks then count
 * for neither side (Pratt, "Remarks on zeros and ties in the Wilcoxon signed rank procedures",
 * JASA 54, 1959). The null distribution is that of the ranks at hand, every sign equally likely,
 * so p-values stay exact under both. The interval uses the distribution without ties, which with
 * ties only makes it wider.
 */

import { walshAverages } from './hodges-lehmann.ts';
import { doubledMidRanks } from './mid-ranks.ts';
import type { AchievedInterval } from './quantile.ts';

/** The outcome of a test of "the centre is 0". */
export interface SignedRank {
  /** Values tested, zeros included. */
  readonly count: number;
  /** Sum of the ranks of the positive values, W+. */
  readonly positive: number;
  /** P(W+ at least as large), for "the centre lies above 0". */
  readonly pGreater: number;
  /** P(W+ at least as small), for "the centre lies below 0". */
  readonly pLess: number;
  /** Twice the smaller of the two, at most 1. */
  readonly pTwoSided: number;
}

/** Tests whether values are centred on 0. All zeros, or no values, give 1 for every p. */
export function signedRank(values: readonly number[]): SignedRank {
  const doubledRanks = doubledMidRanks(values.map(Math.abs));
  const tested: number[] = [];
  let positive = 0;
  values.forEach((value, index) => {
    const rank = doubledRanks[index] ?? 0;
    if (value !== 0) tested.push(rank);
    if (value > 0) positive += rank;
  });
  const distribution = rankSumDistribution(tested);
  let atMost = 0;
  let atLeast = 0;
  distribution.forEach((probability, sum) => {
    if (sum <= positive) atMost += probability;
    if (sum >= positive) atLeast += probability;
  });
  return {
    count: values.length,
    positive: positive / 2,
    pGreater: Math.min(1, atLeast),
    pLess: Math.min(1, atMost),
    pTwoSided: Math.min(1, 2 * Math.min(atLeast, atMost)),
  };
}

/**
 * The two-sided interval for the centre: the values that the test would not reject, between two
 * Walsh averages. Covers with at least `level` (0..1). Null where no number of ranks gives it: 6
 * values are the least at 0.95.
 */
export function signedRankInterval(
  values: readonly number[],
  level: number,
): AchievedInterval | null {
  const cut = intervalCut(values.length, level);
  if (cut === null) return null;
  const averages = walshAverages(values);
  const low = averages[cut.index];
  const high = averages[averages.length - 1 - cut.index];
  if (low === undefined || high === undefined) throw new Error('the cut lies outside the averages');
  return { interval: [low, high], level: cut.level };
}

/** The least number of values whose most extreme order is rejected, two-sided, at `alpha`. */
export function leastCount(alpha: number): number {
  if (!(alpha > 0 && alpha <= 1)) throw new Error(`no test at an error of ${alpha}`);
  let count = 1;
  while (2 ** (1 - count) > alpha) count += 1;
  return count;
}

/** How many Walsh averages lie outside on each side, and the level that this achieves. */
function intervalCut(count: number, level: number): { index: number; level: number } | null {
  if (!(level > 0 && level < 1)) throw new Error(`no interval at a level of ${level}`);
  const distribution = rankSumDistribution(Array.from({ length: count }, (_, i) => 2 * (i + 1)));
  let tail = 0;
  let cut: { index: number; level: number } | null = null;
  for (let sum = 0; sum < distribution.length; sum += 2) {
    tail += distribution[sum] ?? 0;
    if (1 - 2 * tail < level) return cut;
    cut = { index: sum / 2, level: 1 - 2 * tail };
  }
  return cut;
}

/**
 * The probability of each sum when every rank is taken with probability one half, by dynamic
 * programming over the ranks: index s holds P(sum = s). Ranks come doubled, so that the means that
 * ties share are whole numbers.
 */
export function rankSumDistribution(doubledRanks: readonly number[]): Float64Array {
  const total = doubledRanks.reduce((sum, rank) => sum + rank, 0);
  const probabilities = new Float64Array(total + 1);
  probabilities[0] = 1;
  let reached = 0;
  for (const rank of doubledRanks) {
    reached += rank;
    for (let sum = reached; sum >= 0; sum -= 1) {
      const without = probabilities[sum] ?? 0;
      const withRank = sum >= rank ? (probabilities[sum - rank] ?? 0) : 0;
      probabilities[sum] = (without + withRank) / 2;
    }
  }
  return probabilities;
}
