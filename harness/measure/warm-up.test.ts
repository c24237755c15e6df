import { expect, test } from 'vitest';
import { isDrifting, isSteady, type WarmUpBlock } from './warm-up.ts';

const blocks = (...values: readonly (readonly [number, number | null])[]): WarmUpBlock[] =>
  values.map(([requestUs, allocatedBytes]) => ({ requestUs, allocatedBytes }));

test('an arm is steady when its last three blocks agree', () => {
  expect(isSteady(blocks([90, 4000], [50, 2100], [49, 2110], [50, 2100]))).toBe(true);
});

test('two blocks that agree may be chance', () => {
  expect(isSteady(blocks([90, 4000], [50, 2100], [49, 2110]))).toBe(false);
});

test('a time or an allocation rate that still falls is not steady', () => {
  expect(isSteady(blocks([50, 2100], [50, 2100], [40, 2100]))).toBe(false);
  expect(isSteady(blocks([50, 3000], [50, 2400], [50, 2100]))).toBe(false);
});

test('where allocations are not known the time alone decides', () => {
  expect(isSteady(blocks([50, null], [50, null], [51, null]))).toBe(true);
});

test('an arm that still gets much cheaper, or was hardly warmed up, is drifting', () => {
  expect(isDrifting(blocks([50, 2100]))).toBe(true);
  expect(isDrifting(blocks([50, 2100], [39, 2100]))).toBe(true);
  expect(isDrifting(blocks([50, 2100], [50, 1600]))).toBe(true);
});

test('an arm that a neighbour slows down, or that changes little, is not', () => {
  expect(isDrifting(blocks([50, 2100], [80, 2100]))).toBe(false);
  expect(isDrifting(blocks([50, 2100], [45, 1800]))).toBe(false);
  expect(isDrifting(blocks([50, null], [49, null]))).toBe(false);
});
