/**
 * When requests leave under open loop: moments fixed before the run, whatever the answers do. Pure
 * and seeded; it deliberately knows nothing of clocks or connections.
 */
import { createRandom } from '../model/random.ts';

/**
 * `constant`: one request every 1 / rate. `poisson`: exponential gaps of that mean, as independent
 * clients send; bursts and lulls included.
 */
export type Arrivals = 'constant' | 'poisson';

/** Intended moments in milliseconds from the start, ascending, none before 0. */
export type Schedule = Float64Array;

/** What a schedule is made from. */
export interface ScheduleOptions {
  readonly arrivals: Arrivals;
  /** Above 0. */
  readonly ratePerSecond: number;
  /** No moment lies at or beyond it. */
  readonly durationMs: number;
  /** An integer of 32 bits; constant arrivals do not depend on it. */
  readonly seed: number;
}

/** The moments at which requests are to leave. */
export function planSchedule(options: ScheduleOptions): Schedule {
  const { ratePerSecond, durationMs } = options;
  if (!(ratePerSecond > 0 && Number.isFinite(ratePerSecond))) {
    throw new Error(`no schedule of ${ratePerSecond} requests a second`);
  }
  if (!(durationMs >= 0 && Number.isFinite(durationMs))) {
    throw new Error(`no schedule of ${durationMs} ms`);
  }
  return options.arrivals === 'constant' ? constant(options) : poisson(options);
}

function constant({ ratePerSecond, durationMs }: ScheduleOptions): Schedule {
  const count = Math.ceil((durationMs * ratePerSecond) / 1000 - 1e-9);
  // Each from its number, so that no rounding error adds up.
  return Float64Array.from({ length: count }, (_, index) => (index * 1000) / ratePerSecond);
}

function poisson({ ratePerSecond, durationMs, seed }: ScheduleOptions): Schedule {
  const random = createRandom(seed);
  const meanMs = 1000 / ratePerSecond;
  const moments: number[] = [];
  for (;;) {
    const gapMs = -Math.log(1 - random.float()) * meanMs;
    const next = (moments.at(-1) ?? 0) + gapMs;
    if (next >= durationMs) return Float64Array.from(moments);
    moments.push(next);
  }
}
