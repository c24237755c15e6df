/**
 * Reads a request's body off the bytes that follow its head, by Content-Length or chunked, and
 * compares it with the body that was sent, byte for byte. It deliberately keeps no copy.
 */
import type { Buffer } from 'node:buffer';
import type { HeadScan } from './origin-head.ts';

/** A body being read. */
export interface BodyReader {
  /**
   * Consumes what belongs to the body from `bytes[at...]` and returns the index after it;
   * {@link done} or {@link broken} tell whether that was its end.
   */
  read(bytes: Buffer, at: number): number;
  readonly done: boolean;
  /** Chunked framing that cannot be followed any further. */
  readonly broken: boolean;
  /** Whether what has been read is exactly the expected body. Meaningful once `done`. */
  readonly matches: boolean;
}

/** A reader for the body that a head announced. */
export function bodyReader(scan: HeadScan, expected: Buffer): BodyReader {
  const reader = {
    done: false,
    broken: false,
    matches: true,
    read: (bytes: Buffer, at: number): number => (chunked ? readChunked : readPlain)(bytes, at),
  };
  const chunked = scan.chunked;
  let left = scan.contentLength;
  let seen = 0;
  /** Where in the chunked coding: a size line, data, the CRLF after data, a trailer line. */
  let state: 'size' | 'data' | 'data-end' | 'trailer' = 'size';
  let line = '';

  function take(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + left);
    const size = end - at;
    const same =
      seen + size <= expected.length && bytes.compare(expected, seen, seen + size, at, end) === 0;
    if (!same) reader.matches = false;
    seen += size;
    left -= size;
    return end;
  }

  function finish(): void {
    reader.done = true;
    if (seen !== expected.length) reader.matches = false;
  }

  function readPlain(bytes: Buffer, start: number): number {
    const at = take(bytes, start);
    if (left === 0) finish();
    return at;
  }

  function readChunked(bytes: Buffer, start: number): number {
    let at = start;
    while (at < bytes.length && !reader.done && !reader.broken) {
      if (state === 'data') {
        at = take(bytes, at);
        if (left === 0) state = 'data-end';
        continue;
      }
      const end = bytes.indexOf(10, at);
      line += bytes.toString('latin1', at, end === -1 ? bytes.length : end + 1);
      if (line.length > 16_384) reader.broken = true;
      if (end === -1) return bytes.length;
      at = end + 1;
      endOfLine(line);
      line = '';
    }
    return at;
  }

  function endOfLine(text: string): void {
    if (!text.endsWith('\r\n')) reader.broken = true;
    else if (state === 'data-end') {
      if (text.length === 2) state = 'size';
      else reader.broken = true;
    } else if (state === 'trailer') {
      if (text.length === 2) finish();
    } else {
      const size = /^([0-9a-fA-F]{1,12})[ \t]*(?:;|\r)/.exec(text)?.[1];
      if (size === undefined) reader.broken = true;
      else {
        left = Number.parseInt(size, 16);
        state = left === 0 ? 'trailer' : 'data';
      }
    }
  }
  return reader;
}
