import { describe, expect, test } from 'vitest';
import {
  chooseUnit,
  formatCount,
  formatDuration,
  formatIn,
  formatList,
  formatPercent,
  formatQuantity,
  formatRatioWithInterval,
  formatSignificant,
} from './number.ts';

describe('a figure', () => {
  test.each([
    [0, '0'],
    [0.000_123_4, '0.000123'],
    [0.9996, '1.00'],
    [1.067, '1.07'],
    [57.34, '57.3'],
    [123.4, '123'],
    [999.6, '1000'],
    [9_994, '9990'],
    [10_395, '10,400'],
    [1_234_567, '1,230,000'],
    [-42.06, '-42.1'],
  ])('of %f is written %s', (value, text) => {
    expect(formatSignificant(value)).toBe(text);
  });

  test('shares the unit that suits the largest of its row', () => {
    const unit = chooseUnit('bytes', [34_800, 213, null]);
    expect(unit.label).toBe('kB');
    expect(formatIn(unit, 34_800)).toBe('34.8');
    expect(formatIn(unit, 213)).toBe('0.213');
  });

  test.each([
    ['us', 57.34, '57.3 µs'],
    ['requests/s', 41_234, '41,200 req/s'],
    ['bytes', 56, '56.0 B'],
    ['bytes', 92.4e6, '92.4 MB'],
    ['bytes', -3_000, '-3.00 kB'],
    ['fraction', 0.9941, '99.4 %'],
  ] as const)('in %s of %f is written %s', (unit, value, text) => {
    expect(formatQuantity(unit, value)).toBe(text);
  });
});

describe('a ratio', () => {
  test.each([
    [1.068, [1.052, 1.089], '1.07x (1.05 to 1.09)'],
    [0.5612, [0.5561, 0.5664], '0.561x (0.556 to 0.566)'],
    [0.9996, [0.99, 1.01], '1.00x (0.99 to 1.01)'],
    [0.0612, [0.06, 0.062], '0.061x (0.060 to 0.062)'],
    [12.34, [12, 12.51], '12.3x (12.0 to 12.5)'],
    [123.4, [120, 125], '123x (120 to 125)'],
    [1.068, null, '1.07x'],
  ] as const)('of %f within %o is written %s', (ratio, interval, text) => {
    expect(formatRatioWithInterval(ratio, interval)).toBe(text);
  });
});

test('percentages have two significant digits', () => {
  expect(formatPercent(0.05)).toBe('5 %');
  expect(formatPercent(0.0534)).toBe('5.3 %');
  expect(formatPercent(0.123)).toBe('12 %');
  expect(formatPercent(0)).toBe('0 %');
});

test('durations and counts are written as people say them', () => {
  expect(formatDuration(48_400)).toBe('48 s');
  expect(formatDuration(112_400)).toBe('1 min 52 s');
  expect(formatDuration(119_700)).toBe('2 min');
  expect(formatCount(1, 'round')).toBe('1 round');
  expect(formatCount(10, 'round')).toBe('10 rounds');
  expect(formatList([])).toBe('');
  expect(formatList(['a', 'b', 'c'])).toBe('a, b and c');
});
