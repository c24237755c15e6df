/**
 * Content-Length, read strictly (RFC 9110 8.6): digits and nothing else. Never a list, never a
 * sign. It does not compare with a limit.
 */

/** Beyond this a length is not exact in a double; no body is that long. */
const LARGEST = Number.MAX_SAFE_INTEGER;

/** The length, Infinity for one beyond 2^53, or -1 if [from, to) is not 1*DIGIT. */
export function readContentLength(bytes: Uint8Array, from: number, to: number): number {
  if (to <= from) return -1;
  let value = 0;
  for (let i = from; i < to; i += 1) {
    const digit = (bytes[i] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value > LARGEST ? Number.POSITIVE_INFINITY : value;
}
