/**
 * The rule that turns one metric's evidence into a verdict: the one place that says "regressed".
 * Harm is a change for the worse on the logarithmic scale (`effect.ts`).
 */
import type { Verdict } from '../model/report.ts';
import { type Block, leastBlocks } from '../stats/aligned-rank.ts';
import { roundsToReach } from '../stats/power.ts';
import { type ShiftTest, WITHIN_ROUNDS } from '../stats/shift-test.ts';
import { widenedRank } from '../stats/widened-rank.ts';

/** What a change is held against. */
export interface Bars {
  /** The larger of threshold and noise floor, as harm. */
  readonly effect: number;
  readonly threshold: number;
  /** Whether the change is significant beside the other primaries. */
  readonly significant: boolean;
  /** The error allowed on one side, half of one less the level. */
  readonly tail: number;
  /** How far the rounds' dependence multiplies variances, 1 or more. */
  readonly inflation: number;
  /** By what the arms of a round have in common; default: within rounds. */
  readonly test?: ShiftTest;
}

/**
 * The rule. A change is called when "no change" is rejected, beside the other primaries too, and the
 * estimate exceeds the effect that counts. Unchanged needs evidence as well: a harm as large as
 * that effect has to be rejected. Noise raises the bar for calling a change and never hides one: a
 * harm that is certain and above the threshold, but not above the noise, is inconclusive. An
 * improvement that is too small or too uncertain to be called is unchanged.
 *
 * `blocks` are oriented as harm: larger is worse.
 */
export function judgeHarm(
  blocks: readonly Block[],
  { effect, threshold, significant, tail, inflation, test = WITHIN_ROUNDS }: Bars,
): Verdict {
  const controls = (blocks[0]?.length ?? 0) - 1;
  if (controls < 1 || blocks.length < leastBlocks(2 * tail, controls)) return 'inconclusive';
  const exceeds = (harm: number): boolean => test.excess(blocks, harm) > 0;
  const atZero = widenedRank(blocks, { inflation, test });
  const harmIsCertain = atZero.pGreater <= tail;
  if (significant && harmIsCertain && exceeds(effect)) return 'regressed';
  const fallsBelow = test.excess(blocks, -effect) < 0;
  if (significant && atZero.pLess <= tail && fallsBelow) return 'improved';
  // One-sided, as a test of equivalence is: the whole error is its own.
  const harmIsRuledOut = widenedRank(blocks, { inflation, test, shift: effect }).pLess <= 2 * tail;
  if (!harmIsRuledOut) return 'inconclusive';
  return harmIsCertain && exceeds(threshold) ? 'inconclusive' : 'unchanged';
}

/**
 * About how many more rounds would decide an undecided metric: until its interval at `1 - alpha`
 * clears 0 where there is harm, or the effect where there is none. Null where there are too few
 * rounds for any interval, infinite where the estimate lies at the effect.
 */
export function moreRoundsNeeded(
  blocks: readonly Block[],
  options: Pick<Bars, 'effect' | 'inflation' | 'test'> & {
    readonly harm: number;
    readonly alpha: number;
  },
): number | null {
  const { harm, effect, alpha, inflation, test = WITHIN_ROUNDS } = options;
  const count = blocks.length;
  const least = leastBlocks(alpha, (blocks[0]?.length ?? 2) - 1);
  const known = test.interval(blocks, 1 - alpha) ?? test.interval(blocks, LOOSE_LEVEL);
  if (known === null) return null;
  const [low, high] = known.interval;
  const halfWidth = (Math.sqrt(inflation) * (high - low)) / 2;
  const gap = harm > effect ? harm : effect - harm;
  return Math.max(least, roundsToReach(count, halfWidth, gap)) - count;
}

/** What stands in for a level that the rounds at hand can't give. */
const LOOSE_LEVEL = 0.95;
