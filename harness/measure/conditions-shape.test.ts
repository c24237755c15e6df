import { expect, test } from 'vitest';
import { shapeUnder } from './conditions-shape.ts';
import { DEFAULT_SHAPE, SMOKE_SHAPE } from './plan.ts';

test('without conditions the shape is as it was', () => {
  expect(shapeUnder(DEFAULT_SHAPE, undefined)).toEqual(DEFAULT_SHAPE);
  expect(shapeUnder(DEFAULT_SHAPE, { extraRules: 5 })).toEqual(DEFAULT_SHAPE);
});

test('a wave keeps its length in widths', () => {
  const { concurrency, loadedRequests } = shapeUnder(DEFAULT_SHAPE, { concurrency: 8 });
  expect([concurrency, loadedRequests]).toEqual([8, 48]);
  const wide = shapeUnder(SMOKE_SHAPE, { concurrency: 256 });
  expect(wide.loadedRequests).toBeGreaterThanOrEqual(3 * 256);
  expect(shapeUnder(SMOKE_SHAPE, { concurrency: 256 }, true)).toEqual(SMOKE_SHAPE);
});

test('waiting for the origin takes few requests one after the other', () => {
  const shape = shapeUnder(DEFAULT_SHAPE, { originDelayMs: 50, concurrency: 256 });
  expect(shape.sequentialRequests).toBe(4);
  expect(shape.loadedMinCycles).toBe(3);
  expect(shapeUnder(SMOKE_SHAPE, { originDelayMs: 50 }).loadedMinCycles).toBe(2);
});
