import { expect, test } from 'vitest';
import { CycleBlocks } from './cycle-blocks.ts';

/** Runs cycles of `cycleMs` on two CPUs; `stolen` gives the ticks stolen in each. */
function run(cycleMs: number, stolen: readonly number[], counted = true) {
  let [now, lost, reads] = [0, 0, 0];
  const blocks = new CycleBlocks({
    now: () => now,
    ticks: () => {
      reads += 1;
      return counted ? { total: (now / 10) * 2, stolen: lost } : null;
    },
  });
  for (const ticks of stolen) {
    now += cycleMs;
    lost += ticks;
    blocks.endCycle();
  }
  return { blocks: blocks.finish(), reads };
}

test('short cycles share a block, and the ticks are read once a block', () => {
  const { blocks, reads } = run(25, [0, 0, 0, 0, 5, 0, 5, 0, 0]);
  expect(blocks).toEqual([
    { cycles: 4, stealFraction: 0 },
    { cycles: 4, stealFraction: 0.5 },
    { cycles: 1, stealFraction: null },
  ]);
  expect(reads).toBe(3);
});

test('a cycle longer than a block is one', () => {
  expect(run(200, [4, 0]).blocks).toEqual([
    { cycles: 1, stealFraction: 0.1 },
    { cycles: 1, stealFraction: 0 },
  ]);
});

test('without ticks nothing is known, and every cycle is still in a block', () => {
  expect(run(60, [0, 0, 0], false).blocks).toEqual([
    { cycles: 2, stealFraction: null },
    { cycles: 1, stealFraction: null },
  ]);
});
