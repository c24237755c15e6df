import { expect, test } from 'vitest';
import type { Comparison } from '../model/report.ts';
import { armFigures, CANDIDATE, REFERENCE, round, TWIN } from './fixtures.ts';
import { type Judgement, judge } from './judge.ts';

/** Ten rounds whose candidate is off by these hundredths on the logarithmic scale. */
function judged(hundredths: readonly number[]): Judgement {
  const rounds = hundredths.map((off, index) =>
    round(index, {
      reference: armFigures({ 'hop-p50': 60 * Math.exp(0.001 * Math.sin(index)) }),
      twin: armFigures({ 'hop-p50': 60 * Math.exp(0.001 * Math.cos(index)) }),
      candidate: armFigures({ 'hop-p50': 60 * Math.exp(off / 100) }),
    }),
  );
  const arms = [REFERENCE, TWIN, CANDIDATE];
  return judge(rounds, { arms, level: 0.95, thresholds: {}, complete: true, warnings: [] });
}

const width = ({ comparisons: [one] }: { comparisons: readonly Comparison[] }): number => {
  const [low, high] = one?.ratioInterval ?? [1, 1];
  return Math.log(high / low);
};

const MIXED = [9, -5, 11, -4, 12, -6, 10, 8, -3, 7];

test('the same figures in an order that shows dependence are judged more carefully, and say so', () => {
  const mixed = judged(MIXED);
  const ordered = judged(MIXED.toSorted((a, b) => a - b));
  expect(mixed.warnings.map(({ code }) => code)).not.toContain('dependent-rounds');
  expect(ordered.warnings.map(({ code }) => code)).toContain('dependent-rounds');
  expect(ordered.comparisons[0]?.ratio).toBeCloseTo(mixed.comparisons[0]?.ratio ?? 0, 2);
  expect(width(ordered)).toBeGreaterThan(1.5 * width(mixed));
});

test('a harm that holds in any order is inconclusive where dependence could have made it', () => {
  const harm = [7, 12, 6, 11, 5.5, 13, 6.5, 12.5, 7.5, 11.5];
  expect(judged(harm).verdict).toBe('regressed');
  const ordered = judged(harm.toSorted((a, b) => a - b));
  expect(ordered.verdict).toBe('inconclusive');
  expect(ordered.valid).toBe(true);
});
