import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../model/random.ts';
import { heavyTailed } from './noise.ts';
import { median, medianInterval, quantile, sorted } from './quantile.ts';

const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true });

describe('a quantile', () => {
  test('interpolates between order statistics, definition 7 of Hyndman and Fan', () => {
    const sample = sorted([40, 10, 30, 20]);
    expect(quantile(sample, 0)).toBe(10);
    expect(quantile(sample, 0.25)).toBe(17.5);
    expect(quantile(sample, 0.5)).toBe(25);
    expect(quantile(sample, 0.9)).toBe(37);
    expect(quantile(sample, 1)).toBe(40);
  });

  test('leaves the sample it is given in its own order', () => {
    const values = [3, 1, 2];
    expect(median(values)).toBe(2);
    expect(values).toEqual([3, 1, 2]);
  });

  test('lies within the sample and never falls as the fraction rises', () => {
    const fraction = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(finite, { minLength: 1 }), fraction, fraction, (values, one, other) => {
        const sample = sorted(values);
        const low = quantile(sample, Math.min(one, other));
        const high = quantile(sample, Math.max(one, other));
        expect(low).toBeLessThanOrEqual(high);
        expect(low).toBeGreaterThanOrEqual(Math.min(...values));
        expect(high).toBeLessThanOrEqual(Math.max(...values));
      }),
      { seed: 1 },
    );
  });

  test('refuses an empty sample, NaN and a fraction out of range', () => {
    expect(() => sorted([])).toThrow('at least one value');
    expect(() => sorted([1, Number.NaN])).toThrow('NaN');
    expect(() => quantile(sorted([1]), 1.1)).toThrow('no quantile at 1.1');
  });
});

describe('the interval of a median', () => {
  const oneTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

  // Order statistics of the sign test's confidence interval, as textbooks tabulate them.
  test.each([
    [6, 1, 6, 0.9688],
    [8, 1, 8, 0.9922],
    [9, 2, 8, 0.9609],
    [10, 2, 9, 0.9785],
    [12, 3, 10, 0.9614],
    [20, 6, 15, 0.9586],
  ])('of %i values runs from the %ith to the %ith', (count, low, high, level) => {
    const found = medianInterval(oneTo(count), 0.95);
    expect(found?.interval).toEqual([low, high]);
    expect(found?.level).toBeCloseTo(level, 4);
  });

  test('does not exist at 95 % below six values', () => {
    expect(medianInterval(oneTo(5), 0.95)).toBeNull();
    expect(medianInterval([7], 0.95)).toBeNull();
  });

  test('covers the true median as often as it says', () => {
    const random = createRandom(11);
    const runs = 4_000;
    let covered = 0;
    for (let run = 0; run < runs; run += 1) {
      const found = medianInterval(
        Array.from({ length: 10 }, () => heavyTailed(random)),
        0.95,
      );
      if (found !== null && found.interval[0] <= 0 && found.interval[1] >= 0) covered += 1;
    }
    // 0.9785 by theory; four binomial standard deviations are 0.0092.
    expect(Math.abs(covered / runs - 0.9785)).toBeLessThan(0.0092);
  });
});
