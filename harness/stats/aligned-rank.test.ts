import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../model/random.ts';
import {
  alignedInterval,
  alignedRank,
  alignedShift,
  type Block,
  leastBlocks,
  rankExcess,
} from './aligned-rank.ts';
import { hodgesLehmann } from './hodges-lehmann.ts';
import { heavyTailed } from './noise.ts';
import { signedRank, signedRankInterval } from './signed-rank.ts';

/** `count` rounds of noise, each arm alike, the first shifted. */
function noise(seed: number, count: number, arms: number, shift = 0): Block[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => {
    const round = heavyTailed(random);
    return Array.from({ length: arms }, (_, arm) => {
      return round + heavyTailed(random) + (arm === 0 ? shift : 0);
    });
  });
}

const value = fc.integer({ min: -50, max: 50 });
const threeArms = fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 6 });

describe('with one control', () => {
  test('it says nearly what the Wilcoxon signed-rank test says', () => {
    for (const count of [6, 9, 14]) {
      const blocks = noise(count, count, 2, 0.7);
      const differences = blocks.map(([a = 0, b = 0]) => a - b);
      const known = signedRank(differences);
      expect(Math.abs(alignedRank(blocks).pGreater - known.pGreater)).toBeLessThan(0.05);
      const [low = 0, high = 0] = signedRankInterval(differences, 0.95)?.interval ?? [];
      const width = high - low;
      expect(Math.abs(alignedShift(blocks) - hodgesLehmann(differences))).toBeLessThan(width / 10);
      const own = alignedInterval(blocks, 0.95)?.interval ?? [0, 0];
      expect(Math.abs(own[0] - low)).toBeLessThan(width / 10);
      expect(Math.abs(own[1] - high)).toBeLessThan(width / 10);
    }
  });
});

describe('with two controls', () => {
  test('p-values are those of going through every assignment of the first arm', () => {
    fc.assert(
      fc.property(threeArms, (blocks) => {
        const sums = assignments(blocks);
        const observed = sums[0] ?? 0;
        const share = (holds: (sum: number) => boolean): number =>
          sums.filter(holds).length / sums.length;
        const { pGreater, pLess } = alignedRank(blocks);
        expect(pGreater).toBeCloseTo(
          share((sum) => sum >= observed - 1e-9),
          9,
        );
        expect(pLess).toBeCloseTo(
          share((sum) => sum <= observed + 1e-9),
          9,
        );
      }),
      { numRuns: 60 },
    );
  });

  test('four rounds reject at 5 %, and five after Holm over four metrics', () => {
    expect(leastBlocks(0.05, 2)).toBe(4);
    expect(leastBlocks(0.05 / 4, 2)).toBe(5);
    expect(leastBlocks(0.05, 1)).toBe(6);
    const apart: Block[] = [1, 2, 3, 4].map((at) => [at + 9, at, at + 0.1 * at]);
    expect(alignedRank(apart).pTwoSided).toBeLessThan(0.05);
    expect(alignedRank(apart.slice(1)).pTwoSided).toBeGreaterThan(0.05);
  });

  test('one wild process moves the estimate little', () => {
    const quiet: Block[] = [0, 1, 2, 3, 4, 5].map((at) => [at * 0.01, 0, at * 0.005]);
    const wild = quiet.map((block, at) => (at === 3 ? [block[0] ?? 0, 40, 0] : block));
    expect(Math.abs(alignedShift(wild) - alignedShift(quiet))).toBeLessThan(0.03);
  });
});

describe('the estimate and the interval', () => {
  test('move with the first arm, and turn round with the sign', () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: -5, max: 5, noNaN: true }), (seed, shift) => {
        const blocks = noise(seed, 7, 3);
        const moved = blocks.map(([first = 0, ...rest]) => [first + shift, ...rest]);
        const turned = blocks.map((block) => block.map((one) => -one));
        expect(alignedShift(moved)).toBeCloseTo(alignedShift(blocks) + shift, 6);
        expect(alignedShift(turned)).toBeCloseTo(-alignedShift(blocks), 6);
        const [low = 0, high = 0] = alignedInterval(blocks, 0.95)?.interval ?? [];
        const [turnedLow = 0, turnedHigh = 0] = alignedInterval(turned, 0.95)?.interval ?? [];
        expect(turnedLow).toBeCloseTo(-high, 6);
        expect(turnedHigh).toBeCloseTo(-low, 6);
        expect(low).toBeLessThanOrEqual(alignedShift(blocks));
        expect(high).toBeGreaterThanOrEqual(alignedShift(blocks));
      }),
      { numRuns: 50 },
    );
  });

  test('do not depend on what a round has in common', () => {
    const blocks = noise(5, 8, 3);
    const slower = blocks.map((block, at) => block.map((one) => one + 100 * at));
    expect(alignedShift(slower)).toBeCloseTo(alignedShift(blocks), 6);
  });

  test('are what divides shifts that leave a surplus of rank from those that leave a deficit', () => {
    const blocks = noise(3, 9, 3, 0.4);
    const shift = alignedShift(blocks);
    expect(rankExcess(blocks, shift - 0.01)).toBeGreaterThanOrEqual(0);
    expect(rankExcess(blocks, shift + 0.01)).toBeLessThanOrEqual(0);
  });

  test('there is no interval of too few blocks', () => {
    expect(alignedInterval(noise(1, 3, 3), 0.95)).toBeNull();
    expect(alignedInterval([], 0.95)).toBeNull();
    expect(alignedInterval(noise(1, 4, 3), 0.95)).not.toBeNull();
  });

  test('the interval covers the truth as often as it says, under heavy tails', () => {
    let covered = 0;
    for (let seed = 0; seed < 600; seed += 1) {
      const [low, high] = alignedInterval(noise(seed, 6, 3, 0.3), 0.95)?.interval ?? [1, 0];
      if (low <= 0.3 && high >= 0.3) covered += 1;
    }
    expect(covered / 600).toBeGreaterThan(0.93);
  });
});

/** The first arms' rank sums under every assignment, that of the data first. */
function assignments(blocks: readonly Block[]): number[] {
  let sums = [0];
  const ranks = ranksOf(blocks);
  for (const block of ranks) sums = block.flatMap((rank) => sums.map((sum) => sum + rank));
  return sums;
}

/** Mid-ranks of residuals from block medians, the slow and plain way. */
function ranksOf(blocks: readonly Block[]): number[][] {
  const residuals = blocks.map((block) => {
    const centre = [...block].sort((a, b) => a - b)[1] ?? 0;
    return block.map((one) => one - centre);
  });
  const all = residuals.flat();
  return residuals.map((block) =>
    block.map((one) => {
      const below = all.filter((other) => other < one).length;
      const equal = all.filter((other) => other === one).length;
      return below + (equal + 1) / 2;
    }),
  );
}
