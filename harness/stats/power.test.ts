import { describe, expect, test } from 'vitest';
import { createRandom } from '../model/random.ts';
import { alignedInterval, alignedShift, type Block } from './aligned-rank.ts';
import { normal } from './noise.ts';
import { detectableChange, roundsToReach, standardDeviation } from './power.ts';

describe('the detectable change', () => {
  // The simulated share of runs that call a true change of the mean detectable size.
  test.each([
    [8, 0.05, 0],
    [12, 0.05, 0],
    [12, 0.05 / 3, 0],
    [20, 0.05, 0],
    [12, 0.05, 0.1],
  ])(
    'is called by about 80 % of runs of %i rounds at alpha %f and a minimum of %f',
    (count, alpha, minimumEffect) => {
      const random = createRandom(17);
      const draw = (centre: number): Block[] =>
        Array.from({ length: count }, () =>
          [centre, 0, 0].map((value) => value + 0.06 * normal(random)),
        );
      const sizes = Array.from({ length: 100 }, () =>
        detectableChange(draw(0), { alpha, minimumEffect }),
      );
      const size = sizes.reduce<number>((sum, value) => sum + (value ?? 0), 0) / sizes.length;
      let called = 0;
      const runs = 300;
      for (let run = 0; run < runs; run += 1) {
        const values = draw(size);
        const low = alignedInterval(values, 1 - alpha)?.interval[0] ?? 0;
        if (low > 0 && alignedShift(values) > minimumEffect) called += 1;
      }
      expect(called / runs).toBeGreaterThan(0.7);
      expect(called / runs).toBeLessThan(0.9);
    },
  );

  test('grows with the noise and is never below the minimum effect', () => {
    const values: Block[] = [0.01, -0.01, 0.02, -0.02, 0.03, -0.03, 0, 0.01].map((at) => [at, 0]);
    const options = { alpha: 0.05, minimumEffect: 0 };
    const quiet = detectableChange(values, options) ?? 0;
    const noisy =
      detectableChange(
        values.map((block) => block.map((value) => value * 3)),
        options,
      ) ?? 0;
    expect(noisy).toBeCloseTo(quiet * 3, 9);
    expect(
      detectableChange(
        values.map(() => [0, 0]),
        { alpha: 0.05, minimumEffect: 0.05 },
      ),
    ).toBe(0.05);
  });

  test('is not known with too few rounds', () => {
    expect(
      detectableChange(
        [1, 2, 3, 4, 5].map((at) => [at, 0]),
        { alpha: 0.05, minimumEffect: 0 },
      ),
    ).toBeNull();
  });
});

test('halving an interval takes four times the rounds, and no gap takes for ever', () => {
  expect(roundsToReach(10, 0.02, 0.01)).toBe(40);
  expect(roundsToReach(10, 0.01, 0.02)).toBe(11);
  expect(roundsToReach(10, 0.01, 0)).toBe(Number.POSITIVE_INFINITY);
});

test('the standard deviation divides by one less than the count', () => {
  expect(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(2.138, 3);
  expect(standardDeviation([3])).toBe(0);
});
