/**
 * Answers that the proxy makes by itself, and the one way in which any answer is written to a
 * `node:http` response. Says nothing about when a connection closes: `client-connection.ts` does.
 */
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Field } from './fields.ts';

/** Why a message is not served: the answer's status, the kind it is counted under, a line of text. */
export interface Refusal {
  readonly statusCode: number;
  readonly kind: string;
  readonly message: string;
}

/** An answer ready to be written. */
export interface Answer {
  readonly statusCode: number;
  /** The reason phrase; the standard one if it is left out or cannot be sent. */
  readonly reason?: string;
  readonly fields: readonly Field[];
  /** Null for an answer without a body, whatever its fields say. */
  readonly body: Buffer | null;
  /** Sent after a chunked body. */
  readonly trailers?: readonly Field[];
}

/** The answer that says a refusal. HEAD gets its fields alone. */
export function refusalAnswer(refusal: Refusal, method: string): Answer {
  const body = Buffer.from(`${refusal.message}\n`, 'latin1');
  return {
    statusCode: refusal.statusCode,
    fields: [
      ['Content-Type', 'text/plain; charset=utf-8'],
      ['Content-Length', String(body.length)],
    ],
    body: method === 'HEAD' ? null : body,
  };
}

/** Writes an answer through `node:http`; with `close`, the connection ends after it. */
export function writeAnswer(response: ServerResponse, answer: Answer, close: boolean): void {
  response.sendDate = false;
  const fields = answer.fields.flat();
  if (close) fields.push('Connection', 'close');
  response.writeHead(answer.statusCode, reasonOf(answer), fields);
  if (answer.trailers !== undefined && answer.trailers.length > 0) {
    response.addTrailers(answer.trailers.map(([name, value]): [string, string] => [name, value]));
  }
  if (answer.body === null) response.end();
  else response.end(answer.body);
}

/** The same bytes for a socket that no response object stands for; the connection ends after it. */
export function closingAnswerBytes(answer: Answer): Buffer {
  const fields = [...answer.fields, ['Connection', 'close'] as const];
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const head = `HTTP/1.1 ${answer.statusCode} ${reasonOf(answer)}\r\n${lines}\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), answer.body ?? Buffer.alloc(0)]);
}

function reasonOf(answer: Answer): string {
  if (answer.reason !== undefined && /^[\t\x20-\x7e\x80-\xff]*$/.test(answer.reason)) {
    return answer.reason;
  }
  return STATUS_CODES[answer.statusCode] ?? '';
}
