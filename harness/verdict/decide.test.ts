import { expect, test } from 'vitest';
import { createDecider } from './decide.ts';
import { syntheticRounds } from './fixtures.ts';

test('a run ends at its planned number of rounds and not before', () => {
  const decide = createDecider({ rounds: 3 });
  const rounds = syntheticRounds({ count: 4, figures: { 'hop-p50': 60 } });
  expect(decide([])).toEqual({ done: false, reason: '0 of 3 rounds done' });
  expect(decide(rounds.slice(0, 2)).done).toBe(false);
  expect(decide(rounds.slice(0, 3))).toEqual({ done: true, reason: '3 of 3 rounds done' });
  expect(decide(rounds).done).toBe(true);
});

test('a plan of no rounds is a mistake of the caller', () => {
  expect(() => createDecider({ rounds: 0 })).toThrow('at least one round');
});

test('a run without a planned number of rounds is left to its budget', () => {
  const rounds = syntheticRounds({ count: 50, figures: { 'hop-p50': 60 } });
  expect(createDecider({ rounds: null })(rounds).done).toBe(false);
});
