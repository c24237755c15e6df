/** A ratio of two paired series with its interval, as verdicts estimate it. */
import type { Interval } from '../harness/model/report.ts';
import { hodgesLehmann } from '../harness/stats/hodges-lehmann.ts';
import { signedRankInterval } from '../harness/stats/signed-rank.ts';

export interface PairedEstimate {
  readonly ratio: number;
  /** At 95 %; null below six pairs. */
  readonly interval: Interval | null;
}

const LEVEL = 0.95;

/** `0.992x (0.941 to 1.030)`, or the ratio alone. */
export function describeEstimate({ ratio, interval }: PairedEstimate, decimals: number): string {
  const range = interval?.map((end) => end.toFixed(decimals)).join(' to ');
  return `${ratio.toFixed(decimals)}x${range === undefined ? '' : ` (${range})`}`;
}

/** Estimates a / b over pairs. */
export function estimatePaired(a: readonly number[], b: readonly number[]): PairedEstimate {
  const logs = a.map((value, index) => Math.log(value / (b[index] ?? Number.NaN)));
  const interval = signedRankInterval(logs, LEVEL)?.interval ?? null;
  return {
    ratio: Math.exp(hodgesLehmann(logs)),
    interval: interval === null ? null : [Math.exp(interval[0]), Math.exp(interval[1])],
  };
}

/** The same of pairs as they come; null if there are none. */
export function estimatePairs(
  pairs: readonly (readonly [a: number, b: number])[],
): PairedEstimate | null {
  if (pairs.length === 0) return null;
  return estimatePaired(
    pairs.map(([a]) => a),
    pairs.map(([, b]) => b),
  );
}
