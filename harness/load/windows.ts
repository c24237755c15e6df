/**
 * An open-loop run cut into windows of about a second by the intended moments of its requests: the
 * unit of intervals and timelines. Pure.
 */
import type { OpenLoopRun } from '../drivers/open-loop-result.ts';
import { LatencyBins } from '../stats/latency-bins.ts';
import { quantile, type Sorted, sorted } from '../stats/quantile.ts';
import type { Disturbance } from './disturbance.ts';

const WINDOW_MS = 1000;
/** A rest shorter than this belongs to the window before it. */
const LEAST_REST_MS = 500;

/** Requests whose moments lie within it. */
export interface Window {
  /** From the start of the run. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly requests: number;
  readonly failed: number;
  readonly bins: LatencyBins;
  /** Microseconds; null where nothing was answered. */
  readonly p50Us: number | null;
  readonly p99Us: number | null;
  readonly maxUs: number | null;
  readonly lagP99Us: number;
  readonly disturbance: Disturbance;
}

const UNKNOWN: Disturbance = { stealFraction: null, othersFraction: null };

/**
 * The windows of a run that was to last `durationMs`. `disturbances` are those of its seconds; a
 * window without one has the last.
 */
export function cutWindows(
  run: OpenLoopRun,
  durationMs: number,
  disturbances: readonly Disturbance[],
): readonly Window[] {
  const windows: Window[] = [];
  let from = 0;
  for (const [index, [startMs, endMs]] of boundsOf(durationMs).entries()) {
    let to = from;
    while (to < run.due && (run.scheduleMs[to] ?? 0) < endMs) to += 1;
    const disturbance = disturbances[index] ?? disturbances.at(-1) ?? UNKNOWN;
    if (to > from) windows.push(windowOf(run, { from, to }, { startMs, endMs }, disturbance));
    from = to;
  }
  return windows;
}

function boundsOf(durationMs: number): readonly (readonly [number, number])[] {
  const whole = Math.floor(durationMs / WINDOW_MS);
  const rest = durationMs - whole * WINDOW_MS;
  const count = Math.max(1, rest >= LEAST_REST_MS ? whole + 1 : whole);
  return Array.from({ length: count }, (_, index) => [
    index * WINDOW_MS,
    // The last one takes what is left, and what rounding puts at the very end.
    index === count - 1 ? Math.max(durationMs, (index + 1) * WINDOW_MS) : (index + 1) * WINDOW_MS,
  ]);
}

function windowOf(
  run: OpenLoopRun,
  { from, to }: { readonly from: number; readonly to: number },
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
  disturbance: Disturbance,
): Window {
  const latencies = run.latencyUs.subarray(from, to);
  const answered = latencies.filter((us) => !Number.isNaN(us));
  const bins = new LatencyBins();
  bins.record(answered);
  const times = answered.length === 0 ? null : sorted(answered);
  const at = (sample: Sorted | null, fraction: number): number | null =>
    sample === null ? null : quantile(sample, fraction);
  return {
    startMs,
    durationMs: endMs - startMs,
    requests: to - from,
    failed: latencies.length - answered.length,
    bins,
    p50Us: at(times, 0.5),
    p99Us: at(times, 0.99),
    maxUs: at(times, 1),
    lagP99Us: quantile(sorted(run.lagUs.subarray(from, to)), 0.99),
    disturbance,
  };
}
