import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../model/random.ts';
import { heavyTailed, normal } from './noise.ts';
import { canReject, rankSum, rankSumInterval, rankSumShift } from './rank-sum.ts';

/** Water transfer of placentas at term and earlier, Hollander and Wolfe, table 4.1. */
const AT_TERM = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
const EARLIER = [1.15, 0.88, 0.9, 0.74, 1.21];

const values = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), {
  minLength: 4,
  maxLength: 12,
});
const negate = (sample: readonly number[]): number[] => sample.map((value) => -value);

describe('the test', () => {
  test('gives p = 0.127, one-sided, for the placentas', () => {
    expect(rankSum(EARLIER, AT_TERM).pLess).toBeCloseTo(0.1272, 4);
    expect(rankSum(AT_TERM, EARLIER).pGreater).toBeCloseTo(0.1272, 4);
  });

  test('agrees with going through every choice, with ties', () => {
    const tied = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(tied, tied, (first, second) => {
        const result = rankSum(first, second);
        const { atLeast, atMost } = byEnumeration(first, second);
        expect(result.pGreater).toBeCloseTo(atLeast, 10);
        expect(result.pLess).toBeCloseTo(atMost, 10);
      }),
      { seed: 1 },
    );
  });

  test('swaps its tails when the samples are swapped', () => {
    fc.assert(
      fc.property(values, values, (first, second) => {
        const result = rankSum(first, second);
        const swapped = rankSum(second, first);
        expect(swapped.pLess).toBeCloseTo(result.pGreater, 10);
        expect(swapped.pGreater).toBeCloseTo(result.pLess, 10);
      }),
      { seed: 1 },
    );
  });

  test('says nothing of equal values, or of none', () => {
    expect(rankSum([1, 1, 1, 1], [1, 1, 1, 1]).pTwoSided).toBe(1);
    expect(rankSum([], [1, 2]).pTwoSided).toBe(1);
    expect(rankSum(new Array(40).fill(1), new Array(40).fill(1)).pTwoSided).toBe(1);
  });

  test('of many values agrees with the exact one of nearly as many', () => {
    const sample = (count: number, shift: number): number[] =>
      Array.from({ length: count }, (_, index) => ((index * 37) % count) / count + shift);
    const exact = rankSum(sample(30, 0.15), sample(30, 0)).pGreater;
    const approximate = rankSum(sample(31, 0.15), sample(31, 0)).pGreater;
    expect(Math.abs(approximate - exact)).toBeLessThan(0.005);
  });
});

describe('the shift', () => {
  test('of the placentas is -0.305, between -0.76 and 0.15 at 96 %', () => {
    expect(rankSumShift(EARLIER, AT_TERM)).toBeCloseTo(-0.305, 10);
    const found = rankSumInterval(EARLIER, AT_TERM, 0.95);
    expect(found?.interval[0]).toBeCloseTo(-0.76, 10);
    expect(found?.interval[1]).toBeCloseTo(0.15, 10);
    expect(found?.level).toBeGreaterThanOrEqual(0.95);
  });

  test('needs four values on each side at 95 %', () => {
    expect(rankSumInterval([1, 2, 3], [4, 5, 6, 7], 0.95)).toBeNull();
    expect(rankSumInterval([1, 2, 3, 4], [5, 6, 7, 8], 0.95)?.interval).toEqual([-7, -1]);
    expect(canReject(3, 4, 0.05)).toBe(false);
    expect(canReject(4, 4, 0.05)).toBe(true);
    expect(canReject(0, 9, 0.05)).toBe(false);
  });

  test('lies within its interval, negates with the sides, and scales', () => {
    fc.assert(
      fc.property(values, values, (first, second) => {
        const [low, high] = rankSumInterval(first, second, 0.95)?.interval ?? [NaN, NaN];
        const shift = rankSumShift(first, second);
        expect(shift).toBeGreaterThanOrEqual(low);
        expect(shift).toBeLessThanOrEqual(high);
        const [below, above] = rankSumInterval(negate(first), negate(second), 0.95)?.interval ?? [
          NaN,
          NaN,
        ];
        expect(below).toBeCloseTo(-high, 10);
        expect(above).toBeCloseTo(-low, 10);
      }),
      { seed: 1 },
    );
  });

  test.each([
    ['normal', normal],
    ['heavy-tailed', heavyTailed],
  ])('is covered for %s noise as often as the interval says', (_, noise) => {
    const random = createRandom(11);
    const runs = 3_000;
    let covered = 0;
    let stated = 0;
    for (let run = 0; run < runs; run += 1) {
      const first = Array.from({ length: 8 }, () => 3 + noise(random));
      const second = Array.from({ length: 7 }, () => noise(random));
      const found = rankSumInterval(first, second, 0.95);
      stated = found?.level ?? 0;
      const [low, high] = found?.interval ?? [NaN, NaN];
      if (low <= 3 && high >= 3) covered += 1;
    }
    // Four binomial standard deviations.
    expect(stated).toBeGreaterThanOrEqual(0.95);
    expect(Math.abs(covered / runs - stated)).toBeLessThan(0.015);
  });
});

/** Both tails by trying every choice: slow and plain. */
function byEnumeration(
  first: readonly number[],
  second: readonly number[],
): {
  atLeast: number;
  atMost: number;
} {
  const all = [...first, ...second];
  const rank = (value: number): number =>
    all.filter((other) => other < value).length +
    (all.filter((other) => other === value).length + 1) / 2;
  const ranks = all.map(rank);
  const sumOf = (taken: readonly number[]): number => taken.reduce((sum, r) => sum + r, 0);
  const observed = sumOf(ranks.slice(0, first.length));
  let [choices, atLeast, atMost] = [0, 0, 0];
  for (let choice = 0; choice < 2 ** all.length; choice += 1) {
    const taken = ranks.filter((_, bit) => ((choice >> bit) & 1) === 1);
    if (taken.length !== first.length) continue;
    choices += 1;
    if (sumOf(taken) >= observed) atLeast += 1;
    if (sumOf(taken) <= observed) atMost += 1;
  }
  return { atLeast: atLeast / choices, atMost: atMost / choices };
}
