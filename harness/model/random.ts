/**
 * Seeded randomness, so that a run can be repeated from its seed alone: xoshiro128** 1.1 (Blackman
 * and Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47(4), 2021), its state
 * filled by splitmix32. Not for secrets. Nothing here reads a clock or the system's entropy.
 */

/** A stream of pseudo-random numbers. Every call moves it on. */
export interface Random {
  /** An integer of 0 to 2^32 - 1. */
  readonly uint32: () => number;
  /** A number in [0, 1) with 53 random bits. */
  readonly float: () => number;
  /** An integer of 0 to `bound` - 1, without bias; `bound` is an integer of 1 to 2^32. */
  readonly below: (bound: number) => number;
}

/** A stream that depends on nothing but the seed, an integer of which the low 32 bits count. */
export function createRandom(seed: number): Random {
  if (!Number.isSafeInteger(seed)) throw new Error(`a seed is a whole number, not ${seed}`);
  let fill = seed >>> 0;
  const splitmix32 = (): number => {
    fill = (fill + 0x9e3779b9) | 0;
    let mixed = fill ^ (fill >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return mixed ^ (mixed >>> 15);
  };
  return randomFromState([splitmix32(), splitmix32(), splitmix32(), splitmix32()]);
}

/** The generator on a given state of four 32-bit words, not all zero. */
export function randomFromState(state: readonly [number, number, number, number]): Random {
  let [a, b, c, d] = state;
  const uint32 = (): number => {
    const scrambled = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return scrambled;
  };
  const float = (): number => ((uint32() >>> 5) * 0x4000000 + (uint32() >>> 6)) / 2 ** 53;
  const below = (bound: number): number => {
    if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32) {
      throw new Error(`no integer below ${bound}`);
    }
    // What lies above the largest multiple of the bound is drawn again; taking it would favour
    // the small values.
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let drawn = uint32();
    while (drawn >= limit) drawn = uint32();
    return drawn % bound;
  };
  return { uint32, float, below };
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** A copy in random order, each order equally likely (Fisher and Yates). */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  // Drawing an item out of what is left keeps every read in bounds without a cast.
  const left = [...items];
  const order: T[] = [];
  while (left.length > 0) order.push(...left.splice(random.below(left.length), 1));
  return order;
}
