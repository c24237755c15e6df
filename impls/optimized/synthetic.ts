/**
 * Answers that the proxy makes by itself: refusals, failures, drops. Constant ones are made once.
 * Whether the connection then lingers is for the client connection to do.
 */
import { STATUS_CODES } from 'node:http';
import type { DropResponse } from '../policy/policy.ts';

/** What a request is answered that is dropped by default. */
export const DEFAULT_DROP: DropResponse = { statusCode: 403, body: '', headers: {} };

const prepared = new Map<number, Buffer>();

/** An error answer with a one-line body (none to HEAD). */
export function errorAnswer(status: number, close: boolean, toHead: boolean): Buffer {
  const key = status * 4 + (close ? 2 : 0) + (toHead ? 1 : 0);
  let answer = prepared.get(key);
  if (answer === undefined) {
    const reason = STATUS_CODES[status] ?? 'Error';
    answer = makeAnswer(status, `${reason}\n`, 'Content-Type: text/plain\r\n', close, toHead);
    prepared.set(key, answer);
  }
  return answer;
}

/** What OPTIONS is answered by who is not allowed to send it on (RFC 9110 9.3.7). */
export function optionsAnswer(close: boolean): Buffer {
  return makeAnswer(200, '', '', close, false);
}

/** The answer of a drop rule. */
export function dropAnswer(response: DropResponse, close: boolean, toHead: boolean): Buffer {
  const { statusCode, body, headers } = response;
  let fields = '';
  for (const [name, value] of Object.entries(headers)) fields += `${name}: ${value}\r\n`;
  return makeAnswer(statusCode, body, fields, close, toHead);
}

/** Any answer of the proxy's own. `fields` are whole lines, each with its CRLF, in latin-1. */
function makeAnswer(
  status: number,
  body: string,
  fields: string,
  close: boolean,
  toHead: boolean,
): Buffer {
  const bodyBytes = Buffer.from(body, 'utf8');
  const bodiless = status === 204 || status === 304;
  const length = bodiless ? '' : `Content-Length: ${bodyBytes.length}\r\n`;
  const head =
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${fields}${length}` +
    `${close ? 'Connection: close\r\n' : ''}\r\n`;
  const headBytes = Buffer.from(head, 'latin1');
  return toHead || bodiless ? headBytes : Buffer.concat([headBytes, bodyBytes]);
}

/** The bytes of an answer's body, as it was made here. */
export function sentBodyBytes(answer: Buffer): number {
  return answer.length - answer.indexOf('\r\n\r\n') - 4;
}
