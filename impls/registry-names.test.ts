import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editDistance, nearestNames } from './registry-names.ts';

test.each([
  ['', '', 0],
  ['a', '', 1],
  ['kitten', 'sitting', 3],
  ['optimised', 'optimized', 1],
  ['basleine', 'baseline', 1],
])('%j and %j are %i edits apart', (from, to, edits) => {
  expect(editDistance(from, to)).toBe(edits);
});

test('the distance is symmetric, zero for equals, and one more for each letter added', () => {
  const word = fc.string({ maxLength: 8, unit: fc.constantFrom('a', 'b', 'c') });
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, b) === 0).toBe(a === b);
      expect(editDistance(a, `${a}x`)).toBe(1);
      expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
    { seed: 1 },
  );
});

test('the nearest name comes first, and what is far from all has none', () => {
  expect(nearestNames('baslin', ['basil', 'baseline', 'optimized'])).toEqual(['basil', 'baseline']);
  expect(nearestNames('OPTIMIZED', ['baseline', 'optimized'])).toEqual(['optimized']);
  expect(nearestNames('nginx', ['baseline', 'optimized'])).toEqual([]);
});
