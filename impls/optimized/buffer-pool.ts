/**
 * Buffers of six sizes that are used again (the plan's phase 3): no allocation and no zeroing where
 * the same sizes come back, as with copies of writes that wait and windows of bodies. Bounded, so
 * that a burst does not stay in memory. A buffer is given back only when nobody reads it any more:
 * for a write, when its callback has been called.
 */
import { HitCounter } from './counters.ts';

const TIERS: readonly number[] = [256, 512, 1024, 4096, 8192, 16384];
const MAX_BYTES_A_TIER = 512 * 1024;

export class BufferPool {
  readonly counts: HitCounter = new HitCounter();
  readonly #free: readonly Buffer[][] = TIERS.map(() => []);
  readonly #maxBytesATier: number;

  /** With a bound of 0 nothing is kept: the pool as a part that is off. */
  constructor(maxBytesATier: number = MAX_BYTES_A_TIER) {
    this.#maxBytesATier = maxBytesATier;
  }

  /** A buffer of at least `bytes`, with arbitrary content; beyond the largest tier of that size. */
  take(bytes: number): Buffer {
    const tier = tierOf(bytes);
    const free = this.#free[tier]?.pop();
    if (free !== undefined) {
      this.counts.hits += 1;
      return free;
    }
    this.counts.misses += 1;
    return Buffer.allocUnsafeSlow(TIERS[tier] ?? bytes);
  }

  /** Takes a buffer back that came from `take`. Others, and those beyond the bound, are let go. */
  give(buffer: Buffer): void {
    const tier = tierOf(buffer.length);
    const free = this.#free[tier];
    if (free === undefined || TIERS[tier] !== buffer.length) return;
    if ((free.length + 1) * buffer.length <= this.#maxBytesATier) free.push(buffer);
  }
}

/** The smallest tier that holds so many bytes; the number of tiers if none does. */
function tierOf(bytes: number): number {
  for (let tier = 0; tier < TIERS.length; tier += 1) {
    if (bytes <= (TIERS[tier] ?? 0)) return tier;
  }
  return TIERS.length;
}
