import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../model/random.ts';
import type { Block } from './aligned-rank.ts';
import { normal } from './noise.ts';
import { ACROSS_PROCESSES, WITHIN_ROUNDS } from './shift-test.ts';

/** Rounds of a first arm that lies `harm` above two controls, of which one process in eight is odd. */
function rounds(seed: number, count: number, harm: number): Block[] {
  const random = createRandom(seed);
  const process = (): number => 0.003 * normal(random) + (random.float() < 0.125 ? 0.05 : 0);
  return Array.from({ length: count }, () => [harm + process(), process(), process()]);
}

const SEEDS = Array.from({ length: 300 }, (_, seed) => seed);

describe('comparing across processes', () => {
  test('finds a small shift among processes of which some are odd', () => {
    const found = ({ tails }: typeof WITHIN_ROUNDS): number =>
      SEEDS.filter((seed) => tails(rounds(seed, 6, 0.039), 0).pGreater <= 0.05 / 6).length;
    expect(found(ACROSS_PROCESSES)).toBeGreaterThan(0.92 * SEEDS.length);
    expect(found(WITHIN_ROUNDS)).toBeLessThan(0.85 * SEEDS.length);
  });

  test('estimates it to a part of what an odd process adds', () => {
    for (const seed of SEEDS.slice(0, 50)) {
      expect(Math.abs(ACROSS_PROCESSES.shift(rounds(seed, 6, 0.039)) - 0.039)).toBeLessThan(0.025);
    }
  });

  test('rejects no more often than its level where there is nothing', () => {
    const rejected = SEEDS.filter(
      (seed) => ACROSS_PROCESSES.tails(rounds(seed, 6, 0), 0).pTwoSided <= 0.05,
    ).length;
    expect(rejected).toBeLessThan(0.09 * SEEDS.length);
  });
});

test.each([
  ['within rounds', WITHIN_ROUNDS],
  ['across processes', ACROSS_PROCESSES],
])('%s, the estimate lies in its interval and the test agrees with both', (_, shiftTest) => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 5, max: 9 }), (seed, count) => {
      const blocks = rounds(seed, count, 0.02);
      const estimate = shiftTest.shift(blocks);
      const [low, high] = shiftTest.interval(blocks, 0.95)?.interval ?? [Number.NaN, Number.NaN];
      expect(low).toBeLessThanOrEqual(estimate);
      expect(high).toBeGreaterThanOrEqual(estimate);
      const width = high - low;
      expect(shiftTest.tails(blocks, low - width).pGreater).toBeLessThanOrEqual(0.025);
      expect(shiftTest.tails(blocks, high + width).pLess).toBeLessThanOrEqual(0.025);
      expect(shiftTest.excess(blocks, estimate - width)).toBeGreaterThan(0);
      expect(shiftTest.excess(blocks, estimate + width)).toBeLessThan(0);
    }),
    { numRuns: 60 },
  );
});

test('swapping a single control with the first arm turns the estimate round', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const blocks = rounds(seed, 7, 0.03).map(([own = 0, control = 0]) => [own, control]);
      const swapped = blocks.map(([own = 0, control = 0]) => [control, own]);
      for (const shiftTest of [WITHIN_ROUNDS, ACROSS_PROCESSES]) {
        expect(shiftTest.shift(swapped)).toBeCloseTo(-shiftTest.shift(blocks), 6);
      }
    }),
    { numRuns: 60 },
  );
});
