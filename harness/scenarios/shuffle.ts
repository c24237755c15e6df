/**
 * Shuffles in place, typed arrays too; in linear time, which an order of 65,536 requests needs.
 */
import type { Random } from '../model/random.ts';

/** Each order equally likely (Fisher and Yates). Returns its argument. */
export function shuffleInPlace<List extends { length: number; [index: number]: unknown }>(
  list: List,
  random: Random,
): List {
  for (let last = list.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    const held = list[last];
    list[last] = list[other];
    list[other] = held;
  }
  return list;
}
