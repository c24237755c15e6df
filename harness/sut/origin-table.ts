/**
 * The complete answers of a scenario, prepared beforehand and found by the bytes of `METHOD SP
 * target` without making a string. It looks at no field: method and target decide the answer, but
 * where a recording has several answers to them, of which the request names one.
 */
import { Buffer } from 'node:buffer';
import type { Traffic } from '../scenarios/exchange.ts';
import { type Exchange, encodeAnswer, encodeAnswerHead } from '../scenarios/exchange.ts';

/** What the origin knows of one method and target. */
export interface OriginEntry {
  /** `METHOD SP target`. */
  readonly key: Buffer;
  /** Head and body as written to the socket; of a large one the head alone. */
  readonly answer: Buffer;
  /** The body of a large answer, shared by all that have it; null for any other. */
  readonly largeBody: Buffer | null;
  /** The body that the request must carry. */
  readonly requestBody: Buffer;
  /** The answers among which the request's own number chooses, or null: this is the only one. */
  readonly variants: readonly OriginEntry[] | null;
}

/** A body larger than this is not copied into its answer. */
const MOST_COPIED_BYTES = 65_536;

/** An open-addressing table; {@link buildOriginTable} makes one. */
export interface OriginTable {
  readonly slots: readonly (OriginEntry | undefined)[];
  /** Number of slots less one; a power of two less one. */
  readonly mask: number;
}

/** Throws if two exchanges of the same method, target and variant have different answers. */
export function buildOriginTable(traffic: Traffic): OriginTable {
  const messages = traffic.exchanges.filter(({ framing }) => framing === undefined);
  const groups = Map.groupBy(messages, ({ method, target }) => `${method} ${target}`);
  const size = 2 ** Math.ceil(Math.log2(Math.max(1, groups.size) * 4));
  const slots: (OriginEntry | undefined)[] = new Array(size).fill(undefined);
  for (const [text, exchanges] of groups) {
    const entry = entryOf(text, exchanges);
    let slot = hash(entry.key, 0, entry.key.length) & (size - 1);
    while (slots[slot] !== undefined) slot = (slot + 1) & (size - 1);
    slots[slot] = entry;
  }
  return { slots, mask: size - 1 };
}

function entryOf(text: string, exchanges: readonly Exchange[]): OriginEntry {
  const key = Buffer.from(text, 'latin1');
  const byVariant: OriginEntry[] = [];
  const first = new Map<number, Exchange>();
  for (const exchange of exchanges) {
    const variant = exchange.variant ?? 0;
    const known = first.get(variant);
    if (known === undefined) {
      first.set(variant, exchange);
      byVariant[variant] = single(key, exchange);
    } else if (
      known.answer !== exchange.answer ||
      !known.requestBody.equals(exchange.requestBody)
    ) {
      throw new Error(`the scenario answers ${text} in two ways`);
    }
  }
  const [only] = byVariant;
  if (only === undefined) throw new Error(`the scenario has no first answer to ${text}`);
  return byVariant.length === 1 ? only : { ...only, variants: byVariant };
}

function single(key: Buffer, { answer, requestBody }: Exchange): OriginEntry {
  const large = answer.body.length > MOST_COPIED_BYTES;
  return {
    key,
    answer: large ? encodeAnswerHead(answer) : encodeAnswer(answer),
    largeBody: large ? answer.body : null,
    requestBody,
    variants: null,
  };
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
