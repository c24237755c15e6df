import { describe, expect, test } from 'vitest';
import { createRandom } from '../model/random.ts';
import {
  type AlignedRank,
  alignedInterval,
  alignedRank,
  alignedShift,
  type Block,
} from './aligned-rank.ts';
import { normal } from './noise.ts';
import { blockInflation, widenedInterval, widenedRank } from './widened-rank.ts';

/** Rounds of a first arm and two controls, each carrying over some of its last deviation. */
function rounds(seed: number, count: number, correlation: number, shift = 0): Block[] {
  const random = createRandom(seed);
  const carried = [normal(random), normal(random), normal(random)];
  return Array.from({ length: count }, () =>
    carried.map((last, arm) => {
      const own = correlation * last + Math.sqrt(1 - correlation ** 2) * normal(random);
      carried[arm] = own;
      return own + (arm === 0 ? shift : 0);
    }),
  );
}

describe('the widened test', () => {
  test('is the exact one without inflation', () => {
    const blocks = rounds(1, 9, 0, 1);
    expect(widenedRank(blocks, { inflation: 1 })).toEqual(alignedRank(blocks));
    expect(widenedRank(blocks, { inflation: 1, shift: 1 })).toEqual(alignedRank(blocks, 1));
  });

  test('is the exact test at a shift nearer to the estimate, by the root of the inflation', () => {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const blocks = rounds(seed, 10, 0, 0.8);
      const exact = alignedRank(blocks);
      const widened = widenedRank(blocks, { inflation: 4 });
      expect(widened).toEqual(alignedRank(blocks, alignedShift(blocks) / 2));
      expect(widened.pTwoSided).toBeGreaterThanOrEqual(exact.pTwoSided);
    }
  });

  test('rejects just what the widened interval does not hold', () => {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const blocks = rounds(seed, 10, 0.6, 0.8);
      const estimate = alignedShift(blocks);
      const { interval } = alignedInterval(blocks, 0.95) ?? { interval: [0, 0] };
      const [low, high] = widenedInterval(interval, estimate, 5);
      const tails = (shift: number): AlignedRank => widenedRank(blocks, { inflation: 5, shift });
      expect(tails(low - 1e-6).pGreater).toBeLessThanOrEqual(0.025);
      expect(tails(low + 1e-6).pGreater).toBeGreaterThan(0.025);
      expect(tails(high - 1e-6).pLess).toBeGreaterThan(0.025);
      expect(tails(high + 1e-6).pLess).toBeLessThanOrEqual(0.025);
    }
  });

  test('sees a change that is large beside the noise, however much rounds depend', () => {
    const blocks = rounds(1, 9, 0.9, 100);
    expect(widenedRank(blocks, { inflation: 9 }).pGreater).toBeLessThan(0.001);
  });

  test('rejects what is true less often where rounds depend on each other', () => {
    let [exact, widened] = [0, 0];
    for (let seed = 0; seed < 400; seed += 1) {
      const blocks = rounds(seed, 20, 0.5);
      if (alignedRank(blocks).pTwoSided <= 0.05) exact += 1;
      if (widenedRank(blocks, { inflation: blockInflation(blocks) }).pTwoSided <= 0.05) {
        widened += 1;
      }
    }
    expect(exact / 400).toBeGreaterThan(0.15);
    expect(widened).toBeLessThan(exact / 1.3);
  });
});

test('a widened interval keeps its estimate and its lopsidedness', () => {
  expect(widenedInterval([-1, 4], 1, 4)).toEqual([-3, 7]);
  expect(widenedInterval([-1, 4], 1, 1)).toEqual([-1, 4]);
});
