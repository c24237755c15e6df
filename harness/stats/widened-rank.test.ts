import { describe, expect, test } from 'vitest';
import { createRandom } from '../model/random.ts';
import { alignedRank, type Block } from './aligned-rank.ts';
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

  test('makes every p larger, by the root of the inflation in standard deviations', () => {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const blocks = rounds(seed, 10, 0, 0.8);
      const exact = alignedRank(blocks);
      const { pGreater, pLess, pTwoSided } = widenedRank(blocks, { inflation: 4 });
      expect(pGreater).toBeGreaterThanOrEqual(exact.pGreater);
      expect(pLess).toBeGreaterThanOrEqual(exact.pLess);
      expect(pTwoSided).toBe(Math.min(1, 2 * Math.min(pGreater, pLess)));
    }
    // Every first arm above both controls, three rounds: 1 / 27 is 1.7862 deviations out.
    const extreme: Block[] = [
      [3, 0, 0.1],
      [3.1, 0, 0.2],
      [2.9, 0, 0.3],
    ];
    expect(alignedRank(extreme).pGreater).toBeCloseTo(1 / 27, 10);
    expect(widenedRank(extreme, { inflation: 4 }).pGreater).toBeCloseTo(0.1859, 3);
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
