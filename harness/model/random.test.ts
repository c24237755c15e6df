import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom, randomFromState, shuffled } from './random.ts';

describe('the generator', () => {
  test('gives the published sequence of xoshiro128** for the state 1, 2, 3, 4', () => {
    const random = randomFromState([1, 2, 3, 4]);
    expect(Array.from({ length: 6 }, random.uint32)).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492,
    ]);
  });

  test('repeats itself from the same seed and differs for another', () => {
    const draw = (seed: number): number[] => Array.from({ length: 8 }, createRandom(seed).uint32);
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  test('gives floats in [0, 1) whose mean and spread are those of a uniform distribution', () => {
    const random = createRandom(1);
    const drawn = Array.from({ length: 20_000 }, random.float);
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...drawn)).toBeLessThan(1);
    const mean = drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
    const variance = drawn.reduce((sum, value) => sum + (value - mean) ** 2, 0) / drawn.length;
    expect(mean).toBeCloseTo(0.5, 2);
    expect(variance).toBeCloseTo(1 / 12, 2);
  });

  test('refuses a seed or a bound that is not a whole number in range', () => {
    expect(() => createRandom(0.5)).toThrow('whole number');
    expect(() => createRandom(1).below(0)).toThrow('no integer below 0');
    expect(() => createRandom(1).below(2 ** 32 + 1)).toThrow('no integer below');
  });
});

describe('a shuffle', () => {
  test('keeps every item once and leaves the original alone', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
        const before = [...items];
        const after = shuffled(items, createRandom(seed));
        expect(items).toEqual(before);
        expect([...after].sort((a, b) => a - b)).toEqual([...items].sort((a, b) => a - b));
      }),
      { seed: 1 },
    );
  });

  test('gives each of the six orders of three items equally often', () => {
    const random = createRandom(42);
    const counts = new Map<string, number>();
    for (let i = 0; i < 6_000; i += 1) {
      const order = shuffled(['a', 'b', 'c'], random).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // 1000 expected, standard deviation 29: five of them either way.
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(145);
  });
});
