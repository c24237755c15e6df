/**
 * The permutation test of a shift between processes, with Huber's scores: each value counts by how far
 * it lies from the middle of all, in units of their spread, and no further than a bound (Huber, "Robust
 * estimation of a location parameter", Annals of Mathematical Statistics 35(1), 1964). If the first arms
 * are no different, each choice of as many values is equally likely to have been theirs (Pitman,
 * "Significance tests which may be applied to samples from any populations", Supplement to the J. of
 * the Royal Statistical Society 4(1), 1937), so p-values are exact whatever the values are, up to {@link MOST_EXACT} of them.
 *
 * For counts, which are equal but for an odd process now and then: ranks would count an odd control
 * as much above the first arms as these are above all others, a sum of plain values would see nothing
 * else. It takes rounds to have nothing in common; where they have, it is conservative.
 */
import type { AlignedRank, Block } from './aligned-rank.ts';
import { cumulativeOfDraws } from './draw-sums.ts';
import { normalTail } from './normal.ts';
import { median } from './quantile.ts';

/** Deviations beyond which a value counts no more. */
const BOUND = 1;
/** Scores are whole numbers from 0 to this, in steps of a sixteenth of a deviation. */
const GREATEST_SCORE = 32;
/** A normal deviation in median absolute ones. */
const NORMAL_MEDIAN_SCALE = 1.4826;
/** Beyond so many values, eight rounds with a twin, the sum of bounded scores is taken as normal. */
const MOST_EXACT = 24;

/** Tests "the first arms lie `shift` above their controls". No blocks give 1 for every p. */
export function scoreTails(blocks: readonly Block[], shift: number): AlignedRank {
  if (blocks.length === 0) return { pGreater: 1, pLess: 1, pTwoSided: 1 };
  const { own, all } = scores(blocks, shift);
  const observed = own.reduce((sum, score) => sum + score, 0);
  const { atLeast, atMost } =
    all.length <= MOST_EXACT
      ? exactTails(all, own.length, observed)
      : normalTails(all, own.length, observed);
  return {
    pGreater: Math.min(1, atLeast),
    pLess: Math.min(1, atMost),
    pTwoSided: Math.min(1, 2 * Math.min(atLeast, atMost)),
  };
}

/** The first arms' scores less what they would be without a difference. */
export function scoreExcess(blocks: readonly Block[], shift: number): number {
  const { own, all } = scores(blocks, shift);
  const sum = (values: readonly number[]): number => values.reduce((total, one) => total + one, 0);
  return sum(own) - (sum(all) * own.length) / all.length;
}

interface Scores {
  readonly own: readonly number[];
  /** The first arms' and their controls'. */
  readonly all: readonly number[];
}

function scores(blocks: readonly Block[], shift: number): Scores {
  const own = blocks.map(([first = 0]) => first - shift);
  const all = [...own, ...blocks.flatMap(([, ...controls]) => controls)];
  const middle = median(all);
  const deviations = all.map((value) => Math.abs(value - middle));
  // More than half of the values may be equal to the last byte; then any other is far out.
  const spread =
    NORMAL_MEDIAN_SCALE * median(deviations) || Math.max(...deviations) / GREATEST_SCORE || 1;
  const score = (value: number): number => {
    const bounded = Math.min(BOUND, Math.max(-BOUND, (value - middle) / spread));
    return Math.round(((bounded + BOUND) / (2 * BOUND)) * GREATEST_SCORE);
  };
  return { own: own.map(score), all: all.map(score) };
}

interface Tails {
  readonly atLeast: number;
  readonly atMost: number;
}

function exactTails(all: readonly number[], taken: number, observed: number): Tails {
  const cumulative = cumulativeOfDraws(all, taken);
  return {
    atMost: cumulative[observed] ?? 1,
    atLeast: Math.max(0, 1 - (cumulative[observed - 1] ?? 0)),
  };
}

/** By mean and variance of a sum drawn without putting back, corrected for its steps. */
function normalTails(all: readonly number[], taken: number, observed: number): Tails {
  const count = all.length;
  const mean = all.reduce((sum, score) => sum + score, 0) / count;
  const variance = all.reduce((sum, score) => sum + (score - mean) ** 2, 0) / (count - 1);
  const deviation = Math.sqrt((taken * (count - taken) * variance) / count);
  if (deviation === 0) return { atLeast: 1, atMost: 1 };
  const z = (correction: number): number => (observed - taken * mean + correction) / deviation;
  return { atLeast: normalTail(z(-0.5)), atMost: normalTail(-z(0.5)) };
}
