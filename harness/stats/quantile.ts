/**
 * Quantiles of samples, and the exact interval for a median. Sorting is the caller's, so that one
 * sort serves many quantiles and no caller's array changes under it.
 */
import type { Interval } from '../model/report.ts';

/** A sample in ascending order, without NaN. */
export type Sorted = Float64Array & { readonly __sorted: unique symbol };

/** A sorted copy. Throws on an empty sample and on NaN, which no measurement gives. */
export function sorted(values: ArrayLike<number>): Sorted {
  if (values.length === 0) throw new Error('a sample needs at least one value');
  const copy = Float64Array.from(values);
  if (copy.some(Number.isNaN)) throw new Error('NaN in a sample');
  return copy.sort() as Sorted;
}

/**
 * The quantile at `fraction` (0..1) by linear interpolation between order statistics: definition 7
 * of Hyndman and Fan, "Sample quantiles in statistical packages", The American Statistician 50(4),
 * 1996. The 0 quantile is the least value, the 1 quantile the greatest.
 */
export function quantile(sample: Sorted, fraction: number): number {
  if (!(fraction >= 0 && fraction <= 1)) throw new Error(`no quantile at ${fraction}`);
  const position = (sample.length - 1) * fraction;
  const below = Math.floor(position);
  const low = at(sample, below);
  const high = at(sample, Math.min(below + 1, sample.length - 1));
  // Equal neighbours are given back untouched: interpolating could move them by a rounding error.
  return low === high ? low : low + (high - low) * (position - below);
}

/** The middle value, or the mean of the two middle ones. */
export function median(values: ArrayLike<number>): number {
  return quantile(sorted(values), 0.5);
}

/** The arithmetic mean of at least one value. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * The mean after the values beyond the quantiles at `share` and `1 - share` have been moved to
 * them (0 to 0.5): Tukey's winsorizing, which bounds what any few values can do and still counts
 * them.
 */
export function winsorizedMean(values: ArrayLike<number>, share: number): number {
  const sample = sorted(values);
  const [low, high] = [quantile(sample, share), quantile(sample, 1 - share)];
  let sum = 0;
  for (const value of sample) sum += Math.min(high, Math.max(low, value));
  return sum / sample.length;
}

/** An interval, and the probability with which its kind covers the true value. */
export interface AchievedInterval {
  readonly interval: Interval;
  /** At least the level that was asked for. */
  readonly level: number;
}

/**
 * A distribution-free interval for the median between two order statistics, the narrowest
 * symmetric pair that covers with at least `level` (Conover, "Practical Nonparametric Statistics",
 * 3.2). Null where even the extremes do not: below 6 values at 0.95.
 */
export function medianInterval(values: ArrayLike<number>, level: number): AchievedInterval | null {
  const sample = sorted(values);
  const count = sample.length;
  // P(fewer than `inward` + 1 values below the median), one tail, by the binomial distribution.
  let term = 2 ** -count;
  let tail = term;
  let inward = -1;
  let achieved = 0;
  while (1 - 2 * tail >= level) {
    inward += 1;
    achieved = 1 - 2 * tail;
    term *= (count - inward) / (inward + 1);
    tail += term;
  }
  if (inward < 0) return null;
  return { interval: [at(sample, inward), at(sample, count - 1 - inward)], level: achieved };
}

function at(sample: Float64Array, index: number): number {
  const value = sample[index];
  if (value === undefined) throw new Error(`no value at ${index} of ${sample.length}`);
  return value;
}
