/**
 * The two tests of "the first arm lies so far above its controls", by what of a round its arms have
 * in common. Which one a metric takes is the verdict's business.
 */
import {
  type AlignedRank,
  alignedInterval,
  alignedRank,
  alignedShift,
  type Block,
  enoughBlocks,
  rankExcess,
} from './aligned-rank.ts';
import { differencesAcross, intervalByInversion, shiftByInversion } from './inversion.ts';
import type { AchievedInterval } from './quantile.ts';
import { scoreExcess, scoreTails } from './score-permutation.ts';

/** A test of a shift with the estimate and the interval that invert it. */
export interface ShiftTest {
  /** p-values at a shift. No blocks give 1 for every one. */
  tails(blocks: readonly Block[], shift: number): AlignedRank;
  /** Positive if the estimate lies above `shift`, negative if below. */
  excess(blocks: readonly Block[], shift: number): number;
  /** The estimate; at least one block. */
  shift(blocks: readonly Block[]): number;
  /** The two-sided interval at a level, or null where too few blocks give none. */
  interval(blocks: readonly Block[], level: number): AchievedInterval | null;
}

/**
 * A round's moment is common to its arms, as for every time: figures are compared within rounds, by
 * the aligned rank test.
 */
export const WITHIN_ROUNDS: ShiftTest = {
  tails: alignedRank,
  excess: rankExcess,
  shift: alignedShift,
  interval: alignedInterval,
};

/** Of a range of some percent: the ends are good to a part in 10^5, finer than scores tell. */
const INTERVAL_HALVINGS = 14;

/**
 * A round has nothing to do with the figure, as with bytes that are counted: every process is compared
 * with every other, by a permutation test. A control that was compiled oddly is then one among many
 * and does not take its round with it. The interval asks for as many rounds as the other test's, since
 * fewer processes say nothing of odd ones.
 */
export const ACROSS_PROCESSES: ShiftTest = {
  tails: scoreTails,
  excess: scoreExcess,
  shift: (blocks) => shiftByInversion(blocks, scoreExcess, differencesAcross(blocks)),
  interval: (blocks, level) =>
    enoughBlocks(blocks, level)
      ? intervalByInversion(blocks, level, scoreTails, differencesAcross(blocks), INTERVAL_HALVINGS)
      : null,
};
