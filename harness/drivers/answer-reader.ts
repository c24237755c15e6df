/**
 * Reads answers off one connection and checks each against what must come: status, length and
 * every byte of the body. It frames as leniently as the messages allow (its own cost is part of
 * what is measured, and conformance is checked elsewhere), but no wrong byte passes.
 */
import type { Buffer } from 'node:buffer';

/** One request as bytes, and the answer that must come back. */
export interface LoadExchange {
  readonly method: string;
  readonly target: string;
  readonly requestBytes: Buffer;
  readonly answer: { readonly status: number; readonly body: Buffer };
  /** `raw`: the answer is its body alone, no HTTP message. */
  readonly framing?: 'raw';
}

/** How an answer was wrong. */
export type WrongAnswerKind =
  | 'malformed'
  | 'wrong-status'
  | 'wrong-length'
  | 'wrong-body'
  | 'truncated'
  | 'surplus-bytes';

/** A wrong answer: what kind, and the difference in a clause. */
export interface WrongAnswer {
  readonly kind: WrongAnswerKind;
  readonly detail: string;
}

const HEAD_END = '\r\n\r\n';
const MAX_HEAD_BYTES = 65_536;

type State = 'idle' | 'head' | 'length' | 'chunk-line' | 'chunk-data' | 'chunk-end' | 'until-close';

/**
 * A reader for a connection with at most one request under way. `expect` arms it, `push` feeds it,
 * and it is `done` when the answer is complete and right, or `wrong` is set.
 */
export class AnswerReader {
  /** Set when the current answer is wrong; the connection is of no use then. */
  wrong: WrongAnswer | null = null;
  /** True if the server said that it closes the connection after this answer. */
  closing = false;
  /** Body bytes of the current answer so far. */
  bodyBytes = 0;
  /** True if any byte of the current answer has come. */
  started = false;
  #state: State = 'idle';
  #exchange: LoadExchange | null = null;
  #remaining = 0;
  /** An incomplete head or chunk line. */
  #partial = '';

  /** Awaits the answer to this exchange. */
  expect(exchange: LoadExchange): void {
    this.#exchange = exchange;
    this.wrong = null;
    this.#state = 'head';
    if (exchange.framing === 'raw') {
      this.#state = 'length';
      this.#remaining = exchange.answer.body.length;
    }
    this.#partial = '';
    this.bodyBytes = 0;
    this.started = false;
  }

  /** True when no answer is awaited. */
  get idle(): boolean {
    return this.#state === 'idle';
  }

  /** Takes bytes `from` to `to` of a buffer. Returns true when the answer is complete. */
  push(buffer: Buffer, from: number, to: number): boolean {
    let at = from;
    while (at < to && this.wrong === null) {
      switch (this.#state) {
        case 'idle':
          return this.#fail('surplus-bytes', `${to - at} bytes after the answer`);
        case 'head':
          at = this.#readHead(buffer, at, to);
          break;
        case 'length':
        case 'chunk-data':
          at = this.#readBody(buffer, at, Math.min(to, at + this.#remaining));
          break;
        case 'until-close':
          at = this.#readBody(buffer, at, to);
          break;
        case 'chunk-line':
          at = this.#readLine(buffer, at, to, (line) => this.#chunkLine(line));
          break;
        case 'chunk-end':
          at = this.#readLine(buffer, at, to, (line) => this.#chunkEnd(line));
          break;
      }
    }
    return this.#state === 'idle' && this.wrong === null;
  }

  /** The connection has ended. Returns true if that completes the answer. */
  end(): boolean {
    if (this.#state === 'until-close') return this.#complete();
    if (this.#state !== 'idle' && this.started) {
      this.#fail('truncated', `the connection ended after ${this.bodyBytes} body bytes`);
    }
    return false;
  }

  #readHead(buffer: Buffer, from: number, to: number): number {
    this.started = true;
    let head: string;
    let bodyStart: number;
    if (this.#partial === '') {
      const end = buffer.indexOf(HEAD_END, from, 'latin1');
      if (end === -1 || end + 4 > to) {
        this.#partial = latin1(buffer, from, to);
        return to;
      }
      head = latin1(buffer, from, end + 2);
      bodyStart = end + 4;
    } else {
      const known = this.#partial.length;
      const text = this.#partial + latin1(buffer, from, to);
      const end = text.indexOf(HEAD_END);
      if (end === -1) {
        this.#partial = text;
        if (text.length > MAX_HEAD_BYTES) this.#fail('malformed', 'a head of more than 64 KB');
        return to;
      }
      head = text.slice(0, end + 2);
      bodyStart = from + end + 4 - known;
      this.#partial = '';
    }
    this.#interpretHead(head);
    return bodyStart;
  }

  #interpretHead(head: string): void {
    const exchange = this.#exchange;
    if (exchange === null) return;
    const status =
      (head.charCodeAt(9) - 48) * 100 + (head.charCodeAt(10) - 48) * 10 + head.charCodeAt(11) - 48;
    if (!head.startsWith('HTTP/1.') || !(status >= 100 && status <= 599)) {
      this.#fail('malformed', `not a status line: ${JSON.stringify(head.slice(0, 40))}`);
      return;
    }
    if (status < 200) {
      this.#state = 'head';
      return;
    }
    const expected = exchange.answer;
    if (status !== expected.status) {
      this.#fail('wrong-status', `${status} instead of ${expected.status}`);
      return;
    }
    this.closing = /\r\nconnection:[ \t]*close/i.test(head);
    if (exchange.method === 'HEAD' || status === 204 || status === 304) {
      this.#complete();
      return;
    }
    const length = /\r\ncontent-length:[ \t]*(\d+)/i.exec(head);
    if (length !== null) {
      this.#remaining = Number(length[1]);
      if (this.#remaining !== expected.body.length) {
        this.#fail(
          'wrong-length',
          `Content-Length ${this.#remaining} instead of ${expected.body.length}`,
        );
      } else if (this.#remaining === 0) this.#complete();
      else this.#state = 'length';
    } else if (/\r\ntransfer-encoding:[ \t]*chunked/i.test(head)) {
      this.#state = 'chunk-line';
    } else {
      this.#state = 'until-close';
      this.closing = true;
    }
  }

  #readBody(buffer: Buffer, from: number, to: number): number {
    const expected = this.#exchange?.answer.body;
    if (expected === undefined) return to;
    const count = to - from;
    const offset = this.bodyBytes;
    if (offset + count > expected.length) {
      this.#fail('wrong-length', `more than ${expected.length} body bytes`);
      return to;
    }
    if (buffer.compare(expected, offset, offset + count, from, to) !== 0) {
      let at = 0;
      while (buffer[from + at] === expected[offset + at]) at += 1;
      this.#fail(
        'wrong-body',
        `byte ${offset + at} of ${expected.length} is 0x${hex(buffer[from + at])} instead of 0x${hex(expected[offset + at])}`,
      );
      return to;
    }
    this.bodyBytes = offset + count;
    this.#remaining -= count;
    if (this.#state === 'length' && this.#remaining === 0) this.#complete();
    else if (this.#state === 'chunk-data' && this.#remaining === 0) this.#state = 'chunk-end';
    return to;
  }

  #readLine(buffer: Buffer, from: number, to: number, take: (line: string) => void): number {
    const end = buffer.indexOf(10, from);
    if (end === -1 || end >= to) {
      this.#partial += latin1(buffer, from, to);
      if (this.#partial.length > MAX_HEAD_BYTES) this.#fail('malformed', 'a line of over 64 KB');
      return to;
    }
    const line = this.#partial + latin1(buffer, from, end);
    this.#partial = '';
    take(line.endsWith('\r') ? line.slice(0, -1) : line);
    return end + 1;
  }

  #chunkLine(line: string): void {
    const size = /^[0-9a-fA-F]{1,8}(?=;|$)/.exec(line);
    if (size === null) {
      this.#fail('malformed', `not a chunk size: ${JSON.stringify(line.slice(0, 40))}`);
      return;
    }
    this.#remaining = Number.parseInt(size[0], 16);
    this.#state = this.#remaining === 0 ? 'chunk-end' : 'chunk-data';
    if (this.#remaining === 0) this.#remaining = -1;
  }

  /** The line end after a chunk's data, or, after the last chunk, a trailer or the final line. */
  #chunkEnd(line: string): void {
    if (this.#remaining !== -1) {
      if (line === '') this.#state = 'chunk-line';
      else this.#fail('malformed', 'a chunk longer than its size');
    } else if (line === '') {
      const expected = this.#exchange?.answer.body.length ?? 0;
      if (this.bodyBytes === expected) this.#complete();
      else this.#fail('wrong-length', `${this.bodyBytes} body bytes instead of ${expected}`);
    }
  }

  #complete(): boolean {
    const expected = this.#exchange?.answer.body.length ?? 0;
    if (this.#state === 'until-close' && this.bodyBytes !== expected) {
      return this.#fail('wrong-length', `${this.bodyBytes} body bytes instead of ${expected}`);
    }
    this.#state = 'idle';
    return true;
  }

  #fail(kind: WrongAnswerKind, detail: string): false {
    this.wrong = { kind, detail };
    this.#state = 'idle';
    return false;
  }
}

function latin1(buffer: Buffer, from: number, to: number): string {
  return buffer.toString('latin1', from, to);
}

function hex(byte: number | undefined): string {
  return (byte ?? 0).toString(16).padStart(2, '0');
}
