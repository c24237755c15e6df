import { describe, expect, test } from 'vitest';
import { columns, meter, rebin, sparkline } from './marks.ts';

describe('a sparkline', () => {
  test('goes from the lowest level to the highest, and shows the latest', () => {
    expect(sparkline([9, 0, 1, 2, 3, 4, 5, 6, 7], 8)).toBe('▁▂▃▄▅▆▇█');
  });

  test('of values that are all alike is a line in the middle', () => {
    expect(sparkline([3, 3, 3], 8)).toBe('▅▅▅');
  });

  test('is held against bounds that are given', () => {
    expect(sparkline([0, 10], 8, [0, 20])).toBe('▁▅');
  });

  test('of nothing, or in no room, is nothing', () => {
    expect(sparkline([], 8)).toBe('');
    expect(sparkline([1, 2], 0)).toBe('');
  });
});

test('columns are as high as their share of the highest, and empty where nothing is', () => {
  expect(columns([0, 1, 4, 8])).toBe(' ▂▅█');
});

describe('counts in fewer bins', () => {
  test('keep their sum', () => {
    expect(rebin([1, 2, 3, 4, 5], 2)).toEqual([6, 9]);
  });

  test('stay as they are where there is room', () => {
    expect(rebin([1, 2, 3], 10)).toEqual([1, 2, 3]);
  });
});

test('a meter is never more than full and never less than empty', () => {
  expect([-1, 0, 0.5, 1, 7].map((share) => meter(share, 4))).toEqual([
    '░░░░',
    '░░░░',
    '██░░',
    '████',
    '████',
  ]);
});
