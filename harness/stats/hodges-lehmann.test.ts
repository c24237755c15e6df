import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hodgesLehmann, walshAverages } from './hodges-lehmann.ts';

const values = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), {
  minLength: 1,
  maxLength: 30,
});

describe('the Hodges-Lehmann estimate', () => {
  test('of the depression data of Hollander and Wolfe is 0.46', () => {
    expect(hodgesLehmann([0.952, -0.147, 1.022, 0.43, 0.62, 0.59, 0.49, -0.08, 0.01])).toBeCloseTo(
      0.46,
      10,
    );
  });

  test('is the median of every average of two values and of each with itself', () => {
    expect([...walshAverages([1, 5, 2])]).toEqual([1, 1.5, 2, 3, 3.5, 5]);
    expect(hodgesLehmann([1, 5, 2])).toBe(2.5);
    expect(hodgesLehmann([4])).toBe(4);
  });

  test('does not follow a wild value', () => {
    expect(hodgesLehmann([1, 1, 1, 1, 1, 1, 1, 1_000])).toBe(1);
  });

  test('negates when the sides are swapped, and shifts and scales with the values', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0.1, max: 10, noNaN: true }), (sample, scale) => {
        const estimate = hodgesLehmann(sample);
        expect(hodgesLehmann(sample.map((value) => -value))).toBeCloseTo(-estimate, 6);
        expect(hodgesLehmann(sample.map((value) => value + 7))).toBeCloseTo(estimate + 7, 6);
        expect(hodgesLehmann(sample.map((value) => value * scale))).toBeCloseTo(
          estimate * scale,
          6,
        );
      }),
      { seed: 1 },
    );
  });
});
