import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../model/random.ts';
import { hodgesLehmann, walshAverages } from './hodges-lehmann.ts';
import { heavyTailed, normal } from './noise.ts';
import { leastCount, rankSumDistribution, signedRank, signedRankInterval } from './signed-rank.ts';

/** Depression scale factors of nine patients, Hollander and Wolfe, table 3.1: differences. */
const DEPRESSION = [0.952, -0.147, 1.022, 0.43, 0.62, 0.59, 0.49, -0.08, 0.01];

const differences = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), {
  minLength: 6,
  maxLength: 20,
});

describe('the null distribution', () => {
  // Critical values at 2.5 % in one tail, n = 6 to 30 (OEIS A226330).
  const CRITICAL = [
    0, 2, 3, 5, 8, 10, 13, 17, 21, 25, 29, 34, 40, 46, 52, 58, 65, 73, 81, 89, 98, 107, 116, 126,
    137,
  ];

  test.each(CRITICAL.map((critical, index) => [index + 6, critical]))(
    'of %i values has its 2.5 % point at %i',
    (count, critical) => {
      const distribution = rankSumDistribution(Array.from({ length: count }, (_, i) => 2 * i + 2));
      const tail = (sum: number): number =>
        distribution.slice(0, 2 * sum + 1).reduce((total, p) => total + p, 0);
      expect(tail(critical)).toBeLessThanOrEqual(0.025);
      expect(tail(critical + 1)).toBeGreaterThan(0.025);
    },
  );

  test('sums to one', () => {
    const distribution = rankSumDistribution(Array.from({ length: 40 }, (_, i) => 2 * i + 2));
    expect(distribution.reduce((total, p) => total + p, 0)).toBeCloseTo(1, 12);
  });
});

describe('the test', () => {
  test('gives W+ = 40 and p = 0.0195, one-sided, for the depression data', () => {
    const result = signedRank(DEPRESSION);
    expect(result.positive).toBe(40);
    expect(result.pGreater).toBeCloseTo(0.01953125, 12);
    expect(result.pTwoSided).toBeCloseTo(0.0390625, 12);
  });

  test('agrees with going through every assignment of signs, with ties and zeros', () => {
    const tied = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(tied, (values) => {
        const result = signedRank(values);
        const { atLeast, atMost } = byEnumeration(values);
        expect(result.pGreater).toBeCloseTo(atLeast, 10);
        expect(result.pLess).toBeCloseTo(atMost, 10);
      }),
      { seed: 1 },
    );
  });

  test('says nothing of values that are all zero, or of none', () => {
    expect(signedRank([0, 0, 0, 0, 0, 0, 0]).pTwoSided).toBe(1);
    expect(signedRank([]).pTwoSided).toBe(1);
  });

  test('counts zeros against a difference instead of forgetting them', () => {
    const without = signedRank([1, 2, 3, 4, 5, -6]).pGreater;
    const withZeros = signedRank([0, 0, 0, 1, 2, 3, 4, 5, -6]).pGreater;
    expect(withZeros).not.toBeCloseTo(without, 6);
  });

  test('swaps its two tails when the sides are swapped, and ignores scale', () => {
    fc.assert(
      fc.property(differences, (values) => {
        const result = signedRank(values);
        const swapped = signedRank(values.map((value) => -value));
        expect(swapped.pLess).toBeCloseTo(result.pGreater, 12);
        expect(swapped.pGreater).toBeCloseTo(result.pLess, 12);
        expect(signedRank(values.map((value) => value * 4)).pGreater).toBe(result.pGreater);
      }),
      { seed: 1 },
    );
  });
});

describe('the interval', () => {
  test('of the depression data is 0.010 to 0.786 at 96.1 %', () => {
    const found = signedRankInterval(DEPRESSION, 0.95);
    expect(found?.interval[0]).toBeCloseTo(0.01, 12);
    expect(found?.interval[1]).toBeCloseTo(0.786, 12);
    expect(found?.level).toBeCloseTo(0.9609375, 12);
  });

  test('needs six values at 95 %, and is then their whole range', () => {
    expect(signedRankInterval([1, 2, 3, 4, 5], 0.95)).toBeNull();
    expect(signedRankInterval([6, 1, 2, 3, 4, 5], 0.95)?.interval).toEqual([1, 6]);
    expect(leastCount(0.05)).toBe(6);
    expect(leastCount(0.05 / 3)).toBe(7);
  });

  test('holds exactly the centres that the test does not reject', () => {
    const random = createRandom(3);
    for (let run = 0; run < 40; run += 1) {
      const values = Array.from({ length: 6 + random.below(10) }, () => normal(random));
      const found = signedRankInterval(values, 0.95);
      expect(found).not.toBeNull();
      const [low, high] = found?.interval ?? [0, 0];
      const averages = walshAverages(values);
      // Between two neighbouring averages the test's outcome is constant.
      for (let index = 1; index < averages.length; index += 1) {
        const centre = ((averages[index - 1] ?? 0) + (averages[index] ?? 0)) / 2;
        const kept = signedRank(values.map((value) => value - centre)).pTwoSided > 1 - 0.95;
        expect(kept).toBe(centre > low && centre < high);
      }
    }
  });

  test('contains the estimate, negates with the sides and scales with the values', () => {
    fc.assert(
      fc.property(differences, (values) => {
        const [low, high] = signedRankInterval(values, 0.95)?.interval ?? [Number.NaN, Number.NaN];
        const estimate = hodgesLehmann(values);
        expect(estimate).toBeGreaterThanOrEqual(low);
        expect(estimate).toBeLessThanOrEqual(high);
        const swapped = signedRankInterval(
          values.map((value) => -value),
          0.95,
        )?.interval;
        expect(swapped?.[0]).toBeCloseTo(-high, 12);
        expect(swapped?.[1]).toBeCloseTo(-low, 12);
        const doubled = signedRankInterval(
          values.map((value) => value * 2),
          0.95,
        )?.interval;
        expect(doubled).toEqual([low * 2, high * 2]);
      }),
      { seed: 1 },
    );
  });

  test.each([
    ['normal', normal],
    ['heavy-tailed', heavyTailed],
  ])('covers the true centre of %s noise as often as it says', (_, noise) => {
    const random = createRandom(5);
    const runs = 4_000;
    let covered = 0;
    for (let run = 0; run < runs; run += 1) {
      const values = Array.from({ length: 10 }, () => noise(random));
      const [low, high] = signedRankInterval(values, 0.95)?.interval ?? [1, 1];
      if (low <= 0 && high >= 0) covered += 1;
    }
    // 0.9512 for 10 values by theory; four binomial standard deviations are 0.0136.
    expect(Math.abs(covered / runs - 0.9512)).toBeLessThan(0.0136);
  });
});

/** Both tails by trying all signs of the non-zero ranks: slow and plain. */
function byEnumeration(values: readonly number[]): { atLeast: number; atMost: number } {
  const rank = (value: number): number => {
    const below = values.filter((other) => Math.abs(other) < Math.abs(value)).length;
    const equal = values.filter((other) => Math.abs(other) === Math.abs(value)).length;
    return below + (equal + 1) / 2;
  };
  const ranks = values.filter((value) => value !== 0).map(rank);
  const observed = values.filter((value) => value > 0).reduce((sum, value) => sum + rank(value), 0);
  let atLeast = 0;
  let atMost = 0;
  for (let signs = 0; signs < 2 ** ranks.length; signs += 1) {
    const sum = ranks.reduce((total, r, bit) => total + ((signs >> bit) & 1 ? r : 0), 0);
    if (sum >= observed) atLeast += 1;
    if (sum <= observed) atMost += 1;
  }
  return { atLeast: atLeast / 2 ** ranks.length, atMost: atMost / 2 ** ranks.length };
}
