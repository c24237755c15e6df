import { expect, test } from 'vitest';
import { fractionOfHarm, harmOfFraction } from './effect.ts';

test('5 % worse is a ratio of 1.05 or 0.95, and both are harm above zero', () => {
  expect(harmOfFraction(0.05, 'lower')).toBeCloseTo(Math.log(1.05), 12);
  expect(harmOfFraction(0.05, 'higher')).toBeCloseTo(-Math.log(0.95), 12);
});

test.each(['lower', 'higher'] as const)(
  'a fraction where %s is better survives the way there and back',
  (better) => {
    for (const fraction of [0, 0.01, 0.5, 0.9]) {
      expect(fractionOfHarm(harmOfFraction(fraction, better), better)).toBeCloseTo(fraction, 12);
    }
  },
);
