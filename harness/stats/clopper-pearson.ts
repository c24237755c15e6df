/**
 * The exact interval for a probability that was seen `successes` times in `trials` (Clopper and
 * Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial",
 * Biometrika 26(4), 1934). Never shorter than it says: 0 of 40 leaves up to 8.8 % possible.
 */
import type { Interval } from '../model/report.ts';

const HALVINGS = 50;

/** The two-sided interval, within 0..1. `successes` of `trials`, whole numbers, at least one trial. */
export function clopperPearson(successes: number, trials: number, level = 0.95): Interval {
  if (!(trials >= 1 && successes >= 0 && successes <= trials)) {
    throw new Error(`no share of ${successes} in ${trials}`);
  }
  const tail = (1 - level) / 2;
  const low = successes === 0 ? 0 : solve((p) => 1 - cumulative(successes - 1, trials, p) >= tail);
  const high = successes === trials ? 1 : solve((p) => cumulative(successes, trials, p) < tail);
  return [low, high];
}

/** The least probability at which a condition that only starts to hold holds. */
function solve(holds: (probability: number) => boolean): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < HALVINGS; step += 1) {
    const middle = (low + high) / 2;
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return (low + high) / 2;
}

/** P(at most `count` of `trials`), each with probability `p`. */
function cumulative(count: number, trials: number, p: number): number {
  if (p <= 0) return 1;
  if (p >= 1) return count >= trials ? 1 : 0;
  let logTerm = trials * Math.log1p(-p);
  let sum = Math.exp(logTerm);
  for (let k = 1; k <= count; k += 1) {
    logTerm += Math.log((trials - k + 1) / k) + Math.log(p) - Math.log1p(-p);
    sum += Math.exp(logTerm);
  }
  return Math.min(1, sum);
}
