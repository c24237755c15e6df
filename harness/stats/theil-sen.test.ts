import { describe, expect, test } from 'vitest';
import { createRandom } from '../model/random.ts';
import { heavyTailed, normal } from './noise.ts';
import { theilSen } from './theil-sen.ts';

const line = (count: number, y: (x: number) => number) =>
  Array.from({ length: count }, (_, x) => ({ x, y: y(x) }));

test('a straight line is found exactly', () => {
  const fit = theilSen(
    line(10, (x) => 3 + 2 * x),
    0.95,
  );
  expect(fit).toMatchObject({ slope: 2, intercept: 3 });
  expect(fit.interval?.interval).toEqual([2, 2]);
});

/** Hollander and Wolfe's table of Kendall's statistic: 10 points, P(K >= 23) is 0.023. */
test('ten points leave eleven slopes out on each side at 95 %, by the published table', () => {
  const points = line(10, (x) => x ** 2);
  const slopes = points
    .flatMap((from, at) => points.slice(at + 1).map((to) => (to.y - from.y) / (to.x - from.x)))
    .sort((a, b) => a - b);
  const fit = theilSen(points, 0.95);
  // C = 21: (45 - 21) / 2 = 12, so the 12th slope from either end, 11 outside.
  expect(fit.interval?.level).toBeGreaterThanOrEqual(0.95);
  expect(fit.interval?.level).toBeLessThan(0.97);
  // A parabola's residuals depend on each other, so the exact interval is within the given one.
  expect(fit.interval?.interval[0]).toBeLessThanOrEqual(slopes[11] ?? 0);
});

test('a wild reading does not move the slope', () => {
  const points = line(20, (x) => 5 * x).map((point) =>
    point.x === 7 ? { ...point, y: 1e6 } : point,
  );
  expect(theilSen(points, 0.95).slope).toBe(5);
});

test.each([2, 3, 4])('%d points give a slope and no interval at 95 %', (count) => {
  const fit = theilSen(
    line(count, (x) => x),
    0.95,
  );
  expect(fit).toMatchObject({ slope: 1, interval: null });
});

test('points whose x do not ascend are a mistake', () => {
  const points = [
    { x: 1, y: 1 },
    { x: 1, y: 2 },
  ];
  expect(() => theilSen(points, 0.95)).toThrow(/ascend/);
});

describe('the interval covers the true slope as often as it says', () => {
  const runs = 400;
  const coverage = (noise: (random: ReturnType<typeof createRandom>) => number[]): number => {
    let covered = 0;
    for (let seed = 0; seed < runs; seed += 1) {
      const errors = noise(createRandom(seed));
      const fit = theilSen(
        errors.map((error, x) => ({ x, y: 0.3 * x + error })),
        0.95,
      );
      const [low, high] = fit.interval?.interval ?? [Number.NaN, Number.NaN];
      if (low <= 0.3 && 0.3 <= high) covered += 1;
    }
    return covered / runs;
  };

  test('under normal noise', () => {
    const found = coverage((random) => Array.from({ length: 30 }, () => normal(random)));
    expect(found).toBeGreaterThan(0.92);
  });

  test('under heavy-tailed noise', () => {
    const found = coverage((random) => Array.from({ length: 30 }, () => heavyTailed(random)));
    expect(found).toBeGreaterThan(0.92);
  });

  test('and nearly so where each reading depends on the one before', () => {
    const found = coverage((random) => {
      let state = 0;
      return Array.from({ length: 30 }, () => {
        state = 0.5 * state + normal(random);
        return state;
      });
    });
    expect(found).toBeGreaterThan(0.85);
  });
});
