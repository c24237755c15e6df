/**
 * The rank-sum test of two independent samples, and the shift between them with its interval:
 * for rounds that were measured apart, where nothing pairs them (Wilcoxon 1945; Mann and Whitney,
 * "On a test of whether one of two random variables is stochastically larger than the other",
 * Annals of Mathematical Statistics 18(1), 1947; Hollander, Wolfe and Chicken, "Nonparametric
 * Statistical Methods", 4.1 to 4.3). It assumes that the samples differ by a shift and nothing else
 * of their shape, and that values are independent: rounds of one run that share a disturbance are
 * not, which no test over two runs can see.
 *
 * Up to {@link MOST_EXACT} values the null distribution is that of the ranks at hand, every choice
 * equally likely, so that p-values are exact with ties too. Beyond, the normal approximation with
 * the variance corrected for ties and for continuity (Lehmann, "Nonparametrics", 1.5).
 */
import { cumulativeOfDraws } from './draw-sums.ts';
import { doubledMidRanks } from './mid-ranks.ts';
import { normalTail } from './normal.ts';
import { type AchievedInterval, quantile, type Sorted, sorted } from './quantile.ts';

/** The outcome of a test of "the first sample is not shifted against the second". */
export interface RankSum {
  /** P(a rank sum of the first at least as large), for "the first lies above". */
  readonly pGreater: number;
  /** P(a rank sum of the first at least as small), for "the first lies below". */
  readonly pLess: number;
  /** Twice the smaller of the two, at most 1. */
  readonly pTwoSided: number;
}

const MOST_EXACT = 60;

/** Tests two samples. An empty one gives 1 for every p. */
export function rankSum(first: readonly number[], second: readonly number[]): RankSum {
  if (first.length === 0 || second.length === 0) return { pGreater: 1, pLess: 1, pTwoSided: 1 };
  const doubledRanks = doubledMidRanks([...first, ...second]);
  const observed = doubledRanks.slice(0, first.length).reduce((sum, rank) => sum + rank, 0);
  const { atLeast, atMost } =
    doubledRanks.length <= MOST_EXACT
      ? exactTails(doubledRanks, first.length, observed)
      : normalTails(doubledRanks, first.length, observed);
  return {
    pGreater: Math.min(1, atLeast),
    pLess: Math.min(1, atMost),
    pTwoSided: Math.min(1, 2 * Math.min(atLeast, atMost)),
  };
}

/**
 * How far the first sample lies above the second: the median of all differences between them
 * (Hodges and Lehmann 1963). Both need a value.
 */
export function rankSumShift(first: readonly number[], second: readonly number[]): number {
  return quantile(differences(first, second), 0.5);
}

/**
 * The two-sided interval for the shift: what the test would not reject, between two differences.
 * Covers with at least `level` (0..1), by the distribution without ties, which with ties only makes
 * it wider. Null where the samples are too small for it: 4 and 4 values are the least at 0.95.
 */
export function rankSumInterval(
  first: readonly number[],
  second: readonly number[],
  level: number,
): AchievedInterval | null {
  if (!(level > 0 && level < 1)) throw new Error(`no interval at a level of ${level}`);
  if (first.length === 0 || second.length === 0) return null;
  const ranks = Array.from({ length: first.length + second.length }, (_, index) => 2 * (index + 1));
  const least = first.length * (first.length + 1);
  const exact = ranks.length <= MOST_EXACT ? cumulativeOfDraws(ranks, first.length) : null;
  const tailOf = (pairs: number): number =>
    exact?.[least + 2 * pairs] ?? normalTails(ranks, first.length, least + 2 * pairs).atMost;
  const shifts = differences(first, second);
  let cut: { readonly index: number; readonly level: number } | null = null;
  for (let pairs = 0; pairs < shifts.length / 2; pairs += 1) {
    const achieved = 1 - 2 * tailOf(pairs);
    if (achieved < level) break;
    cut = { index: pairs, level: achieved };
  }
  if (cut === null) return null;
  const [low, high] = [shifts[cut.index], shifts[shifts.length - 1 - cut.index]];
  if (low === undefined || high === undefined) throw new Error('the cut lies outside the shifts');
  return { interval: [low, high], level: cut.level };
}

/** True if the most extreme order of samples of these sizes is rejected, two-sided, at `alpha`. */
export function canReject(firstCount: number, secondCount: number, alpha: number): boolean {
  let orders = 1;
  for (let k = 1; k <= firstCount; k += 1) orders *= (secondCount + k) / k;
  return firstCount > 0 && secondCount > 0 && 2 / orders <= alpha;
}

/** Every value of the first less every value of the second, sorted. */
function differences(first: readonly number[], second: readonly number[]): Sorted {
  return sorted(first.flatMap((a) => second.map((b) => a - b)));
}

interface Tails {
  readonly atLeast: number;
  readonly atMost: number;
}

function exactTails(doubledRanks: readonly number[], taken: number, observed: number): Tails {
  const cumulative = cumulativeOfDraws(doubledRanks, taken);
  return {
    atMost: cumulative[observed] ?? 1,
    atLeast: Math.max(0, 1 - (cumulative[observed - 1] ?? 0)),
  };
}

function normalTails(doubledRanks: readonly number[], taken: number, observed: number): Tails {
  const all = doubledRanks.length;
  const mean = (taken * (all + 1)) / 2;
  const centred = doubledRanks.map((rank) => (rank / 2 - (all + 1) / 2) ** 2);
  const spread = centred.reduce((sum, square) => sum + square, 0) / (all - 1);
  const deviation = Math.sqrt((taken * (all - taken) * spread) / all);
  if (deviation === 0) return { atLeast: 1, atMost: 1 };
  const z = (correction: number): number => (observed / 2 - mean + correction) / deviation;
  return { atLeast: normalTail(z(-0.5)), atMost: normalTail(-z(0.5)) };
}
