/**
 * The plan of a load test: stretches of the proxy with short ones of the origin alone between them,
 * so that both are seen in the same spells of the machine. Pure and seeded.
 */
import { createRandom } from '../model/random.ts';

export type ArmName = 'direct' | 'proxy';

/** One arm under load for a while. */
export interface Stretch {
  readonly arm: ArmName;
  readonly durationMs: number;
  /** Of its schedule. */
  readonly seed: number;
}

/** A stretch is at most this long. */
const STRETCH_MS = 5000;
/** Time of the direct arm for each of the proxy's. */
const DIRECT_SHARE = 0.2;

/** Stretches that give the proxy `durationMs`; which arm goes first is drawn anew each time. */
export function planStretches(durationMs: number, seed: number): readonly Stretch[] {
  const random = createRandom(seed);
  const count = Math.max(1, Math.ceil(durationMs / STRETCH_MS));
  return Array.from({ length: count }).flatMap((): Stretch[] => {
    const proxy: Stretch = {
      arm: 'proxy',
      durationMs: durationMs / count,
      seed: random.uint32(),
    };
    const direct: Stretch = {
      arm: 'direct',
      durationMs: (durationMs / count) * DIRECT_SHARE,
      seed: random.uint32(),
    };
    return random.below(2) === 0 ? [proxy, direct] : [direct, proxy];
  });
}

/** The time that stretches take together. */
export function lengthOf(stretches: readonly Pick<Stretch, 'durationMs'>[]): number {
  return stretches.reduce((sum, { durationMs }) => sum + durationMs, 0);
}
