import { describe, expect, test } from 'vitest';
import { type Cycle, DEFAULT_SHAPE, planRound, shapeForBudget } from './plan.ts';

const ARMS = ['direct', 'reference', 'twin', 'candidate'];

function take(seed: number, round: number, count: number): readonly Cycle[] {
  const cycles = planRound(seed, round, ARMS, DEFAULT_SHAPE).cycles('sequential');
  return Array.from({ length: count }, () => cycles.next().value);
}

describe('the plan of a round', () => {
  test('follows from the seed and the round alone', () => {
    expect(take(1, 0, 50)).toEqual(take(1, 0, 50));
    expect(take(1, 0, 50)).not.toEqual(take(2, 0, 50));
    expect(take(1, 0, 50)).not.toEqual(take(1, 1, 50));
  });

  test('visits every arm once a cycle', () => {
    for (const { order } of take(3, 0, 200)) expect([...order].sort()).toEqual([...ARMS].sort());
  });

  test('gives every arm of a cycle the same requests, and the next cycle the following ones', () => {
    const cycles = take(4, 0, 10);
    const gaps = cycles.slice(1).map((cycle, i) => cycle.position - (cycles[i]?.position ?? 0));
    expect(new Set(gaps)).toEqual(new Set([DEFAULT_SHAPE.sequentialRequests]));
  });

  test('lets each arm follow each other about equally often', () => {
    const after = new Map<string, number>();
    const cycles = take(5, 0, 6000);
    for (const { order } of cycles) {
      for (const [i, arm] of order.entries()) {
        const before = order[i - 1];
        if (before !== undefined)
          after.set(`${before}>${arm}`, (after.get(`${before}>${arm}`) ?? 0) + 1);
      }
    }
    // 6,000 cycles of three neighbours over twelve pairs: 1,500 each, standard deviation 34.
    expect(after.size).toBe(12);
    for (const count of after.values()) expect(Math.abs(count - 1500)).toBeLessThan(170);
  });
});

describe('the shape of a round', () => {
  test('is the default one for a long budget or none', () => {
    expect(shapeForBudget(Number.POSITIVE_INFINITY)).toEqual(DEFAULT_SHAPE);
    expect(shapeForBudget(120_000)).toEqual(DEFAULT_SHAPE);
  });

  test('is shorter for a short budget, within bounds', () => {
    const short = shapeForBudget(30_000);
    expect(short.warmUpMaxMs).toBeCloseTo(1304, 0);
    expect(short.loadedMs).toBeCloseTo(1111, 0);
    expect(short.sequentialMs).toBeCloseTo(600, 0);
    expect(shapeForBudget(1000)).toMatchObject({
      warmUpMaxMs: 1200,
      loadedMs: 600,
      sequentialMs: 500,
    });
    expect(short.sequentialCycles).toBe(DEFAULT_SHAPE.sequentialCycles);
  });
});
