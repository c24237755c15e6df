/**
 * Lines on their way to the log sink: whole lines within a bound of bytes, at most one write under
 * way. A slow sink costs lines, which are counted, and never a request.
 */
import type { LogSink } from '../contract.ts';
import type { Counters } from './counters.ts';

/** A bounded queue in front of one sink. */
export class LogQueue {
  readonly #sink: LogSink;
  readonly #counters: Counters;
  #limitBytes: number;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #writing = false;
  #idle: (() => void)[] = [];

  constructor(sink: LogSink, counters: Counters, limitBytes: number) {
    this.#sink = sink;
    this.#counters = counters;
    this.#limitBytes = limitBytes;
  }

  /** The bytes that may wait, the write under way not counted. */
  setLimit(limitBytes: number): void {
    this.#limitBytes = limitBytes;
  }

  /** Queues one line with its line feed, or counts it as dropped if it does not fit. */
  push(line: string): void {
    const bytes = Buffer.from(line, 'utf8');
    if (this.#waitingBytes + bytes.length > this.#limitBytes) {
      this.#counters.logDropped += 1;
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#writeNext();
  }

  /** Resolves when nothing waits and no write is under way, or after `withinMs`. */
  flushed(withinMs: number): Promise<void> {
    if (!this.#writing) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#idle.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #writeNext(): void {
    if (this.#writing || this.#waiting.length === 0) return;
    const lines = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#writing = true;
    this.#write(Buffer.concat(lines), (error) => {
      if (error === null) this.#counters.logWritten += lines.length;
      else this.#counters.logDropped += lines.length;
      this.#writing = false;
      this.#writeNext();
      if (!this.#writing) for (const resolve of this.#idle.splice(0)) resolve();
    });
  }

  /** A sink that throws has failed to write; it is told from one that throws after `done`. */
  #write(bytes: Buffer, done: (error: Error | null) => void): void {
    let called = false;
    const once = (error: Error | null): void => {
      if (called) return;
      called = true;
      done(error);
    };
    try {
      this.#sink.write(bytes, once);
    } catch (error) {
      once(error instanceof Error ? error : new Error('the log sink threw', { cause: error }));
    }
  }
}
