import { describe, expect, test } from 'vitest';
import { roundsOfTwo, shapeForField } from './field-shape.ts';
import { shapeForBudget } from './plan.ts';

describe('the shape of a field', () => {
  const roundsIn = (budgetMs: number, proxies: number): number =>
    Math.floor(budgetMs / (shapeForField(budgetMs, proxies).roundMs ?? Number.NaN));

  test.each([
    [10_000, 5],
    [30_000, 5],
    [60_000, 9],
    [120_000, 16],
  ])('of two arms fills %d ms with rounds of one length: %d', (budgetMs, rounds) => {
    expect(roundsIn(budgetMs, 3)).toBe(rounds);
    expect(roundsOfTwo(budgetMs)).toBe(rounds);
    const { roundMs, loadedMs, ...rest } = shapeForField(budgetMs, 3);
    expect(shapeForBudget(budgetMs)).toMatchObject(rest);
    // What a slow machine leaves of it.
    expect(loadedMs).toBe(700);
  });

  test('of two arms is not squeezed where only rounds were asked for', () => {
    const budgetMs = Number.POSITIVE_INFINITY;
    expect(shapeForField(budgetMs, 3)).toEqual(shapeForBudget(budgetMs));
  });

  test('gives each of nine proxies the warm-up that each of three gets', () => {
    const [three, nine] = [shapeForField(40_000, 3), shapeForField(120_000, 9)];
    expect(nine.warmUpMaxMs / 9).toBeCloseTo(three.warmUpMaxMs / 3, 5);
    expect(nine.warmUpBlockMs).toBe(three.warmUpBlockMs);
    expect(nine.warmUpMinBlocks).toBe(three.warmUpMinBlocks);
  });

  test('gives each of nine proxies no less of the loaded waves', () => {
    const [three, nine] = [shapeForBudget(40_000), shapeForField(120_000, 9)];
    expect(nine.loadedMs / 9).toBeCloseTo(three.loadedMs / 3, 5);
    expect(nine.loadedRequests).toBe(three.loadedRequests);
  });

  test.each([
    [120_000, 9, 9],
    [105_000, 9, 8],
    [60_000, 9, 5],
    [120_000, 13, 6],
    [90_000, 4, 17],
    [600_000, 9, 52],
  ])('fills %d ms and %d proxies with rounds of one length: %d', (budgetMs, proxies, rounds) => {
    expect(roundsIn(budgetMs, proxies)).toBe(rounds);
  });

  test('is not squeezed where only rounds were asked for', () => {
    const shape = shapeForField(Number.POSITIVE_INFINITY, 9);
    expect(shape.roundMs).toBe(12_150);
    expect(shape.warmUpMaxMs).toBe(3 * 2150);
  });
});
