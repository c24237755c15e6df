import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CycleBlock, cyclesThatCount } from './discard.ts';

/** As docs/measuring.md states them. */
const DISTURBED_ABOVE_MEDIAN = 0.1;
const MOST_DISCARDED_SHARE = 0.2;

const blocks = (...steals: readonly (number | null)[]): CycleBlock[] =>
  steals.map((stealFraction) => ({ cycles: 2, stealFraction }));

/** The blocks that were left out, of blocks of two cycles. */
const left = (of: readonly CycleBlock[]): number[] =>
  cyclesThatCount(of).flatMap((counts, at) => (counts || at % 2 === 1 ? [] : [at / 2]));

describe('cycles are left out', () => {
  test('of the block that lost far more time than the others, and of no other', () => {
    expect(left(blocks(0, 0.02, 0, 0.4, 0.01, 0))).toEqual([3]);
  });

  test('by the median of the phase, so that a machine that always loses much loses nothing', () => {
    expect(left(blocks(0.6, 0.62, 0.58, 0.65, 0.55, 0.6))).toEqual([]);
    expect(left(blocks(0.6, 0.62, 0.58, 0.85, 0.55, 0.6))).toEqual([3]);
  });

  test('the most disturbed first, as long as no more than the stated share goes', () => {
    expect(left(blocks(0, 0.3, 0, 0.5, 0, 0, 0.4, 0, 0, 0))).toEqual([3, 6]);
  });

  test('never where the system does not say what was stolen, or there are too few blocks', () => {
    expect(left(blocks(null, null, null, null, null))).toEqual([]);
    expect(left(blocks(0, 0, 0.9))).toEqual([]);
  });
});

test('whatever was stolen, whole blocks go, never more than the share, only disturbed ones', () => {
  const block = fc.record({
    cycles: fc.integer({ min: 1, max: 9 }),
    stealFraction: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  });
  fc.assert(
    fc.property(fc.array(block, { maxLength: 40 }), (some) => {
      const counts = cyclesThatCount(some);
      expect(counts).toHaveLength(some.reduce((sum, { cycles }) => sum + cycles, 0));
      const gone = counts.filter((one) => !one).length;
      expect(gone).toBeLessThanOrEqual(MOST_DISCARDED_SHARE * counts.length);
      let at = 0;
      for (const { cycles, stealFraction } of some) {
        const own = counts.slice(at, at + cycles);
        at += cycles;
        expect(new Set(own).size).toBe(1);
        if (own[0] === false) expect(stealFraction).toBeGreaterThan(DISTURBED_ABOVE_MEDIAN);
      }
    }),
    { seed: 1 },
  );
});
