/**
 * The shape of a round under a scenario's conditions: as many in flight as it says, and waves that
 * still end where every answer waits for the origin. Pure.
 */
import type { TrafficConditions } from '../model/scenario.ts';
import type { RoundShape } from './plan.ts';

/** One cold request and three warm ones, where each takes tens of milliseconds. */
const DELAYED_SEQUENTIAL_REQUESTS = 4;
const DELAYED_MIN_CYCLES = 3;

/**
 * The shape for these conditions; loaded waves keep their length in widths. In a smoke run no more are
 * in flight than in its own shape.
 */
export function shapeUnder(
  shape: RoundShape,
  conditions: TrafficConditions | undefined,
  smoke = false,
): RoundShape {
  const { concurrency: wanted = shape.concurrency, originDelayMs } = conditions ?? {};
  const concurrency = smoke ? Math.min(wanted, shape.concurrency) : wanted;
  const widths = shape.loadedRequests / shape.concurrency;
  const wide = { ...shape, concurrency, loadedRequests: Math.round(widths * concurrency) };
  if (originDelayMs === undefined) return wide;
  return {
    ...wide,
    sequentialRequests: Math.min(DELAYED_SEQUENTIAL_REQUESTS, shape.sequentialRequests),
    loadedMinCycles: Math.min(DELAYED_MIN_CYCLES, shape.loadedMinCycles),
  };
}
