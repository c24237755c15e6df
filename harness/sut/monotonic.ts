/**
 * A clock that all processes of a machine share, so that what one notes can be laid beside what
 * another measured. It never jumps; where it begins means nothing.
 */

/** This process's `performance.now()` begins so much later than the shared clock. */
const BEGAN_MS = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** A moment on the shared clock, in milliseconds. */
export function monotonicMs(): number {
  return toMonotonicMs(performance.now());
}

/** The same of a moment of this process's `performance.now()`. */
export function toMonotonicMs(performanceMs: number): number {
  return BEGAN_MS + performanceMs;
}
