/**
 * The complete answers of a scenario, prepared beforehand and found by the bytes of `METHOD SP
 * target` without making a string. It deliberately looks at no field: in every scenario method and
 * target alone decide the answer.
 */
import { Buffer } from 'node:buffer';
import type { Traffic } from '../scenarios/exchange.ts';
import { encodeAnswer } from '../scenarios/exchange.ts';

/** What the origin knows of one method and target. */
export interface OriginEntry {
  /** `METHOD SP target`. */
  readonly key: Buffer;
  /** Head and body, as written to the socket. */
  readonly answer: Buffer;
  /** The body that the request must carry. */
  readonly requestBody: Buffer;
}

/** An open-addressing table; {@link buildOriginTable} makes one. */
export interface OriginTable {
  readonly slots: readonly (OriginEntry | undefined)[];
  /** Number of slots less one; a power of two less one. */
  readonly mask: number;
}

/** Throws if two exchanges of the same method and target have different answers. */
export function buildOriginTable(traffic: Traffic): OriginTable {
  const answers = new Map<string, Traffic['exchanges'][number]>();
  for (const exchange of traffic.exchanges) {
    const key = `${exchange.method} ${exchange.target}`;
    const known = answers.get(key);
    if (known === undefined) answers.set(key, exchange);
    else if (known.answer !== exchange.answer || !known.requestBody.equals(exchange.requestBody))
      throw new Error(`the scenario answers ${key} in two ways`);
  }
  const size = 2 ** Math.ceil(Math.log2(answers.size * 4));
  const slots: (OriginEntry | undefined)[] = new Array(size).fill(undefined);
  for (const [text, exchange] of answers) {
    const key = Buffer.from(text, 'latin1');
    let slot = hash(key, 0, key.length) & (size - 1);
    while (slots[slot] !== undefined) slot = (slot + 1) & (size - 1);
    const { answer, requestBody } = exchange;
    slots[slot] = { key, answer: encodeAnswer(answer), requestBody };
  }
  return { slots, mask: size - 1 };
}

/** The entry whose key is `bytes[start, end)`, or undefined. */
export function findEntry(
  table: OriginTable,
  bytes: Uint8Array,
  start: number,
  end: number,
): OriginEntry | undefined {
  const { slots, mask } = table;
  let slot = hash(bytes, start, end) & mask;
  for (;;) {
    const entry = slots[slot];
    if (entry === undefined || isSame(entry.key, bytes, start, end)) return entry;
    slot = (slot + 1) & mask;
  }
}

/** FNV-1a. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let sum = 0x811c9dc5;
  for (let at = start; at < end; at++) sum = Math.imul(sum ^ (bytes[at] ?? 0), 0x01000193);
  return sum ^ (sum >>> 15);
}

function isSame(key: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (key.length !== length) return false;
  for (let i = 0; i < length; i++) if (key[i] !== bytes[start + i]) return false;
  return true;
}
