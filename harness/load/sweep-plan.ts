/** The rates of a sweep, and the order in which they are tried. Pure and seeded. */
import { createRandom, shuffled } from '../model/random.ts';

/** Shares of the capacity. A tenth beyond it shows what overload looks like. */
const SHARES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1];
const PASSES = 3;
const LEAST_STEP_MS = 300;

/** One rate, once. */
export interface SweepVisit {
  /** Into {@link SweepPlan.ratesPerSecond}. */
  readonly step: number;
  readonly durationMs: number;
  readonly seed: number;
}

export interface SweepPlan {
  /** Ascending. */
  readonly ratesPerSecond: readonly number[];
  readonly shares: readonly number[];
  readonly passes: number;
  readonly visits: readonly SweepVisit[];
}

/** Each pass tries every rate once, in an order drawn anew: a drift of the machine favours none. */
export function planSweep(capacityPerSecond: number, durationMs: number, seed: number): SweepPlan {
  const random = createRandom(seed);
  const stepMs = Math.max(LEAST_STEP_MS, durationMs / (PASSES * SHARES.length));
  const visits = Array.from({ length: PASSES }).flatMap(() =>
    shuffled([...SHARES.keys()], random).map((step) => ({
      step,
      durationMs: stepMs,
      seed: random.uint32(),
    })),
  );
  return {
    ratesPerSecond: SHARES.map((share) => Math.max(1, Math.round(share * capacityPerSecond))),
    shares: SHARES,
    passes: PASSES,
    visits,
  };
}
