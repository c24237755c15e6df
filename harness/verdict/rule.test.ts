import { describe, expect, test } from 'vitest';
import { judgeHarm } from './rule.ts';

const bars = { effect: 0.05, threshold: 0.05, significant: true };

describe('the rule', () => {
  test.each([
    ['regressed', 0.08, [0.06, 0.1]],
    ['improved', -0.08, [-0.1, -0.06]],
    ['unchanged', 0.01, [-0.01, 0.03]],
    ['inconclusive', 0.03, [-0.01, 0.07]],
  ] as const)('says %s of a harm of %d', (verdict, harm, interval) => {
    expect(judgeHarm(harm, interval, bars)).toBe(verdict);
  });

  test('calls nothing that is not significant', () => {
    expect(judgeHarm(0.08, [0.06, 0.1], { ...bars, significant: false })).toBe('inconclusive');
  });

  test('never hides a certain harm behind a noisy control', () => {
    expect(judgeHarm(0.15, [0.14, 0.16], { ...bars, effect: 0.3 })).toBe('inconclusive');
    expect(judgeHarm(0.03, [0.02, 0.04], { ...bars, effect: 0.3 })).toBe('unchanged');
  });

  test('says nothing without an interval', () => {
    expect(judgeHarm(0.5, null, bars)).toBe('inconclusive');
  });
});
