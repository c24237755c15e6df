/**
 * Max-Forwards (RFC 9110 7.6.2): how many hops a TRACE or an OPTIONS may still go. Other methods have
 * no such count, whatever their fields say.
 */
import { readContentLength as readDigits } from './content-length.ts';
import { isMethod, OPTIONS, TRACE } from './methods.ts';

/** The most that goes on: a larger number counts as this. */
const LARGEST = 999_999_999;

/** Whether the method of `length` bytes at `from` has its hops counted. */
export function countsHops(bytes: Buffer, from: number, length: number): boolean {
  return isMethod(bytes, from, length, OPTIONS) || isMethod(bytes, from, length, TRACE);
}

/** The hops that are left, or -1 if [from, to) is not 1*DIGIT. */
export function readMaxForwards(bytes: Uint8Array, from: number, to: number): number {
  return Math.min(readDigits(bytes, from, to), LARGEST);
}
