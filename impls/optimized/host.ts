/** Whether bytes are a valid Host (RFC 9110 7.2). It does not say which hosts are served. */
import { BYTE_CLASS, DIGIT, HEX, HOST } from './byte-classes.ts';

/**
 * Host = uri-host [":" port] (RFC 9110 7.2), without user information, spaces, a path or a list.
 * An empty one is valid here; whether it may be is for the target to say.
 */
export function isValidHost(bytes: Buffer, from: number, to: number): boolean {
  let at = from;
  if (bytes[at] === 0x5b && to > from) {
    at += 1;
    while (at < to && (isHex(bytes[at]) || bytes[at] === 0x3a || bytes[at] === 0x2e)) at += 1;
    if (at >= to || bytes[at] !== 0x5d || at - from < 3) return false;
    at += 1;
  } else {
    while (at < to && ((BYTE_CLASS[bytes[at] ?? 0] ?? 0) & HOST) !== 0) {
      if (bytes[at] === 0x25 && !(at + 2 < to && isHex(bytes[at + 1]) && isHex(bytes[at + 2]))) {
        return false;
      }
      at += 1;
    }
  }
  if (at === to) return true;
  if (bytes[at] !== 0x3a || at === from || to - at > 6) return false;
  for (at += 1; at < to; at += 1) {
    if (((BYTE_CLASS[bytes[at] ?? 0] ?? 0) & DIGIT) === 0) return false;
  }
  return true;
}

function isHex(byte: number | undefined): boolean {
  return ((BYTE_CLASS[byte ?? 0] ?? 0) & HEX) !== 0;
}
