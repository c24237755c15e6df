import { describe, expect, test } from 'vitest';
import { createRandom, type Random } from '../model/random.ts';
import {
  type ArmRows,
  createGroupTest,
  leastPairAcrossRounds,
  leastPairWithinRounds,
  pairAcrossRounds,
  pairWithinRounds,
} from './arm-groups.ts';
import { heavyTailed, normal } from './noise.ts';
import { rankSum } from './rank-sum.ts';

/** Arms of so many rounds, each arm off by its shift and each round by a moment common to all. */
function arms(
  seed: number,
  rounds: number,
  shifts: readonly number[],
  noise: (random: Random) => number = normal,
): readonly ArmRows[] {
  const random = createRandom(seed);
  const moments = Array.from({ length: rounds }, () => 10 * normal(random));
  return shifts.map((shift) => moments.map((moment) => [moment + shift + noise(random)]));
}

/** The share of seeds for which a p-value is at most 5 %. */
function rejected(count: number, pOf: (seed: number) => number): number {
  const seeds = Array.from({ length: count }, (_, seed) => seed);
  return seeds.filter((seed) => pOf(seed) <= 0.05).length / count;
}

describe('two arms across rounds', () => {
  test('are held against each other by the rank-sum test if nothing tells the moment', () => {
    const [first = [], second = []] = arms(1, 6, [0, 4]);
    expect(pairAcrossRounds(first, second, [])).toBe(
      rankSum(first.flat(), second.flat()).pTwoSided,
    );
  });

  test('are told apart through moments that hide them, which the others tell', () => {
    const [first = [], second = [], ...others] = arms(2, 6, [0, 6, 20, 30, 40, 50]);
    expect(pairAcrossRounds(first, second, [])).toBeGreaterThan(0.1);
    expect(pairAcrossRounds(first, second, others)).toBeCloseTo(leastPairAcrossRounds(6), 10);
  });

  test('do not depend on what others usually cost, only on what their rounds have in common', () => {
    const [first = [], second = [], third = [], fourth = []] = arms(3, 7, [0, 1, 2, 3]);
    const dearer = [third, fourth].map((rows) => rows.map((row) => row.map((value) => value + 99)));
    expect(pairAcrossRounds(first, second, dearer)).toBe(
      pairAcrossRounds(first, second, [third, fourth]),
    );
  });

  test('count each of their processes', () => {
    const [first = [], twin = [], second = []] = arms(4, 4, [0, 0, 9]);
    const both = first.map((row, round) => [...row, ...(twin[round] ?? [])]);
    expect(pairAcrossRounds(both, second, [])).toBeCloseTo(pairAcrossRounds(second, both, []), 10);
    // 4 of 12 processes: 495 choices, of which two are the most extreme.
    const flat = (value: number, count: number): ArmRows =>
      Array.from({ length: 4 }, (_, round) =>
        Array.from({ length: count }, (__, process) => value + 0.1 * round + 0.01 * process),
      );
    expect(pairAcrossRounds(flat(0, 2), flat(9, 1), [])).toBeCloseTo(2 / 495, 10);
  });

  test.each([
    ['normal', normal],
    ['heavy-tailed', heavyTailed],
  ])('that are the same differ in at most 5 of 100 runs with %s noise', (_, noise) => {
    const share = rejected(1500, (seed) => {
      const [first = [], second = [], ...others] = arms(seed, 6, [0, 0, 3, 9, 20], noise);
      return pairAcrossRounds(first, second, others);
    });
    expect(share).toBeLessThan(0.05);
    expect(share).toBeGreaterThan(0.005);
  });

  test('need 4 rounds for 5 % and 5 for 1 %', () => {
    expect([1, 2, 3, 4, 5].map(leastPairAcrossRounds)).toEqual([1, 2 / 6, 2 / 20, 2 / 70, 2 / 252]);
  });
});

describe('two arms within rounds', () => {
  test('need seven rounds for 2 % and eight for 1 %', () => {
    expect([1, 6, 7, 8].map(leastPairWithinRounds)).toEqual([1, 1 / 32, 1 / 64, 1 / 128]);
    const [first = [], second = []] = arms(5, 8, [0, 20]);
    expect(pairWithinRounds(first, second)).toBeCloseTo(1 / 128, 10);
  });

  test('see through moments by themselves, and take a twin as one more of its arm', () => {
    const [first = [], twin = [], second = []] = arms(6, 5, [0, 0, 9]);
    const both = first.map((row, round) => [...row, ...(twin[round] ?? [])]);
    expect(pairWithinRounds(both, second)).toBeCloseTo(2 / 3 ** 5, 10);
    expect(pairWithinRounds(second, both)).toBe(pairWithinRounds(both, second));
  });
});

describe('a group of arms', () => {
  const pOf = (seed: number, rounds: number, shifts: readonly number[]): number =>
    createGroupTest(rounds, 1)(arms(seed, rounds, shifts), null);

  test('gives the same p-value each time', () => {
    expect(pOf(1, 5, [0, 1, 2])).toBe(pOf(1, 5, [0, 1, 2]));
    expect(pOf(1, 5, [0, 1, 2, 3])).toBe(pOf(1, 5, [0, 1, 2, 3]));
  });

  test.each([3, 4, 7])('of %i that are the same differs in at most 5 of 100 runs', (size) => {
    const fieldOf = (seed: number): readonly ArmRows[] =>
      arms(seed, 5, [...new Array<number>(size).fill(0), 9, 20, 40]);
    const within = rejected(1000, (seed) =>
      createGroupTest(5, 1)(fieldOf(seed).slice(0, size), null),
    );
    const across = rejected(1000, (seed) =>
      createGroupTest(5, 1)(fieldOf(seed).slice(0, size), fieldOf(seed).slice(size)),
    );
    // Exact within rounds: 0.05, with a standard deviation of 0.007. Across them it is careful.
    expect(Math.abs(within - 0.05)).toBeLessThan(0.022);
    expect(across).toBeLessThan(0.05);
    expect(across).toBeGreaterThan(0.001);
  });

  test.each([3, 4, 7])('of %i of which one lies apart differs in six rounds', (size) => {
    const shifts = Array.from({ length: size }, (_, index) => (index === 1 ? 12 : 0));
    const share = rejected(100, (seed) => {
      const all = arms(seed, 6, [...shifts, 30, 40, 50]);
      const ofGroup = all.slice(0, size);
      const test = createGroupTest(6, 1);
      return Math.max(test(ofGroup, null), test(ofGroup, all.slice(size)));
    });
    expect(share).toBe(1);
  });
});
