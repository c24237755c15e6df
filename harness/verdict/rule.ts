/**
 * The rule that turns one metric's evidence into a verdict: the one place that says "regressed".
 * Harm is a change for the worse on the logarithmic scale (`effect.ts`).
 */
import type { Verdict } from '../model/report.ts';
import { alignedInterval, type Block, leastBlocks, rankExcess } from '../stats/aligned-rank.ts';
import { roundsToReach } from '../stats/power.ts';
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
  { effect, threshold, significant, tail, inflation }: Bars,
): Verdict {
  const controls = (blocks[0]?.length ?? 0) - 1;
  if (controls < 1 || blocks.length < leastBlocks(2 * tail, controls)) return 'inconclusive';
  const atZero = widenedRank(blocks, { inflation });
  const harmIsCertain = atZero.pGreater <= tail;
  if (significant && harmIsCertain && exceeds(blocks, effect)) return 'regressed';
  if (significant && atZero.pLess <= tail && fallsBelow(blocks, -effect)) return 'improved';
  // One-sided, as a test of equivalence is: the whole error is its own.
  const harmIsRuledOut = widenedRank(blocks, { inflation, shift: effect }).pLess <= 2 * tail;
  if (!harmIsRuledOut) return 'inconclusive';
  return harmIsCertain && exceeds(blocks, threshold) ? 'inconclusive' : 'unchanged';
}

/** True if the estimate lies above `harm`. */
function exceeds(blocks: readonly Block[], harm: number): boolean {
  return rankExcess(blocks, harm) > 0;
}

function fallsBelow(blocks: readonly Block[], harm: number): boolean {
  return rankExcess(blocks, harm) < 0;
}

/**
 * About how many more rounds would decide an undecided metric: until its interval at `1 - alpha`
 * clears 0 where there is harm, or the effect where there is none. Null where there are too few
 * rounds for any interval, infinite where the estimate lies at the effect.
 */
export function moreRoundsNeeded(
  blocks: readonly Block[],
  options: Pick<Bars, 'effect' | 'inflation'> & { readonly harm: number; readonly alpha: number },
): number | null {
  const { harm, effect, alpha, inflation } = options;
  const count = blocks.length;
  const least = leastBlocks(alpha, (blocks[0]?.length ?? 2) - 1);
  const known = alignedInterval(blocks, 1 - alpha) ?? alignedInterval(blocks, LOOSE_LEVEL);
  if (known === null) return null;
  const [low, high] = known.interval;
  const halfWidth = (Math.sqrt(inflation) * (high - low)) / 2;
  const gap = harm > effect ? harm : effect - harm;
  return Math.max(least, roundsToReach(count, halfWidth, gap)) - count;
}

/** What stands in for a level that the rounds at hand can't give. */
const LOOSE_LEVEL = 0.95;
