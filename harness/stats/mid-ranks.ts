/** Ranks with ties sharing their mean, doubled so that such means are whole numbers. */

/** Twice the rank of each value among all, from 2 for the least, in the order given. */
export function doubledMidRanks(values: readonly number[]): number[] {
  const order = values.map((value, index) => ({ value, index })).sort((a, b) => a.value - b.value);
  const ranks = new Array<number>(values.length).fill(0);
  for (let start = 0; start < order.length; ) {
    const value = order[start]?.value;
    let end = start;
    while (end < order.length && order[end]?.value === value) end += 1;
    // Ranks start + 1 to end: their mean, doubled.
    for (const { index } of order.slice(start, end)) ranks[index] = start + 1 + end;
    start = end;
  }
  return ranks;
}
