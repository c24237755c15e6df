/**
 * Notes when this process collected garbage and for how long, so that the harness knows in which
 * wave a collection fell. What it costs is an entry a collection.
 */
import { type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { toMonotonicMs } from './monotonic.ts';

/** One collection. */
export interface Collection {
  /** On the clock that all processes share: `monotonic.ts`. Milliseconds. */
  readonly endedAtMs: number;
  /** For how long it held up everything else, milliseconds. */
  readonly ms: number;
}

/** Notes from its creation on. */
export class CollectionLog {
  readonly #observer: PerformanceObserver;
  #noted: Collection[] = [];

  constructor() {
    this.#observer = new PerformanceObserver((list) => this.#note(list.getEntries()));
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  /** The collections since the last call, in the order in which they ended. */
  take(): readonly Collection[] {
    this.#note(this.#observer.takeRecords());
    const noted = this.#noted;
    this.#noted = [];
    return noted;
  }

  #note(entries: readonly PerformanceEntry[]): void {
    for (const { startTime, duration } of entries) {
      this.#noted.push({ endedAtMs: toMonotonicMs(startTime + duration), ms: duration });
    }
  }
}
