import { describe, expect, test } from 'vitest';
import type { Block } from '../stats/aligned-rank.ts';
import { judgeHarm, moreRoundsNeeded } from './rule.ts';

const bars = { effect: 0.05, threshold: 0.05, significant: true, tail: 0.025, inflation: 1 };

/** Ten rounds whose candidate lies at `harm`, give or take a little, between two controls. */
function around(harm: number, spread = 0.01, count = 10): Block[] {
  return Array.from({ length: count }, (_, index) => [
    harm + spread * Math.sin(7 * index),
    spread * Math.cos(5 * index),
    spread * Math.sin(3 * index + 1),
  ]);
}

describe('the rule', () => {
  test.each([
    ['regressed', 0.08, 0.01],
    ['improved', -0.08, 0.01],
    ['unchanged', 0.01, 0.01],
    ['unchanged', 0.03, 0.01],
    ['unchanged', -0.03, 0.01],
    ['inconclusive', 0.04, 0.05],
  ] as const)('says %s of a harm of %d with a spread of %d', (verdict, harm, spread) => {
    expect(judgeHarm(around(harm, spread), bars)).toBe(verdict);
  });

  test('calls nothing that is not significant beside the others', () => {
    expect(judgeHarm(around(0.08), { ...bars, significant: false })).toBe('inconclusive');
  });

  test('never hides a certain harm behind a noisy control', () => {
    expect(judgeHarm(around(0.15), { ...bars, effect: 0.3 })).toBe('inconclusive');
    expect(judgeHarm(around(0.03), { ...bars, effect: 0.3 })).toBe('unchanged');
  });

  test('says nothing of too few rounds', () => {
    expect(judgeHarm(around(0.5, 0.01, 3), bars)).toBe('inconclusive');
    expect(judgeHarm([], bars)).toBe('inconclusive');
  });
});

test('more rounds are needed the nearer the estimate lies to the effect', () => {
  const undecided = around(0.04, 0.05);
  const far =
    moreRoundsNeeded(undecided, { harm: 0.02, effect: 0.05, alpha: 0.05, inflation: 1 }) ?? 0;
  const near =
    moreRoundsNeeded(undecided, { harm: 0.045, effect: 0.05, alpha: 0.05, inflation: 1 }) ?? 0;
  expect(near).toBeGreaterThan(far);
  expect(moreRoundsNeeded(undecided, { harm: 0.05, effect: 0.05, alpha: 0.05, inflation: 1 })).toBe(
    Infinity,
  );
  expect(moreRoundsNeeded([], { harm: 0.05, effect: 0.05, alpha: 0.05, inflation: 1 })).toBeNull();
});
