/**
 * The queue before the log sink. The trick: lines are encoded into a large buffer as they come, so
 * that the sink gets few big writes and no line is an object that waits. Bounded in bytes; what
 * does not fit is counted and forgotten, so a slow sink costs lines and never requests. One write
 * is under way at a time, and its buffer is used again when it is done.
 */
import type { LogSink } from '../contract.ts';

const BATCH_BYTES = 64 * 1024;
/** A batch this full is written without waiting for more. */
const WRITE_AT_BYTES = 32 * 1024;
const WRITE_AFTER_MS = 10;
/** UTF-8 bytes of one UTF-16 unit, at most. */
const MAX_BYTES_A_CHARACTER = 3;

interface Batch {
  readonly bytes: Buffer;
  length: number;
  lines: number;
}

export class LogWriter {
  written = 0;
  dropped = 0;
  readonly #sink: LogSink;
  #maxBytes: number;
  #filling: Batch | null = null;
  #spare: Batch | null = null;
  readonly #full: Batch[] = [];
  /** Bytes that wait or are being written. */
  #bytes = 0;
  #writing = false;
  #timer: NodeJS.Timeout | undefined;
  #onIdle: (() => void) | null = null;

  constructor(sink: LogSink, maxBytes: number) {
    this.#sink = sink;
    this.#maxBytes = maxBytes;
  }

  setLimit(maxBytes: number): void {
    this.#maxBytes = maxBytes;
  }

  /** Queues one line, which ends in a line feed. Drops and counts it if the queue is full. */
  add(line: string): void {
    if (this.#bytes + line.length > this.#maxBytes) {
      this.dropped += 1;
      return;
    }
    const batch = this.#batchWithRoom(line.length * MAX_BYTES_A_CHARACTER);
    const length = batch.bytes.write(line, batch.length);
    batch.length += length;
    batch.lines += 1;
    this.#bytes += length;
    if (batch.length >= WRITE_AT_BYTES && !this.#writing) this.#write();
    else if (this.#timer === undefined) {
      this.#timer = setTimeout(() => this.#write(), WRITE_AFTER_MS).unref();
    }
  }

  /** Hands over what waits and resolves when the sink has it all, or after `deadlineMs`. */
  async close(deadlineMs: number): Promise<void> {
    this.#write();
    if (!this.#writing) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, deadlineMs);
      this.#onIdle = resolve;
    });
    clearTimeout(timer);
  }

  #batchWithRoom(bytes: number): Batch {
    const filling = this.#filling;
    if (filling !== null && filling.bytes.length - filling.length >= bytes) return filling;
    if (filling !== null) this.#full.push(filling);
    const spare = this.#spare;
    this.#spare = null;
    const batch =
      spare !== null && spare.bytes.length >= bytes
        ? spare
        : { bytes: Buffer.allocUnsafeSlow(Math.max(BATCH_BYTES, bytes)), length: 0, lines: 0 };
    this.#filling = batch;
    return batch;
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (!this.#writing) {
      const batch = this.#next();
      if (batch === null) {
        this.#onIdle?.();
        return;
      }
      this.#writing = true;
      this.#hand(batch);
    }
  }

  #next(): Batch | null {
    const first = this.#full.shift();
    if (first !== undefined) return first;
    const filling = this.#filling;
    this.#filling = null;
    return filling;
  }

  #hand(batch: Batch): void {
    let isDone = false;
    let isSync = true;
    this.written += batch.lines;
    const done = (): void => {
      if (isDone) return;
      isDone = true;
      this.#bytes -= batch.length;
      batch.length = 0;
      batch.lines = 0;
      if (batch.bytes.length === BATCH_BYTES) this.#spare = batch;
      this.#writing = false;
      if (!isSync) this.#write();
    };
    try {
      this.#sink.write(batch.bytes.subarray(0, batch.length), done);
    } catch {
      done();
    }
    isSync = false;
  }
}
