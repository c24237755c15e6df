/**
 * Max-Forwards (RFC 9110 7.6.2): how many hops a TRACE or an OPTIONS may still go. Other methods have
 * no such count, whatever their fields say.
 */
import { isMethod, OPTIONS, TRACE } from './methods.ts';

/** The most that goes on: a larger number counts as this. */
const LARGEST = 999_999_999;

/** Whether the method of `length` bytes at `from` has its hops counted. */
export function countsHops(bytes: Buffer, from: number, length: number): boolean {
  return isMethod(bytes, from, length, OPTIONS) || isMethod(bytes, from, length, TRACE);
}

/** The hops that are left, or -1 if [from, to) is not 1*DIGIT. */
export function readMaxForwards(bytes: Uint8Array, from: number, to: number): number {
  if (to <= from) return -1;
  let value = 0;
  for (let i = from; i < to; i += 1) {
    const digit = (bytes[i] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = Math.min(value * 10 + digit, LARGEST);
  }
  return value;
}
