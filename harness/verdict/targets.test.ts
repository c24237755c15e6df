import { describe, expect, test } from 'vitest';
import { METRICS } from '../model/metric.ts';
import type { ArmMetric, Comparison, Interval } from '../model/report.ts';
import type { ArmFigures } from '../model/round.ts';
import { COMPONENT_SCENARIOS } from '../scenarios/components/index.ts';
import { SCENARIOS } from '../scenarios/scenarios.ts';
import { armFigures } from './fixtures.ts';
import {
  checkTargets,
  missedOf,
  TARGETS,
  type TargetDefinition,
  type TargetFigures,
} from './targets.ts';

const LIMIT: TargetDefinition = {
  name: 'fast',
  title: 'below 10 µs',
  scenarios: ['a/b'],
  metric: 'component-time',
  limit: 10,
};

function figuresWith(interval: Interval | null, change: Partial<ArmMetric> = {}): TargetFigures {
  const metric: ArmMetric = {
    ...{ scenario: 'a/b', metric: 'component-time', unit: 'us' },
    ...{ value: interval?.[0] ?? null, interval, ...change },
  };
  return {
    arms: [
      { id: 'direct', role: 'direct', name: 'direct', metrics: [] },
      {
        ...{ id: 'reference', role: 'reference', name: 'baseline' },
        metrics: [{ ...metric, value: 1, interval: [1, 1] }],
      },
      { id: 'candidate', role: 'candidate', name: 'optimized', metrics: [metric] },
    ],
    comparisons: [],
    rounds: [],
  };
}

describe('a limit on a figure', () => {
  test.each([
    ['met, if the whole interval lies below it', [8, 9.99], 'met'],
    ['inconclusive, if the interval holds it', [8, 10], 'inconclusive'],
    ['missed, if the whole interval lies at it or above', [10, 12], 'missed'],
  ] as const)('is %s', (_, interval, verdict) => {
    expect(checkTargets([LIMIT], figuresWith(interval))).toEqual([
      {
        ...{ name: 'fast', scenario: 'a/b', metric: 'component-time', unit: 'us', limit: 10 },
        ...{ observed: interval[0], interval, verdict },
      },
    ]);
  });

  test('is inconclusive without an interval', () => {
    const [result] = checkTargets([LIMIT], figuresWith(null, { value: 1 }));
    expect(result).toMatchObject({ observed: 1, verdict: 'inconclusive' });
  });

  test('counts the other way round where higher is better', () => {
    const atLeast: TargetDefinition = { ...LIMIT, metric: 'cache-hit-rate', limit: 0.95 };
    const verdictOf = (interval: Interval): unknown =>
      checkTargets([atLeast], figuresWith(interval, { metric: 'cache-hit-rate' }))[0]?.verdict;
    expect(verdictOf([0.96, 0.99])).toBe('met');
    expect(verdictOf([0.94, 0.99])).toBe('inconclusive');
    expect(verdictOf([0.9, 0.95])).toBe('missed');
  });

  test('has no row in a run that did not measure it', () => {
    expect(checkTargets([{ ...LIMIT, scenarios: ['a/c'] }], figuresWith([1, 2]))).toEqual([]);
  });
});

describe('a limit on a ratio', () => {
  const fewer: TargetDefinition = {
    ...{ name: 'fewer', title: '80 % fewer', scenarios: ['a/b'], metric: 'component-allocated' },
    ...{ limit: 0.2, relativeTo: 'baseline' },
  };
  const comparison = (ratio: number | null, ratioInterval: Interval | null): Comparison => ({
    ...{ scenario: 'a/b', metric: 'component-allocated', unit: 'bytes', better: 'lower' },
    ...{ primary: true, reference: 1, candidate: 1, ratio, ratioInterval, level: 0.95 },
    ...{ threshold: 0.1, minimumEffect: 0.1, noiseFloor: 0.01, detectable: 0.1 },
    verdict: 'improved',
  });

  test('is checked on the ratio to the implementation that it names', () => {
    const figures = { ...figuresWith([1, 2]), comparisons: [comparison(0.1, [0.09, 0.11])] };
    expect(checkTargets([fewer], figures)).toMatchObject([
      { unit: 'fraction', observed: 0.1, interval: [0.09, 0.11], verdict: 'met' },
    ]);
  });

  test('is inconclusive where there is no ratio', () => {
    const figures = { ...figuresWith([1, 2]), comparisons: [comparison(null, null)] };
    expect(checkTargets([fewer], figures)).toMatchObject([{ verdict: 'inconclusive' }]);
  });

  test('has no row in a run beside another implementation', () => {
    const { arms } = figuresWith([1, 2]);
    const others = arms.map((arm) => ({ ...arm, name: 'other' }));
    const figures = { arms: others, comparisons: [comparison(0.1, [0.09, 0.11])], rounds: [] };
    expect(checkTargets([fewer], figures)).toEqual([]);
  });
});

describe('a limit on what it has beyond another', () => {
  const over: TargetDefinition = {
    ...{ name: 'over', title: 'below 10', scenarios: ['a/b'], metric: 'memory-rss', limit: 10 },
    over: 'baseline',
  };
  const memory = (interval: Interval | null): TargetFigures =>
    figuresWith(interval, { metric: 'memory-rss', unit: 'bytes' });

  test('is checked on the difference, whose interval is the widest that both allow', () => {
    // The reference has 1.
    expect(checkTargets([over], memory([6, 9]))).toMatchObject([
      { observed: 5, interval: [5, 8], unit: 'bytes', verdict: 'met' },
    ]);
    expect(checkTargets([over], memory([6, 12]))).toMatchObject([{ verdict: 'inconclusive' }]);
    expect(checkTargets([over], memory([11, 12]))).toMatchObject([{ verdict: 'missed' }]);
    expect(checkTargets([over], memory(null))).toEqual([]);
  });

  test('has no row beside another implementation', () => {
    const { arms, comparisons } = memory([6, 9]);
    const others = arms.map((arm) => ({ ...arm, name: 'other' }));
    expect(checkTargets([over], { arms: others, comparisons, rounds: [] })).toEqual([]);
  });
});

test('what is missed of some targets alone', () => {
  const results = checkTargets([LIMIT, { ...LIMIT, name: 'other' }], figuresWith([10, 12]));
  expect(results).toHaveLength(2);
  expect(missedOf([LIMIT], results).map(({ name }) => name)).toEqual(['fast']);
  expect(missedOf([LIMIT], checkTargets([LIMIT], figuresWith([8, 9])))).toEqual([]);
});

test('every target names a metric and scenarios that there are', () => {
  const known = [...COMPONENT_SCENARIOS.values()].flatMap(({ name, cases }) =>
    cases.map((one) => `${name}/${one.name}`),
  );
  known.push(...SCENARIOS.keys());
  for (const { metric, scenarios } of TARGETS) {
    expect(METRICS.map(({ name }) => name)).toContain(metric);
    for (const scenario of scenarios) expect(known).toContain(scenario);
  }
});

describe('what the machine disturbed', () => {
  const values = (value: number): ArmFigures =>
    armFigures({ 'component-time': value, 'memory-rss': value, 'component-allocated': value });
  const rounds = [9, 3, 5].map((direct, index) => ({
    scenario: 'a/b',
    arms: {
      direct: armFigures({ 'hop-p50': direct }),
      reference: values(20),
      candidate: values(direct === 3 ? 12 : 7 + index),
    },
  }));
  const undecided = (definition: TargetDefinition): unknown => {
    const { metric } = definition;
    const figures = figuresWith([8, 11], { metric });
    return checkTargets([definition], {
      ...figures,
      comparisons: [{ scenario: 'a/b', metric, ratio: 0.5, ratioInterval: [0.1, 0.9] }],
      rounds: [...rounds, { ...rounds[1], scenario: 'other', arms: {} }],
    })[0]?.leastDisturbed;
  };

  test('is shown as it was where requests without a proxy were fastest, not where the figure was best', () => {
    expect(undecided(LIMIT)).toBe(12);
    expect(undecided({ ...LIMIT, metric: 'memory-rss', over: 'baseline', limit: 8 })).toBe(-8);
    const fewer = { ...LIMIT, metric: 'component-allocated', relativeTo: 'baseline' } as const;
    expect(undecided({ ...fewer, limit: 0.2 })).toBeCloseTo(0.6);
  });

  test('is not shown of what was decided, or of runs without such requests', () => {
    const decided = checkTargets([LIMIT], { ...figuresWith([8, 9]), rounds });
    expect(decided[0]).not.toHaveProperty('leastDisturbed');
    const { arms, ...rest } = figuresWith([8, 11]);
    const without = { ...rest, arms: arms.filter(({ role }) => role !== 'direct'), rounds };
    expect(checkTargets([LIMIT], without)[0]).not.toHaveProperty('leastDisturbed');
  });
});
