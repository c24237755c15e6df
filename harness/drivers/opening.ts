/**
 * What a connection begins with before its first exchange, such as a WebSocket handshake (RFC 6455
 * 4.1): the bytes to send, and the head that has to come back.
 */
import type { Buffer } from 'node:buffer';
import type { WrongAnswer } from './answer-reader.ts';

/** The opening of a connection. */
export interface LoadOpening {
  readonly method: string;
  readonly target: string;
  readonly requestBytes: Buffer;
  readonly status: number;
  /** Fields that the answer's head must have, names in any case, values in this one. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

const HEAD_END = '\r\n\r\n';
const MAX_HEAD_BYTES = 65_536;

/** Reads the answer to an opening, which is a head and nothing more. */
export class OpeningReader {
  readonly #opening: LoadOpening;
  #text = '';
  /** What is wrong with it; null: nothing so far. */
  wrong: WrongAnswer | null = null;

  constructor(opening: LoadOpening) {
    this.#opening = opening;
  }

  /** Takes the first bytes of a buffer. True when the answer is complete and right. */
  push(buffer: Buffer, count: number): boolean {
    this.#text += buffer.toString('latin1', 0, count);
    const end = this.#text.indexOf(HEAD_END);
    if (end === -1) {
      if (this.#text.length > MAX_HEAD_BYTES) this.wrong = malformed('a head of more than 64 KB');
      return false;
    }
    this.wrong = this.#differenceOf(this.#text.slice(0, end), this.#text.length - end - 4);
    return this.wrong === null;
  }

  #differenceOf(head: string, surplus: number): WrongAnswer | null {
    const [statusLine = '', ...lines] = head.split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1] ?? Number.NaN);
    if (status !== this.#opening.status) {
      const detail = `${JSON.stringify(statusLine.slice(0, 40))} instead of ${this.#opening.status}`;
      return { kind: 'wrong-status', detail };
    }
    const fields = new Map(
      lines.map((line) => {
        const colon = line.indexOf(':');
        return [
          line.slice(0, colon).toLowerCase(),
          line
            .slice(colon + 1)
            .trim()
            .toLowerCase(),
        ];
      }),
    );
    const missing = this.#opening.fields.find(
      ([name, value]) => fields.get(name.toLowerCase()) !== value.toLowerCase(),
    );
    if (missing !== undefined) return malformed(`no ${missing[0]}: ${missing[1]}`);
    return surplus === 0 ? null : malformed(`${surplus} bytes after the head`);
  }
}

function malformed(detail: string): WrongAnswer {
  return { kind: 'malformed', detail };
}
