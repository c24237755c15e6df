/** What a command writes to its output: the end of it is kept, the rest only counted. */
import type { Readable } from 'node:stream';

const KEPT_CHARACTERS = 4096;

/** Reads everything, so that a command is never held up by a full pipe, and keeps little. */
export class CommandOutput {
  #tail = '';
  #bytes = 0;

  /** Begins to read a stream. */
  watch(stream: Readable): void {
    stream.on('data', (chunk: Buffer) => {
      this.#bytes += chunk.length;
      // Of a flood only the last bytes are turned into text.
      const text = chunk.subarray(-KEPT_CHARACTERS).toString('utf8');
      this.#tail = (this.#tail + text).slice(-KEPT_CHARACTERS);
    });
    stream.on('error', () => {});
  }

  /** The last few thousand characters, of all streams in the order in which they came. */
  get tail(): string {
    return this.#tail;
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#bytes;
  }
}
