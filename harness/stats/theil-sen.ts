/**
 * A slope that a few wild readings do not move, with its interval: the median of the slopes between
 * every two points (Theil, "A rank-invariant method of linear and polynomial regression analysis",
 * Indagationes Mathematicae 12, 1950; Sen, "Estimates of the regression coefficient based on
 * Kendall's tau", JASA 63, 1968), and between which of those slopes the true one lies, by the exact
 * distribution of Kendall's statistic (Hollander, Wolfe and Chicken, "Nonparametric Statistical
 * Methods", 9.3). It assumes independent errors; any sign that readings
 * depend on the one before widens the interval by what that adds to a mean's variance
 * (`dependence.ts`).
 */
import { suspectedInflation } from './dependence.ts';
import { type AchievedInterval, median, quantile, type Sorted, sorted } from './quantile.ts';
import { widenedInterval } from './widened-rank.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A line through points. */
export interface TheilSen {
  /** Change of y per unit of x. */
  readonly slope: number;
  /** The y that the line has at x = 0. */
  readonly intercept: number;
  /** Covers the slope with at least the level asked for; null with too few points for it. */
  readonly interval: AchievedInterval | null;
}

/** Fits at least two points whose x ascend. `level` is of the interval, 0..1. */
export function theilSen(points: readonly Point[], level: number): TheilSen {
  const slopes = pairSlopes(points);
  const slope = quantile(slopes, 0.5);
  const intercept = median(points.map(({ x, y }) => y - slope * x));
  const cut = intervalCut(points.length, level);
  if (cut === null) return { slope, intercept, interval: null };
  const low = slopes[cut.outside];
  const high = slopes[slopes.length - 1 - cut.outside];
  if (low === undefined || high === undefined) throw new Error('the cut lies outside the slopes');
  const inflation = suspectedInflation(points.map(({ x, y }) => y - intercept - slope * x));
  const interval = widenedInterval([low, high], slope, inflation);
  return { slope, intercept, interval: { interval, level: cut.level } };
}

function pairSlopes(points: readonly Point[]): Sorted {
  const slopes: number[] = [];
  points.forEach((from, index) => {
    for (const to of points.slice(index + 1)) {
      if (!(to.x > from.x)) throw new Error('the x of the points must ascend');
      slopes.push((to.y - from.y) / (to.x - from.x));
    }
  });
  return sorted(slopes);
}

/** How many slopes lie outside on each side, and the level that this achieves. */
function intervalCut(count: number, level: number): { outside: number; level: number } | null {
  if (!(level > 0 && level < 1)) throw new Error(`no interval at a level of ${level}`);
  const probabilities = inversionDistribution(count);
  let tail = 0;
  let cut: { outside: number; level: number } | null = null;
  for (const [inversions, probability] of probabilities.entries()) {
    tail += probability;
    if (1 - 2 * tail < level) return cut;
    cut = { outside: inversions, level: 1 - 2 * tail };
  }
  return cut;
}

/**
 * The probability of each number of inversions in an order of `count` things, every order equally
 * likely: item k of them adds 0 to k - 1, independently (Kendall, "Rank Correlation Methods", 5).
 */
function inversionDistribution(count: number): Float64Array {
  const most = (count * (count - 1)) / 2;
  let probabilities = new Float64Array(most + 1);
  probabilities[0] = 1;
  let reached = 0;
  for (let item = 2; item <= count; item += 1) {
    reached += item - 1;
    const next = new Float64Array(most + 1);
    // A sliding sum over the item's equally likely contributions.
    let sum = 0;
    for (let inversions = 0; inversions <= reached; inversions += 1) {
      sum += probabilities[inversions] ?? 0;
      if (inversions >= item) sum -= probabilities[inversions - item] ?? 0;
      next[inversions] = Math.max(0, sum) / item;
    }
    probabilities = next;
  }
  return probabilities;
}
