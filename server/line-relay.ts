/**
 * Several streams of log lines into one: only whole lines, each from one stream. While the one does
 * not take more, the others are not read, so that nothing piles up here.
 */
import type { Readable, Writable } from 'node:stream';

const LINE_FEED = 10;

export class LineRelay {
  readonly #out: Writable;
  readonly #sources = new Set<Readable>();

  constructor(out: Writable) {
    this.#out = out;
    out.on('drain', () => {
      for (const source of this.#sources) source.resume();
    });
  }

  /** Passes on what comes until its end; the rest of a line that was never ended goes with a line feed. */
  add(source: Readable): void {
    let begun: Buffer[] = [];
    this.#sources.add(source);
    source.on('data', (bytes: Buffer) => {
      const end = bytes.lastIndexOf(LINE_FEED) + 1;
      if (end === 0) {
        begun.push(bytes);
        return;
      }
      const lines = Buffer.concat([...begun, bytes.subarray(0, end)]);
      begun = end === bytes.length ? [] : [bytes.subarray(end)];
      this.#pass(lines);
    });
    source.once('close', () => {
      this.#sources.delete(source);
      if (begun.length > 0) this.#pass(Buffer.concat([...begun, Buffer.of(LINE_FEED)]));
    });
  }

  #pass(lines: Buffer): void {
    if (this.#out.write(lines)) return;
    for (const source of this.#sources) source.pause();
  }
}
