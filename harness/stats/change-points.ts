/**
 * Where a series changes its level, without assuming how it scatters: E-divisive by the
 * energy distance (Matteson and James, "A nonparametric approach for multiple change point
 * analysis of multivariate data", JASA 109(505), 2014), as MongoDB uses it on benchmarks (Daly et
 * al., ICPE 2020). Each stretch is split where its two sides differ most, if random orders of
 * the same values seldom differ as much, and then each side likewise. Pure: the same values give
 * the same changes.
 */
import { createRandom, shuffled } from '../model/random.ts';
import { median } from './quantile.ts';

/** A change of level. */
export interface ChangePoint {
  /** The most likely index of the first value after it. */
  readonly at: number;
  /** The share of random orders that differ as much, this one included: 0..1. */
  readonly error: number;
  /** The likely places, the most likely first; shares of 1 in all, down to the least that count. */
  readonly places: readonly { readonly at: number; readonly share: number }[];
}

export interface ChangePointOptions {
  /** The probability, at most, of splitting a stretch in which nothing changed; default: 0.01. */
  readonly error?: number;
  /** The random orders each stretch is held against; default: 999. */
  readonly orders?: number;
  /** The fewest values between two changes, at least 2; default: 3. */
  readonly least?: number;
}

interface Split {
  readonly at: number;
  readonly statistic: number;
}

/** Places less likely than this are not named. */
const LEAST_SHARE = 0.02;
const SEED = 20_141;

/** The changes in a series, from its first to its last. The values are finite. */
export function changePoints(
  values: readonly number[],
  { error = 0.01, orders = 999, least = 3 }: ChangePointOptions = {},
): readonly ChangePoint[] {
  const found = new Map<number, number>();
  const open: (readonly [from: number, to: number])[] = [[0, values.length]];
  for (let range = open.pop(); range !== undefined; range = open.pop()) {
    const [from, to] = range;
    const stretch = values.slice(from, to);
    const split = bestSplit(stretch, least, roomFor(stretch.length));
    if (split === null) continue;
    const chance = chanceOf(stretch, split.statistic, { error, orders, least });
    if (chance > error) continue;
    const at = from + split.at;
    found.set(at, chance);
    open.push([from, at], [at, to]);
  }
  const ats = [...found.keys()].sort((a, b) => a - b);
  return ats.map((at, index) => {
    const [from, to] = [ats[index - 1] ?? 0, ats[index + 1] ?? values.length];
    const places = placesOf(values.slice(from, to), least).map((place) => ({
      ...place,
      at: from + place.at,
    }));
    return { at: places[0]?.at ?? at, error: found.get(at) ?? 1, places };
  });
}

/**
 * Where a stretch's beginning and what follows it differ most; what follows may end before the
 * stretch does, so that a level that came and went is found too. Null: too short to split.
 */
function bestSplit(values: readonly number[], least: number, sums: Float64Array): Split | null {
  const count = values.length;
  if (count < 2 * least) return null;
  // At i * width + j: the sum of the distances between the first i values and the first j.
  const width = count + 1;
  for (let i = 1; i <= count; i += 1) {
    const value = values[i - 1] as number;
    let row = 0;
    for (let j = 1; j <= count; j += 1) {
      row += Math.abs(value - (values[j - 1] as number));
      sums[i * width + j] = (sums[(i - 1) * width + j] as number) + row;
    }
  }
  let best: Split = { at: least, statistic: Number.NEGATIVE_INFINITY };
  for (let at = least; at <= count - least; at += 1) {
    const before = sums[at * width + at] as number;
    for (let end = at + least; end <= count; end += 1) {
      const after = end - at;
      const between = (sums[at * width + end] as number) - before;
      const behind = (sums[end * width + end] as number) - 2 * between - before;
      const energy =
        (2 * between) / (at * after) - before / (at * (at - 1)) - behind / (after * (after - 1));
      const statistic = (energy * at * after) / end;
      if (statistic > best.statistic) best = { at, statistic };
    }
  }
  return best;
}

/** Room for the sums of so many values; the first row and column stay 0. */
function roomFor(count: number): Float64Array {
  return new Float64Array((count + 1) ** 2);
}

/** How often a random order of the values splits as well. Ends early where that is too often. */
function chanceOf(
  values: readonly number[],
  statistic: number,
  { error, orders, least }: Required<ChangePointOptions>,
): number {
  const random = createRandom(SEED);
  const sums = roomFor(values.length);
  // Equal orders differ by rounding.
  const bar = statistic - 1e-12 * Math.abs(statistic);
  let asMuch = 1;
  for (let order = 0; order < orders; order += 1) {
    if ((bestSplit(shuffled(values, random), least, sums)?.statistic ?? 0) >= bar) asMuch += 1;
    if (asMuch > error * (orders + 1)) return 1;
  }
  return asMuch / (orders + 1);
}

/**
 * How likely each place is, given that there is one change in a stretch: the profile likelihood of
 * two medians under Laplace's distribution of errors, which no single outlier decides.
 */
function placesOf(
  values: readonly number[],
  least: number,
): readonly { readonly at: number; readonly share: number }[] {
  const spread = (part: readonly number[]): number => {
    const middle = median(part);
    return part.reduce((sum, value) => sum + Math.abs(value - middle), 0);
  };
  const scores: { readonly at: number; readonly score: number }[] = [];
  for (let at = least; at <= values.length - least; at += 1) {
    const left = spread(values.slice(0, at)) + spread(values.slice(at));
    scores.push({ at, score: -values.length * Math.log(Math.max(left, Number.MIN_VALUE)) });
  }
  const most = Math.max(...scores.map(({ score }) => score));
  const weights = scores.map(({ at, score }) => ({ at, weight: Math.exp(score - most) }));
  const total = weights.reduce((sum, { weight }) => sum + weight, 0);
  return weights
    .map(({ at, weight }) => ({ at, share: weight / total }))
    .filter(({ share }) => share >= LEAST_SHARE)
    .sort((a, b) => b.share - a.share);
}
