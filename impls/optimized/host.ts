/** Whether bytes are a valid Host (RFC 9110 7.2). It does not say which hosts are served. */
import { DIGIT, HEX, HOST, isAt } from './byte-classes.ts';

/**
 * Host = uri-host [":" port] (RFC 9110 7.2), without user information, spaces, a path or a list.
 * An empty one is valid here; whether it may be is for the target to say.
 */
export function isValidHost(bytes: Buffer, from: number, to: number): boolean {
  let at = from;
  if (bytes[at] === 0x5b && to > from) {
    at += 1;
    while (at < to && (isAt(bytes, at, HEX) || bytes[at] === 0x3a || bytes[at] === 0x2e)) at += 1;
    if (at >= to || bytes[at] !== 0x5d || at - from < 3) return false;
    at += 1;
  } else {
    while (at < to && isAt(bytes, at, HOST)) {
      if (
        bytes[at] === 0x25 &&
        !(at + 2 < to && isAt(bytes, at + 1, HEX) && isAt(bytes, at + 2, HEX))
      ) {
        return false;
      }
      at += 1;
    }
  }
  if (at === to) return true;
  if (bytes[at] !== 0x3a || at === from || to - at > 6) return false;
  for (at += 1; at < to; at += 1) {
    if (!isAt(bytes, at, DIGIT)) return false;
  }
  return true;
}
