/**
 * The aligned rank test of Hodges and Lehmann, exact, with the estimate and the interval that invert
 * it ("Rank methods for combination of independent experiments in analysis of variance", Annals of
 * Mathematical Statistics 33(2), 1962). A block is one round: the value of the arm in question, and
 * those of one or more controls that are all alike. Each block is aligned by its own median, all
 * residuals are ranked together, and the statistic is the sum of the first arms' ranks.
 *
 * Its null distribution takes nothing of the noise for granted: a block's arms start in a random
 * order as fresh processes, so without a difference any of its residuals is equally likely to be
 * the first arm's. With one control it is the Wilcoxon signed-rank test but for its scores (ranks
 * less one half). Each further control makes fewer rounds suffice: with two, 4 rounds reject at 5 %,
 * where 6 are needed with one.
 */
import { differencesWithin, intervalByInversion, shiftByInversion } from './inversion.ts';
import { doubledMidRanks } from './mid-ranks.ts';
import type { AchievedInterval } from './quantile.ts';

/** One round: the arm in question first, then its controls. All blocks have as many values. */
export type Block = readonly number[];

/** The outcome of a test of "the first arm lies `shift` above its controls". */
export interface AlignedRank {
  /** P(a rank sum at least as large): small where the first arm lies above. */
  readonly pGreater: number;
  /** P(a rank sum at least as small). */
  readonly pLess: number;
  /** Twice the smaller of the two, at most 1. */
  readonly pTwoSided: number;
}

/** Tests a shift of the first arm, in the unit of the values. No blocks give 1 for every p. */
export function alignedRank(blocks: readonly Block[], shift = 0): AlignedRank {
  const ranks = doubledRanks(blocks, shift);
  const observed = ranks.reduce((sum, [first = 0]) => sum + first, 0);
  let atMost = 0;
  let atLeast = 0;
  rankSumDistribution(ranks).forEach((probability, sum) => {
    if (sum <= observed) atMost += probability;
    if (sum >= observed) atLeast += probability;
  });
  return {
    pGreater: Math.min(1, atLeast),
    pLess: Math.min(1, atMost),
    pTwoSided: Math.min(1, 2 * Math.min(atLeast, atMost)),
  };
}

/**
 * The shift at which the rank sum is what it would be without a difference: the estimate of Hodges
 * and Lehmann for this test. With one control it is close to the pseudo-median. At least one block.
 */
export function alignedShift(blocks: readonly Block[]): number {
  return shiftByInversion(blocks, rankExcess, differencesWithin(blocks));
}

/**
 * The two-sided interval: the shifts that the test would not reject at `1 - level`. Null where too
 * few blocks can't reject any.
 */
export function alignedInterval(blocks: readonly Block[], level: number): AchievedInterval | null {
  if (!enoughBlocks(blocks, level)) return null;
  return intervalByInversion(blocks, level, alignedRank, differencesWithin(blocks));
}

/** The least number of blocks whose most extreme order is rejected, two-sided, at `alpha`. */
export function leastBlocks(alpha: number, controls: number): number {
  if (!(alpha > 0 && alpha <= 1)) throw new Error(`no test at an error of ${alpha}`);
  if (!(Number.isInteger(controls) && controls >= 1)) throw new Error('a test needs a control');
  let count = 1;
  while (2 * (controls + 1) ** -count > alpha) count += 1;
  return count;
}

/** True if there are as many blocks as a two-sided interval at a level takes. */
export function enoughBlocks(blocks: readonly Block[], level: number): boolean {
  const [first] = blocks;
  return first !== undefined && blocks.length >= leastBlocks(1 - level, first.length - 1);
}

/** The rank sum of the first arms less what it would be without a difference. */
export function rankExcess(blocks: readonly Block[], shift: number): number {
  const ranks = doubledRanks(blocks, shift);
  let excess = 0;
  for (const block of ranks) {
    const [first = 0] = block;
    excess += first - block.reduce((sum, rank) => sum + rank, 0) / block.length;
  }
  return excess / 2;
}

/** Twice each residual's rank among all, block by block. */
function doubledRanks(blocks: readonly Block[], shift: number): number[][] {
  const residuals = blocks.flatMap(([first = 0, ...controls]) => {
    const shifted = [first - shift, ...controls];
    const centre = middle(shifted);
    return shifted.map((value) => value - centre);
  });
  const ranks = doubledMidRanks(residuals);
  let taken = 0;
  return blocks.map(({ length }) => {
    taken += length;
    return ranks.slice(taken - length, taken);
  });
}

/** P(sum = s) at index s, where each block gives any of its doubled ranks with equal probability. */
function rankSumDistribution(blocks: readonly (readonly number[])[]): Float64Array {
  const greatest = blocks.reduce((sum, ranks) => sum + Math.max(...ranks), 0);
  let probabilities = new Float64Array(greatest + 1);
  probabilities[0] = 1;
  let reached = 0;
  for (const ranks of blocks) {
    const next = new Float64Array(greatest + 1);
    for (let sum = 0; sum <= reached; sum += 1) {
      const share = (probabilities[sum] ?? 0) / ranks.length;
      if (share === 0) continue;
      for (const rank of ranks) next[sum + rank] = (next[sum + rank] ?? 0) + share;
    }
    probabilities = next;
    reached += Math.max(...ranks);
  }
  return probabilities;
}

/** The median, in place of a sort of so few. */
function middle(values: readonly number[]): number {
  const ascending = [...values].sort((a, b) => a - b);
  const half = ascending.length >> 1;
  const upper = ascending[half] ?? 0;
  return ascending.length % 2 === 1 ? upper : ((ascending[half - 1] ?? 0) + upper) / 2;
}
