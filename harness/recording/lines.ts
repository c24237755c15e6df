/** The lines of a stream of bytes, in little memory however long they are. */
import { Buffer } from 'node:buffer';

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Without its end; of a line that is too long, its beginning. */
  readonly text: string;
  readonly tooLong: boolean;
}

/** Longer lines are no request's. */
export const MOST_LINE_BYTES = 65_536;

/** Reads lines, empty ones left out. */
export async function* readLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let number = 0;
  let held: Buffer[] = [];
  let bytes = 0;
  const add = (part: Buffer): void => {
    if (bytes < MOST_LINE_BYTES) held.push(part.subarray(0, MOST_LINE_BYTES - bytes));
    bytes += part.length;
  };
  const take = (): Line | null => {
    number += 1;
    const text = Buffer.concat(held).toString('utf8').replace(/\r$/, '');
    const line = { number, text, tooLong: bytes > MOST_LINE_BYTES };
    held = [];
    bytes = 0;
    return text.trim() === '' ? null : line;
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      add(chunk.subarray(from, end));
      from = end + 1;
      const line = take();
      if (line !== null) yield line;
    }
    add(Buffer.from(chunk.subarray(from)));
  }
  if (bytes > 0) {
    const line = take();
    if (line !== null) yield line;
  }
}
