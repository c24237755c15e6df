/**
 * What a run could have seen: the smallest true change that would have been called in four runs of
 * five, and how many rounds would settle what was not. Both are approximations, good to about a
 * tenth of the power, and never part of a verdict.
 */
import type { Block } from './aligned-rank.ts';
import { mean } from './quantile.ts';
import { type ShiftTest, WITHIN_ROUNDS } from './shift-test.ts';

/** The standard normal quantile at 0.8: a change this many standard errors clear is called. */
const POWER_QUANTILE = 0.8416;

/**
 * The precision of the Hodges-Lehmann estimate relative to the mean's under normal noise, 3 / pi
 * (Hodges and Lehmann, 1963).
 */
const EFFICIENCY = 3 / Math.PI;

/** The sample standard deviation; 0 for a single value. */
export function standardDeviation(values: readonly number[]): number {
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / Math.max(1, values.length - 1));
}

/**
 * The smallest true change, in the unit of the differences, that would have been called with a
 * power of 80 %. To be called, an estimate must exceed `minimumEffect` and the half-width of its
 * interval at `1 - alpha`; it does so in four cases of five when the truth lies 0.84 standard
 * errors beyond the one that is harder to clear. The standard error of the estimate comes from
 * the differences' standard deviation as if they were normal; that of the half-width is its share
 * 1 / sqrt(2 (n - 1)), as a normal sample's spread has it. Null with too few differences for that
 * interval.
 */
export function detectableChange(
  blocks: readonly Block[],
  options: {
    readonly alpha: number;
    readonly minimumEffect: number;
    /** How far dependence multiplies variances; default: 1, none. */
    readonly inflation?: number;
    /** Default: within rounds. */
    readonly test?: ShiftTest;
  },
): number | null {
  const interval = (options.test ?? WITHIN_ROUNDS).interval(blocks, 1 - options.alpha)?.interval;
  if (interval === undefined) return null;
  const factor = Math.sqrt(options.inflation ?? 1);
  const halfWidth = (factor * (interval[1] - interval[0])) / 2;
  const differences = blocks.map(([first = 0, ...controls]) => first - mean(controls));
  const standardError =
    (factor * standardDeviation(differences)) / Math.sqrt(differences.length * EFFICIENCY);
  const clearance = Math.hypot(standardError, halfWidth / Math.sqrt(2 * (differences.length - 1)));
  return Math.max(
    options.minimumEffect + POWER_QUANTILE * standardError,
    halfWidth + POWER_QUANTILE * clearance,
  );
}

/**
 * About how many rounds in all would bring an interval of this half-width, measured with `count`
 * rounds, within `gap`: widths shrink with the square root of the rounds. At least one more than
 * `count`; infinite for no gap.
 */
export function roundsToReach(count: number, halfWidth: number, gap: number): number {
  if (!(gap > 0)) return Number.POSITIVE_INFINITY;
  return Math.max(count + 1, Math.ceil(count * (halfWidth / gap) ** 2));
}
