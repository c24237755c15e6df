/**
 * A shift test where rounds depend on each other. Dependence multiplies the variance of an estimate,
 * so what lies some distance from it is as surprising as, without dependence, what lies that
 * distance over the inflation's root. The exact test is asked about that nearer shift: its p-values
 * and the interval that widens about the estimate are then two views of one thing, and an effect that
 * is large beside the noise is seen, where a correction of p alone could not go below what the most
 * extreme order of so few rounds allows. Without inflation the exact test is given back as it is.
 */
import type { Interval } from '../model/report.ts';
import type { AlignedRank, Block } from './aligned-rank.ts';
import { varianceInflation } from './dependence.ts';
import { type ShiftTest, WITHIN_ROUNDS } from './shift-test.ts';

/** The variance inflation (`dependence.ts`) of the first arm's differences from its controls. */
export function blockInflation(blocks: readonly Block[]): number {
  return varianceInflation(
    blocks.map(
      ([first = 0, ...controls]) =>
        first - controls.reduce((sum, value) => sum + value, 0) / controls.length,
    ),
  );
}

/** What a widened test is given. */
export interface WidenedOptions {
  /** The variance inflation of the rounds, 1 or more. */
  readonly inflation: number;
  /** Default: 0. */
  readonly shift?: number;
  /** Default: within rounds. */
  readonly test?: ShiftTest;
}

/** A test's p-values for rounds of this variance inflation. */
export function widenedRank(
  blocks: readonly Block[],
  { inflation, shift = 0, test = WITHIN_ROUNDS }: WidenedOptions,
): AlignedRank {
  if (inflation <= 1) return test.tails(blocks, shift);
  const estimate = test.shift(blocks);
  const nearer = estimate + (shift - estimate) / Math.sqrt(inflation);
  return test.tails(blocks, nearer);
}

/** An interval with its ends this many times as far from the estimate: the inflation's root. */
export function widenedInterval(
  [low, high]: Interval,
  estimate: number,
  inflation: number,
): Interval {
  if (inflation <= 1) return [low, high];
  const factor = Math.sqrt(inflation);
  return [estimate - factor * (estimate - low), estimate + factor * (high - estimate)];
}
