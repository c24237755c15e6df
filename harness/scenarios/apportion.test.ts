import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../model/random.ts';
import { apportion, apportionQuantiles, sum } from './apportion.ts';
import { shuffleInPlace } from './shuffle.ts';

describe('apportion', () => {
  test('meets every share to within the weight of the lightest items, for any seed', () => {
    const weights = [0.2, 0.1, 0.05, ...new Array<number>(650).fill(0.001)];
    const shares = [0.6, 0.3, 0.08, 0.02];
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const dealt = apportion(weights, shares, createRandom(seed));
        for (const [category, share] of shares.entries())
          expect(Math.abs(weightOf(weights, dealt, category) - share)).toBeLessThan(0.0021);
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  test('never gives an item to a category that is too small for it while another has room', () => {
    for (let seed = 0; seed < 50; seed++)
      expect(apportion([0.5, 0.3, 0.2], [0.02, 0.98], createRandom(seed)).slice(0, 2)).toEqual([
        1, 1,
      ]);
  });

  test('deals differently under another seed', () => {
    const weights = new Array<number>(100).fill(1);
    const first = apportion(weights, [1, 1], createRandom(1));
    expect(apportion(weights, [1, 1], createRandom(1))).toEqual(first);
    expect(apportion(weights, [1, 1], createRandom(2))).not.toEqual(first);
  });
});

describe('apportionQuantiles', () => {
  test('gives values whose weighted quantiles are the declared ones', () => {
    const weights = new Array<number>(1000).fill(0.001);
    const values = apportionQuantiles(
      weights,
      [
        [0, 0],
        [0.5, 100],
        [1, 1100],
      ],
      createRandom(3),
    ).sort((a, b) => a - b);
    expect(values[250]).toBeCloseTo(50, -1);
    expect(values[500]).toBeCloseTo(100, -1);
    expect(values[750]).toBeCloseTo(600, -1);
    expect(Math.max(...values)).toBeLessThanOrEqual(1100);
  });
});

describe('shuffleInPlace', () => {
  test('shuffles every position about equally often', () => {
    const firsts = new Array<number>(4).fill(0);
    for (let seed = 0; seed < 4000; seed++) {
      const first = shuffleInPlace([0, 1, 2, 3], createRandom(seed))[0] ?? 0;
      firsts[first] = (firsts[first] ?? 0) + 1;
    }
    for (const count of firsts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});

function weightOf(weights: readonly number[], dealt: readonly number[], category: number): number {
  return sum(weights.filter((_, i) => dealt[i] === category));
}
