/**
 * Transfer-Encoding, read strictly (RFC 9112 6.1): `chunked`, letters of either case, and nothing else.
 */
import { CR, HTAB } from './byte-classes.ts';
import { equalsIgnoringCase } from './known-fields.ts';

const CHUNKED = Buffer.from('chunked');

/**
 * Whether the value at [from, to) of a field, whose line ends with CR, is `chunked`. A tab after it is white
 * space to RFC 9110 5.5 and part of an unknown coding to llhttp, which then takes an answer's body to end
 * with the connection: what others read otherwise is refused.
 */
export function isChunked(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from !== CHUNKED.length || !equalsIgnoringCase(bytes, from, CHUNKED)) return false;
  for (let at = to; bytes[at] !== CR; at += 1) {
    if (bytes[at] === HTAB) return false;
  }
  return true;
}
