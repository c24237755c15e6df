/**
 * Makes a fresh process warm sooner. V8 hands a function to its optimizing compiler after 3,000 calls, and
 * again for those that were inlined or met other types: a proxy of many small functions gets cheaper until
 * some 30,000 requests, and in the seconds of a round two identical processes stand at different
 * points of that way. Asked to compile after half as many calls, the same proxy is there after 7,500 requests; what
 * it costs in the end is the same (docs/measuring.md).
 */
import { setFlagsFromString } from 'node:v8';

/** The flag of V8; a V8 that does not know it says so and goes on as it is. */
export const TIER_UP_FLAG = '--invocation-count-for-turbofan';
/** Calls after which a function is compiled. */
export const TIER_UP_CALLS = 1500;

/** Applies to whatever is not compiled yet. Called in a child once it is ready: start-up has no use for it. */
export function tierUpEarly(): void {
  setFlagsFromString(`${TIER_UP_FLAG}=${TIER_UP_CALLS}`);
}
