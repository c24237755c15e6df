import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalTail, normalTailQuantile } from './normal.ts';

describe('the normal tail', () => {
  // Abramowitz and Stegun, "Handbook of Mathematical Functions", tables 26.1 and 26.2.
  test.each([
    [0, 0.5],
    [0.5, 0.308537538725987],
    [1, 0.158655253931457],
    [1.96, 0.0249978951482204],
    [2, 0.0227501319481792],
    [3, 0.00134989803163009],
    [4, 3.16712418331199e-5],
    [5, 2.86651571879194e-7],
    [6, 9.86587645037698e-10],
    [10, 7.61985302416053e-24],
  ])('above %f is %f', (z, tail) => {
    expect(normalTail(z) / tail).toBeCloseTo(1, 10);
    expect(normalTail(-z)).toBeCloseTo(1 - tail, 12);
  });

  test('has no step where its two forms meet', () => {
    expect(normalTail(3 + 1e-9) / normalTail(3)).toBeCloseTo(1, 7);
  });
});

describe('its quantile', () => {
  test.each([
    [0.5, 0],
    [0.1, 1.2815515655446],
    [0.05, 1.64485362695147],
    [0.025, 1.95996398454005],
    [0.001, 3.09023230616781],
  ])('at %f is %f', (tail, z) => {
    expect(normalTailQuantile(tail)).toBeCloseTo(z, 10);
  });

  test('reverses the tail', () => {
    fc.assert(
      fc.property(fc.double({ min: -8, max: 20, noNaN: true }), (z) => {
        expect(normalTailQuantile(normalTail(z))).toBeCloseTo(z, z < -5 ? 0 : 8);
      }),
      { seed: 1 },
    );
  });

  test('is bounded at the ends, and nothing beyond them has one', () => {
    expect(normalTailQuantile(0)).toBeCloseTo(37, 9);
    expect(normalTailQuantile(1)).toBeCloseTo(-37, 9);
    expect(() => normalTailQuantile(1.1)).toThrow('no quantile');
  });
});
