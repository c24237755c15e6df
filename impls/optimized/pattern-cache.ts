/**
 * Compiled patterns, kept across reloads (the plan's phase 1). Keyed by flags and source in nested
 * maps: no key is joined, so no two patterns can share one, and a look-up makes no string. Used at
 * load only; the way of a request holds the compiled patterns themselves.
 */
import { type CompiledPattern, compilePattern } from '../policy/pattern.ts';
import type { Pattern } from '../policy/policy.ts';
import { HitCounter } from './counters.ts';

const MAX_PATTERNS = 4096;

/** Where compiled patterns come from. A hit gave one that was there. */
export interface PatternSource {
  readonly counts: HitCounter;
  /**
   * The compiled pattern.
   *
   * @throws SyntaxError if the pattern is not valid.
   */
  get(pattern: Pattern): CompiledPattern;
}

export class PatternCache implements PatternSource {
  readonly counts: HitCounter = new HitCounter();
  readonly #byFlags = new Map<string, Map<string, CompiledPattern>>();
  #size = 0;

  /** The compiled pattern, from the cache if it is there. */
  get(pattern: Pattern): CompiledPattern {
    const bySource = this.#bySource(pattern.flags);
    const cached = bySource.get(pattern.source);
    if (cached !== undefined) {
      this.counts.hits += 1;
      return cached;
    }
    const compiled = compilePattern(pattern);
    this.counts.misses += 1;
    if (this.#size >= MAX_PATTERNS) this.#dropAll();
    this.#bySource(pattern.flags).set(pattern.source, compiled);
    this.#size += 1;
    return compiled;
  }

  #bySource(flags: string): Map<string, CompiledPattern> {
    let bySource = this.#byFlags.get(flags);
    if (bySource === undefined) {
      bySource = new Map();
      this.#byFlags.set(flags, bySource);
    }
    return bySource;
  }

  /** Only many reloads with ever new patterns get here; snapshots keep what they use. */
  #dropAll(): void {
    this.#byFlags.clear();
    this.#size = 0;
  }
}

/** Keeps nothing: a pattern is compiled for each match. The cache as a part that is off. */
export class UncachedPatterns implements PatternSource {
  readonly counts: HitCounter = new HitCounter();

  get({ source, flags }: Pattern): CompiledPattern {
    this.counts.misses += 1;
    return {
      kind: 'regexp',
      regexp: new RegExp(source, flags),
      test: (subject) => new RegExp(source, flags).test(subject),
    };
  }
}
