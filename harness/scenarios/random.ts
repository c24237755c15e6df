/**
 * Seeded randomness for traffic: small, fast and the same on every machine. Not for statistics and
 * not for secrets.
 */

/** A source of randomness; {@link seededRandom} makes one. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** A uniform integer in [0, bound), bound 1 to 2^32. */
  below(bound: number): number;
  /** Shuffles in place (Fisher-Yates) and returns its argument. */
  shuffle<List extends { length: number; [index: number]: unknown }>(list: List): List;
}

/** splitmix32: one 32-bit word of state; every seed, 0 included, gives a full-period sequence. */
export function seededRandom(seed: number): Random {
  let state = mix(seed | 0);
  const word = (): number => {
    state = (state + 0x9e3779b9) | 0;
    return mix(state);
  };
  const below = (bound: number): number => Math.floor((word() / 2 ** 32) * bound);
  return {
    next: () => word() / 2 ** 32,
    below,
    shuffle: (list) => {
      for (let last = list.length - 1; last > 0; last--) {
        const other = below(last + 1);
        const held = list[last];
        list[last] = list[other];
        list[other] = held;
      }
      return list;
    },
  };
}

function mix(word: number): number {
  let z = word;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) >>> 0;
}
