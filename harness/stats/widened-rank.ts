/**
 * A rank test where rounds depend on each other. Dependence multiplies the variance of
 * the rank sum by about what it multiplies that of a mean by, so a sum that many of its standard
 * deviations out is out by fewer: by one over the inflation's root. An approximation, on the normal
 * scale, of an otherwise exact test; without inflation the exact test is given back as it is.
 */
import type { Interval } from '../model/report.ts';
import type { AlignedRank, Block } from './aligned-rank.ts';
import { varianceInflation } from './dependence.ts';
import { normalTail, normalTailQuantile } from './normal.ts';
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
  const exact = test.tails(blocks, shift);
  if (inflation <= 1) return exact;
  const pGreater = widenedTail(exact.pGreater, inflation);
  const pLess = widenedTail(exact.pLess, inflation);
  return { pGreater, pLess, pTwoSided: Math.min(1, 2 * Math.min(pGreater, pLess)) };
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

/** A p above one half rejects nothing and stays; widening would bring it down towards one half. */
function widenedTail(p: number, inflation: number): number {
  return p >= 0.5 ? p : normalTail(normalTailQuantile(p) / Math.sqrt(inflation));
}
