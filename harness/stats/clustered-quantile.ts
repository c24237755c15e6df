/**
 * A quantile over requests, with an interval that rests on windows of time. Requests that follow
 * each other share what disturbs them, so a run of 300,000 is not a sample of 300,000: how the share
 * of requests below the estimate varies from window to window says how sure it is, and that share's
 * interval, read off the distribution, is the quantile's (Woodruff, "Confidence intervals for
 * medians and other position measures", JASA 47, 1952, with the variance of a ratio over clusters:
 * Cochran, "Sampling Techniques", 2.11). Windows that depend on each other widen it.
 */
import type { Interval } from '../model/report.ts';
import { varianceInflation } from './dependence.ts';
import { LatencyBins } from './latency-bins.ts';
import { normalTailQuantile } from './normal.ts';

/** An estimate in microseconds, and its interval; null where the windows do not give one. */
export interface ClusteredQuantile {
  readonly valueUs: number;
  readonly interval: Interval | null;
}

/** With fewer the variance over windows is a guess itself. */
const LEAST_WINDOWS = 8;

/** The quantile at `fraction` (0..1) of all windows together; null without a request. */
export function clusteredQuantile(
  windows: readonly LatencyBins[],
  fraction: number,
  level: number,
): ClusteredQuantile | null {
  const pooled = LatencyBins.merge(windows);
  const valueUs = pooled.quantileUs(fraction);
  if (valueUs === null) return null;
  const half = halfWidth(windows, valueUs, level);
  if (half === null || fraction + half >= 1 || fraction - half <= 0) {
    return { valueUs, interval: null };
  }
  const low = pooled.quantileUs(fraction - half) ?? valueUs;
  const high = pooled.quantileUs(fraction + half) ?? valueUs;
  return { valueUs, interval: [low, high] };
}

/** Of the interval for the share of requests up to a latency. */
function halfWidth(windows: readonly LatencyBins[], us: number, level: number): number | null {
  const used = windows.filter(({ count }) => count > 0);
  if (used.length < LEAST_WINDOWS) return null;
  const total = used.reduce((sum, { count }) => sum + count, 0);
  const share = used.reduce((sum, window) => sum + window.countUpTo(us), 0) / total;
  // Nothing lies beyond it: how much might is unknown.
  if (share === 1) return null;
  const deviations = used.map((window) => window.countUpTo(us) - share * window.count);
  const squares = deviations.reduce((sum, deviation) => sum + deviation ** 2, 0);
  const variance = (squares * used.length) / (used.length - 1) / total ** 2;
  const inflated = variance * varianceInflation(deviations);
  return normalTailQuantile((1 - level) / 2) * Math.sqrt(inflated);
}
