/**
 * One exchange as bytes: the request a client writes, the answer an origin gives, and the bodies of
 * both. It deliberately does not decide which exchanges there are.
 */
import { Buffer } from 'node:buffer';
import { STATUS_CODES } from 'node:http';
import { createRandom } from '../model/random.ts';
import type { Field, Scenario, TrafficConditions } from '../model/scenario.ts';
import { MAX_BODY_BYTES } from '../model/scenario.ts';

/** Requests in one pass through the order; it is cyclic. */
export const ORDER_LENGTH = 65_536;

/** What a driver sends and what it must get back. */
export interface Traffic {
  /**
   * Distinct pairs of a request and its answer; `exchanges[i].id` is `i`. Several may have the same
   * method and target (asked for by different clients): they have the same answer then, or a variant
   * by which the origin tells them apart.
   */
  readonly exchanges: readonly Exchange[];
  /**
   * Indices of exchanges in the order to be sent, cyclic: {@link ORDER_LENGTH} long, or as long as a
   * recording.
   */
  readonly order: Uint32Array;
  /** What is not as usual around it; the scenario's. */
  readonly conditions?: TrafficConditions;
  /** What every connection begins with, before the first exchange; missing: nothing. */
  readonly opening?: Opening;
}

/** What a connection begins with, and the answer that makes it ready for exchanges. */
export interface Opening {
  readonly method: string;
  readonly target: string;
  readonly requestBytes: Buffer;
  /** What comes back, up to and with the empty line, has this status and these fields. */
  readonly status: number;
  readonly fields: readonly Field[];
}

/** One request and its one answer. */
export interface Exchange {
  readonly id: number;
  readonly method: string;
  readonly target: string;
  /** The name of the header set, for reports. */
  readonly client: string;
  /** The complete HTTP/1.1 message as the client writes it, body included; keep-alive. */
  readonly requestBytes: Buffer;
  /** The body at the end of `requestBytes`; empty if there is none. */
  readonly requestBody: Buffer;
  readonly answer: Answer;
  /**
   * Which of several answers to the same method and target it gets; its request says so in
   * {@link VARIANT_FIELD}. Missing where there is one answer.
   */
  readonly variant?: number;
  /** `raw`: what comes back is the answer's body and nothing else. Missing: an HTTP message. */
  readonly framing?: 'raw';
}

/** The field by which a request asks for one of several recorded answers. */
export const VARIANT_FIELD = 'X-Recorded-Answer';

/** What the origin answers. Identical objects for identical method and target. */
export interface Answer {
  readonly status: number;
  readonly reason: string;
  /** All fields, framing included, in order. */
  readonly fields: readonly Field[];
  /** Empty for HEAD, 204 and 304, whatever Content-Length says. A view of a shared buffer. */
  readonly body: Buffer;
}

/** A complete request message, closing the connection if the scenario says so. An empty body gives no Content-Length. */
export function encodeRequest(
  method: string,
  target: string,
  { host, conditions }: Pick<Scenario, 'host' | 'conditions'>,
  fields: readonly Field[],
  body: Buffer,
): Pick<Exchange, 'requestBytes' | 'requestBody'> {
  let head = `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n`;
  for (const [name, value] of fields) head += `${name}: ${value}\r\n`;
  if (body.length > 0) head += `Content-Length: ${body.length}\r\n`;
  if (conditions?.connections === 'one-each') head += 'Connection: close\r\n';
  head += '\r\n';
  const requestBytes = Buffer.allocUnsafe(head.length + body.length);
  requestBytes.write(head, 0, 'latin1');
  body.copy(requestBytes, head.length);
  return { requestBytes, requestBody: requestBytes.subarray(head.length) };
}

/**
 * An answer with its framing field: Content-Length everywhere but on 204 and 304 (RFC 9110 8.6),
 * where and on HEAD the body is left out.
 */
export function makeAnswer(
  method: string,
  status: number,
  fields: readonly Field[],
  body: Buffer,
): Answer {
  const bare = status === 204 || status === 304;
  return {
    status,
    reason: STATUS_CODES[status] ?? 'Unknown',
    fields: bare ? fields : [...fields, ['Content-Length', String(body.length)]],
    body: bare || method === 'HEAD' ? body.subarray(0, 0) : body,
  };
}

/** An answer as the origin writes it. */
export function encodeAnswer(answer: Answer): Buffer {
  return Buffer.concat([encodeAnswerHead(answer), answer.body]);
}

/** The same up to the body. */
export function encodeAnswerHead(answer: Answer): Buffer {
  let head = `HTTP/1.1 ${answer.status} ${answer.reason}\r\n`;
  for (const [name, value] of answer.fields) head += `${name}: ${value}\r\n`;
  return Buffer.from(`${head}\r\n`, 'latin1');
}

/** Gives the body of the target with a number: a view of one shared buffer, never to be written. */
export type BodySource = (target: number, bytes: number) => Buffer;

/**
 * Letters drawn from the seed, 128 KB of them; each target's body begins at its own place, so that a
 * body swapped for another target's, shifted or cut is seen, and 1,500 bodies cost no memory. Bodies
 * of more than 64 KB, up to `mostBytes`, cost as much again once.
 */
export function bodySource(seed: number, mostBytes: number = MAX_BODY_BYTES): BodySource {
  const random = createRandom(seed ^ 0x0b0d1e5);
  const letters = Buffer.allocUnsafeSlow(
    MAX_BODY_BYTES + Math.max(MAX_BODY_BYTES, Math.ceil(mostBytes / 4) * 4),
  );
  for (let at = 0; at < letters.length; at += 4) {
    const word = random.uint32();
    letters[at] = letterOf(word);
    letters[at + 1] = letterOf(word >>> 8);
    letters[at + 2] = letterOf(word >>> 16);
    letters[at + 3] = letterOf(word >>> 24);
  }
  return (target, bytes) => {
    // 40,503 is odd, so the first 65,536 targets all begin at different places.
    const start = Math.imul(target, 40_503) & (MAX_BODY_BYTES - 1);
    return letters.subarray(start, start + bytes);
  };
}

/** One of 64 printable characters. */
function letterOf(word: number): number {
  const six = word & 63;
  return six < 2 ? 32 + six * 14 : six < 12 ? 46 + six : six < 38 ? 53 + six : 59 + six;
}
