/**
 * What a method and a path decide, so that a hot path costs one look-up instead of a pattern a
 * rule. Bounded by two generations: the younger takes what is used, and when it is full the older
 * is forgotten whole, which costs nothing an entry. A key is admitted at its second sight within a
 * while, told by a table of hashes, so that a flood of paths that never come again costs a hash
 * and neither memory nor the entries that are in use.
 */
import { HitCounter } from './counters.ts';

/** Longer keys are decided each time: whoever sends them must not fill the cache with few. */
const MAX_KEY_CHARACTERS = 512;
const SEEN_SLOTS_AN_ENTRY = 4;

export class DecisionCache<Decision> {
  readonly #counts: HitCounter;
  readonly #decide: (key: string) => Decision;
  readonly #maxCharacters: number;
  readonly #maxEntries: number;
  #young = new Map<string, Decision>();
  #old = new Map<string, Decision>();
  #youngCharacters = 0;
  /** A power of two of hashes. */
  readonly #seen: Int32Array;

  /** Holds at most twice `maxEntries` keys of together at most twice `maxCharacters`. */
  constructor(
    decide: (key: string) => Decision,
    counts: HitCounter = new HitCounter(),
    maxEntries: number = 2048,
    maxCharacters: number = 256 * 1024,
  ) {
    this.#decide = decide;
    this.#counts = counts;
    this.#maxEntries = maxEntries;
    this.#maxCharacters = maxCharacters;
    this.#seen = new Int32Array(2 ** Math.ceil(Math.log2(SEEN_SLOTS_AN_ENTRY * maxEntries)));
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: string): Decision {
    const young = this.#young.get(key);
    if (young !== undefined) {
      this.#counts.hits += 1;
      return young;
    }
    const old = this.#old.get(key);
    if (old !== undefined) {
      this.#counts.hits += 1;
      this.#old.delete(key);
      this.#admit(key, old);
      return old;
    }
    this.#counts.misses += 1;
    const decision = this.#decide(key);
    if (key.length <= MAX_KEY_CHARACTERS && this.#seenBefore(key)) this.#admit(key, decision);
    return decision;
  }

  #admit(key: string, decision: Decision): void {
    if (
      this.#young.size >= this.#maxEntries ||
      this.#youngCharacters + key.length > this.#maxCharacters
    ) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngCharacters = 0;
    }
    this.#young.set(key, decision);
    this.#youngCharacters += key.length;
  }

  /** Whether this key, or rarely another of the same hash, was the last one in its slot. */
  #seenBefore(key: string): boolean {
    let hash = 0x811c9dc5;
    for (let i = 0; i < key.length; i += 1) {
      hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
    }
    // 0 marks an empty slot.
    hash |= 1;
    const slot = (hash >>> 8) & (this.#seen.length - 1);
    const seen = this.#seen[slot] === hash;
    this.#seen[slot] = hash;
    return seen;
  }
}
