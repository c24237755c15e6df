/** The stretches of a soak: how often memory is read. Pure and seeded. */
import { createRandom } from '../model/random.ts';
import type { Stretch } from './stretches.ts';

/** Enough readings for a slope, and stretches long enough that reading is no part of the load. */
const STRETCHES = 40;
const LEAST_STRETCH_MS = 500;
const MOST_STRETCH_MS = 10_000;

/** Stretches that add up to `durationMs`, all of one length. */
export function planSoak(durationMs: number, seed: number): readonly Stretch[] {
  const random = createRandom(seed);
  const wantedMs = Math.min(MOST_STRETCH_MS, Math.max(LEAST_STRETCH_MS, durationMs / STRETCHES));
  const count = Math.max(1, Math.round(durationMs / wantedMs));
  return Array.from({ length: count }, () => ({
    arm: 'proxy',
    durationMs: durationMs / count,
    seed: random.uint32(),
  }));
}
