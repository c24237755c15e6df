import { expect, test } from 'vitest';
import { doubledMidRanks } from './mid-ranks.ts';

test('ranks count from one and are doubled, in the order of the values', () => {
  expect(doubledMidRanks([30, 10, 20])).toEqual([6, 2, 4]);
  expect(doubledMidRanks([])).toEqual([]);
});

test('ties share the mean of their ranks', () => {
  expect(doubledMidRanks([5, 5, 1, 5])).toEqual([6, 6, 2, 6]);
  expect(doubledMidRanks([2, 1, 2, 1])).toEqual([7, 3, 7, 3]);
});
