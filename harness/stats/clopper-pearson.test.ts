import { expect, test } from 'vitest';
import { clopperPearson } from './clopper-pearson.ts';

test.each([
  // By the beta quantiles of published tables.
  [0, 40, 0, 0.0881],
  [1, 40, 0.0006, 0.1316],
  [5, 10, 0.1871, 0.8129],
  [19, 20, 0.7513, 0.9987],
  [10, 10, 0.6915, 1],
])('%i of %i lies between %f and %f', (successes, trials, low, high) => {
  const interval = clopperPearson(successes, trials);
  expect(interval[0]).toBeCloseTo(low, 4);
  expect(interval[1]).toBeCloseTo(high, 4);
});

test('holds for ten thousand trials, where single terms vanish', () => {
  const [low, high] = clopperPearson(100, 10_000);
  expect(low).toBeCloseTo(0.00814, 4);
  expect(high).toBeCloseTo(0.01215, 4);
  expect(clopperPearson(9_990, 10_000)[1]).toBeLessThan(1);
});

test('a share of nothing is a mistake of the caller', () => {
  expect(() => clopperPearson(0, 0)).toThrow('no share');
  expect(() => clopperPearson(3, 2)).toThrow('no share');
});
