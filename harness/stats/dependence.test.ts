import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../model/random.ts';
import { dependsOnPrevious, lagOneAutocorrelation, varianceInflation } from './dependence.ts';
import { heavyTailed, normal } from './noise.ts';

/** First-order autoregressive series, each a fresh draw from one seed. */
function series(count: number, length: number, correlation: number, noise = normal): number[][] {
  const random = createRandom(7);
  return Array.from({ length: count }, () => {
    let last = noise(random) / Math.sqrt(1 - correlation ** 2);
    return Array.from({ length }, () => {
      last = correlation * last + noise(random);
      return last;
    });
  });
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const share = (all: readonly number[][]): number =>
  all.filter(dependsOnPrevious).length / all.length;

describe('lag-1 autocorrelation', () => {
  test('is that of a series done by hand', () => {
    // Deviations -1.5 -0.5 0.5 1.5: products 0.75 - 0.25 + 0.75 of squares 5.
    expect(lagOneAutocorrelation([1, 2, 3, 4])).toBeCloseTo(0.25, 12);
    expect(lagOneAutocorrelation([1, -1, 1, -1])).toBeCloseTo(-0.75, 12);
  });

  test('is 0 where there is nothing to correlate', () => {
    expect(lagOneAutocorrelation([])).toBe(0);
    expect(lagOneAutocorrelation([1, 2])).toBe(0);
    expect(lagOneAutocorrelation([0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1])).toBe(0);
  });

  test('has the mean and the spread that the test takes for granted', () => {
    const found = series(20_000, 12, 0).map(lagOneAutocorrelation);
    const centre = mean(found);
    expect(centre).toBeCloseTo(-1 / 12, 2);
    const variance = mean(found.map((one) => (one - centre) ** 2));
    expect(variance).toBeCloseTo(100 / (144 * 11), 2);
  });

  test('does not change when values are shifted or scaled, nor when their order is reversed', () => {
    const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 3, maxLength: 30 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 50 }), (some, factor) => {
        const plain = lagOneAutocorrelation(some);
        expect(Math.abs(plain)).toBeLessThanOrEqual(1);
        expect(lagOneAutocorrelation(some.map((one) => one * factor + 3))).toBeCloseTo(plain, 8);
        expect(lagOneAutocorrelation(some.toReversed())).toBeCloseTo(plain, 8);
      }),
      { seed: 1 },
    );
  });
});

describe('dependence', () => {
  test.each([
    ['normal', normal],
    ['heavy-tailed', heavyTailed],
  ] as const)('is found in about one of twenty independent %s series at most', (_, noise) => {
    for (const length of [8, 12, 30]) {
      expect(share(series(4000, length, 0, noise))).toBeLessThan(0.07);
    }
  });

  test('is found in most series of 30 that have it', () => {
    expect(share(series(1000, 30, 0.5))).toBeGreaterThan(0.5);
  });

  test('is never found in fewer than eight values', () => {
    expect(dependsOnPrevious([1, 2, 3, 4, 5, 6, 7])).toBe(false);
  });
});

describe('variance inflation', () => {
  test('is at least 1, at most 9, and 1 where no dependence is found', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -5, max: 5, noNaN: true })), (values) => {
        const inflation = varianceInflation(values);
        expect(inflation).toBeGreaterThanOrEqual(1);
        expect(inflation).toBeLessThanOrEqual(9 + 1e-9);
        if (!dependsOnPrevious(values)) expect(inflation).toBe(1);
      }),
      { seed: 1 },
    );
  });

  test('is close to the true one in long series', () => {
    const found = series(200, 1000, 0.4).map(varianceInflation);
    expect(mean(found)).toBeCloseTo(1.4 / 0.6, 1);
  });
});
