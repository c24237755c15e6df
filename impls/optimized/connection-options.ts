/**
 * The options of a Connection field, or any other comma-separated list of tokens, looked at in
 * place. The usual values (`close`, `keep-alive`) are told apart without a string.
 */
import { COMMA, HTAB, SP } from './byte-classes.ts';
import { equalsIgnoringCase } from './known-fields.ts';

/** The options that are looked for. */
export type Option =
  | 'close'
  | 'keep-alive'
  | 'upgrade'
  | 'te'
  | 'trailers'
  | 'h2c'
  | 'http2-settings';

const NAMES: Readonly<Record<Option, Buffer>> = {
  close: Buffer.from('close'),
  'keep-alive': Buffer.from('keep-alive'),
  upgrade: Buffer.from('upgrade'),
  te: Buffer.from('te'),
  trailers: Buffer.from('trailers'),
  h2c: Buffer.from('h2c'),
  'http2-settings': Buffer.from('http2-settings'),
};

const USUAL = [NAMES['keep-alive'], NAMES.close, NAMES.upgrade, NAMES.te, NAMES['http2-settings']];

/** Whether the list at [from, to) has the option, letters of either case. */
export function hasOption(bytes: Uint8Array, from: number, to: number, option: Option): boolean {
  const name = NAMES[option];
  for (let at = from; at < to; ) {
    const start = skipBlanks(bytes, at, to);
    const next = endOfOption(bytes, start, to);
    if (isName(bytes, start, trimEnd(bytes, start, next), name)) return true;
    at = next + 1;
  }
  return false;
}

/** Whether it has options beyond those that every proxy handles by itself. */
export function hasOtherOptions(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; ) {
    const start = skipBlanks(bytes, at, to);
    const next = endOfOption(bytes, start, to);
    const end = trimEnd(bytes, start, next);
    if (end > start && !USUAL.some((name) => isName(bytes, start, end, name))) return true;
    at = next + 1;
  }
  return false;
}

function isName(bytes: Uint8Array, from: number, to: number, name: Uint8Array): boolean {
  return to - from === name.length && equalsIgnoringCase(bytes, from, name);
}

function skipBlanks(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && (bytes[at] === SP || bytes[at] === HTAB)) at += 1;
  return at;
}

function endOfOption(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] !== COMMA) at += 1;
  return at;
}

function trimEnd(bytes: Uint8Array, from: number, to: number): number {
  let at = to;
  while (at > from && (bytes[at - 1] === SP || bytes[at - 1] === HTAB)) at -= 1;
  return at;
}
