/**
 * The rule that turns one metric's estimate and interval into a verdict: the one place that says
 * "regressed". All its figures are harm on the logarithmic scale (`effect.ts`).
 */
import type { Interval, Verdict } from '../model/report.ts';
import { roundsToReach } from '../stats/power.ts';
import { leastCount, signedRankInterval } from '../stats/signed-rank.ts';

/** What a change is held against. */
export interface Bars {
  /** The larger of threshold and noise floor. */
  readonly effect: number;
  readonly threshold: number;
  /** Whether it is significant beside the other primaries. */
  readonly significant: boolean;
}

/**
 * The rule. A change is called when its interval leaves out 0, it stays significant beside the
 * other primaries, and the estimate exceeds the effect that counts. Unchanged needs evidence too:
 * an interval that leaves out a harm of that size. Noise raises the bar for calling a change and never
 * hides one: a harm that is certain and above the threshold, but not above the noise, is
 * inconclusive. An improvement that is too small or too uncertain to be called is unchanged.
 */
export function judgeHarm(
  harm: number,
  interval: Interval | null,
  { effect, threshold, significant }: Bars,
): Verdict {
  if (interval === null) return 'inconclusive';
  if (significant && interval[0] > 0 && harm > effect) return 'regressed';
  if (significant && interval[1] < 0 && harm < -effect) return 'improved';
  const certainHarm = interval[0] > 0 && harm > threshold;
  return interval[1] < effect && !certainHarm ? 'unchanged' : 'inconclusive';
}

/**
 * About how many more rounds would decide an undecided metric: until the interval at `1 - alpha`
 * clears 0 where there is harm, or the effect where there is none. `interval` stands in for it
 * where there are too few rounds for that level. Infinite where the estimate lies at the effect.
 */
export function moreRoundsNeeded(
  differences: readonly number[],
  options: {
    readonly harm: number;
    readonly interval: Interval;
    readonly effect: number;
    readonly alpha: number;
  },
): number {
  const { harm, effect, alpha } = options;
  const count = differences.length;
  const [low, high] = signedRankInterval(differences, 1 - alpha)?.interval ?? options.interval;
  const gap = harm > effect ? harm : effect - harm;
  return Math.max(leastCount(alpha), roundsToReach(count, (high - low) / 2, gap)) - count;
}
