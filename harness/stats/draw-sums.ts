/** The distribution of the sum of scores that are drawn at random: what a permutation test compares with. */

/**
 * P(sum at most s) by index s, where `taken` of the scores (whole numbers from 0 on) are drawn
 * without putting back, each choice equally likely: counted by dynamic programming over the scores.
 * Exact for up to some 60 scores, beyond which a double no longer counts the choices.
 */
export function cumulativeOfDraws(scores: readonly number[], taken: number): Float64Array {
  const total = scores.reduce((sum, score) => sum + score, 0);
  // ways[k][s]: choices of k scores with the sum s. Up to C(60, 30), within what a double counts.
  const ways = Array.from({ length: taken + 1 }, () => new Float64Array(total + 1));
  const [none] = ways;
  if (none !== undefined) none[0] = 1;
  let reached = 0;
  for (const [seen, score] of scores.entries()) {
    reached += score;
    for (let count = Math.min(taken, seen + 1); count >= 1; count -= 1) {
      const [here, fewer] = [ways[count], ways[count - 1]];
      if (here === undefined || fewer === undefined) continue;
      for (let sum = reached; sum >= score; sum -= 1) {
        here[sum] = (here[sum] ?? 0) + (fewer[sum - score] ?? 0);
      }
    }
  }
  const counts = ways[taken] ?? new Float64Array(1);
  const all = counts.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  return counts.map((count) => {
    seen += count;
    return seen / all;
  });
}
