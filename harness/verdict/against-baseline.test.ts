import { describe, expect, test } from 'vitest';
import type { MetricName } from '../model/metric.ts';
import type { ReportDocument } from '../model/report.ts';
import { type FixtureOptions, reportFixture } from '../report/fixtures/report.ts';
import { judgeAgainst, scenarioDiffers } from './against-baseline.ts';
import type { Figures } from './fixtures.ts';

const FIGURES: Figures = {
  'hop-p50': 90,
  'hop-p99': 300,
  'cpu-per-request': 80,
  'loaded-request-time': 96,
  'allocated-per-request': 30_000,
  'memory-rss': 90e6,
};
const OPTIMIZED: Figures = { 'hop-p50': 0.5, 'cpu-per-request': 0.3, 'allocated-per-request': 0.1 };

/** A run in which the candidate's true figures are those of a saved one, times `change`. */
function run(
  options: {
    readonly seed: number;
    readonly change?: Figures;
    /** The machine's speed: every time is multiplied by it. */
    readonly slower?: number;
    readonly count?: number;
    readonly spread?: number;
  } & Pick<FixtureOptions, 'parts' | 'judge'>,
): ReportDocument {
  const { seed, change = {}, slower = 1, count = 10, spread = 0.01 } = options;
  const timed = (name: MetricName): boolean => /hop|cpu|time/.test(name);
  const entries = Object.entries(FIGURES) as [MetricName, number][];
  return reportFixture({
    synthetic: {
      count,
      seed,
      spread,
      figures: Object.fromEntries(
        entries.map(([name, value]) => [name, value * (timed(name) ? slower : 1)]),
      ),
      ratios: {
        candidate: Object.fromEntries(
          entries.map(([name]) => [name, (OPTIMIZED[name] ?? 1) * (change[name] ?? 1)]),
        ),
      },
    },
    change: (round) => ({ ...round, scenario: 'web-mix' }),
    parts: { scenarios: [{ name: 'web-mix', title: 'a mix', hash: 'h' }], ...options.parts },
    ...(options.judge === undefined ? {} : { judge: options.judge }),
  });
}

const SAVED = run({ seed: 1 });
const OTHER_MACHINE = {
  environment: { ...SAVED.environment, fingerprint: 'other', cpuModel: 'Another CPU' },
};

function withReference(report: ReportDocument, name: string): ReportDocument {
  const arms = report.arms.map((arm) => (arm.role === 'reference' ? { ...arm, name } : arm));
  return { ...report, arms };
}

const metricOf = (result: ReturnType<typeof judgeAgainst>, name: MetricName) =>
  result.comparisons.find(({ metric }) => metric === name);
const codes = (result: ReturnType<typeof judgeAgainst>) => result.warnings.map(({ code }) => code);

describe('on the same machine', () => {
  test('the same code is unchanged', () => {
    const result = judgeAgainst(run({ seed: 2 }), SAVED);
    expect(result).toMatchObject({ verdict: 'unchanged', valid: true, sameMachine: true });
    expect(codes(result)).toEqual([]);
  });

  test('times are ratios to the reference, so a machine that is slower now changes nothing', () => {
    const result = judgeAgainst(run({ seed: 2, slower: 1.6 }), SAVED);
    expect(result.verdict).toBe('unchanged');
    expect(metricOf(result, 'hop-p50')).toMatchObject({ basis: 'ratio', threshold: 0.05 });
  });

  test.each<[MetricName, number, 'regressed' | 'improved' | 'unchanged']>([
    ['hop-p50', 1.1, 'regressed'],
    ['hop-p50', 0.9, 'improved'],
    ['hop-p50', 1.02, 'unchanged'],
    ['allocated-per-request', 1.2, 'regressed'],
    ['hop-p99', 1.6, 'unchanged'],
    ['hop-p99', 2.5, 'regressed'],
    ['memory-rss', 1.6, 'unchanged'],
    ['memory-rss', 2.5, 'regressed'],
  ])('%s times %f is %s', (name, factor, verdict) => {
    const result = judgeAgainst(run({ seed: 3, change: { [name]: factor } }), SAVED);
    expect(metricOf(result, name)?.verdict).toBe(verdict);
    expect(result.verdict).toBe(verdict);
    expect(metricOf(result, name)?.ratio).toBeCloseTo(factor, 1);
  });

  test('swapping the sides flips the verdict', () => {
    const worse = run({ seed: 3, change: { 'hop-p50': 1.3 } });
    expect(judgeAgainst(worse, SAVED).verdict).toBe('regressed');
    expect(judgeAgainst(SAVED, worse).verdict).toBe('improved');
  });

  test('without a common reference, times are compared as they are, by coarse limits', () => {
    const slower = withReference(run({ seed: 2, slower: 1.5 }), 'another');
    const result = judgeAgainst(slower, SAVED);
    expect(metricOf(result, 'hop-p50')).toMatchObject({ basis: 'time', threshold: 1 });
    expect(result.verdict).toBe('unchanged');
    expect(codes(result)).toContain('other-reference');
    const twice = withReference(run({ seed: 2, slower: 2.5 }), 'another');
    expect(judgeAgainst(twice, SAVED).verdict).toBe('regressed');
  });
});

describe('on another machine', () => {
  test('times are compared relative to the reference, by coarse limits', () => {
    const result = judgeAgainst(
      run({ seed: 2, slower: 3, change: { 'hop-p50': 1.5 }, parts: OTHER_MACHINE }),
      SAVED,
    );
    expect(result).toMatchObject({ verdict: 'unchanged', sameMachine: false });
    expect(metricOf(result, 'hop-p50')).toMatchObject({ basis: 'ratio', threshold: 1 });
    expect(codes(result)).toEqual(['other-machine']);
  });

  test('without a common reference times are not compared at all, and counters are', () => {
    const elsewhere = run({
      seed: 2,
      slower: 3,
      change: { 'allocated-per-request': 1.3 },
      parts: OTHER_MACHINE,
    });
    const result = judgeAgainst(withReference(elsewhere, 'another'), SAVED);
    expect(metricOf(result, 'hop-p50')).toMatchObject({
      basis: null,
      ratio: null,
      verdict: null,
      reason: expect.stringContaining('another machine'),
    });
    expect(metricOf(result, 'allocated-per-request')).toMatchObject({
      basis: 'counter',
      verdict: 'regressed',
    });
    expect(result.verdict).toBe('regressed');
    expect(result.warnings[0]?.message).toMatch(/Times are not compared.*Another CPU/);
  });
});

describe('nothing is said', () => {
  test('of too few rounds', () => {
    const result = judgeAgainst(run({ seed: 2, count: 2 }), SAVED);
    expect(result).toMatchObject({ verdict: 'inconclusive', valid: false });
    expect(codes(result)).toContain('too-few-rounds');
  });

  test('of a run, or a saved run, that is not valid or not complete', () => {
    const broken = run({ seed: 2, judge: { complete: false } });
    expect(judgeAgainst(broken, SAVED)).toMatchObject({ verdict: 'inconclusive', valid: false });
    expect(judgeAgainst(SAVED, broken)).toMatchObject({ verdict: 'inconclusive', valid: false });
  });

  test('under another policy', () => {
    const other = run({ seed: 2, parts: { policy: { file: 'mine.yaml', rules: 40 } } });
    const result = judgeAgainst(other, SAVED);
    expect(result.verdict).toBe('inconclusive');
    expect(codes(result)).toContain('other-policy');
  });

  test('if the reference itself allocates otherwise than it did', () => {
    const changed = run({ seed: 2 });
    const rounds = changed.rounds.map((round) => {
      const reference = round.arms.reference;
      if (reference === undefined) return round;
      const allocated = (reference.values['allocated-per-request'] ?? 0) * 1.4;
      const values = { ...reference.values, 'allocated-per-request': allocated };
      return { ...round, arms: { ...round.arms, reference: { ...reference, values } } };
    });
    const result = judgeAgainst({ ...changed, rounds }, SAVED);
    expect(result.verdict).toBe('inconclusive');
    expect(codes(result)).toContain('reference-differs');
  });

  test('of a metric that noise hides', () => {
    const noisy = run({ seed: 4, spread: 0.3 });
    const result = judgeAgainst(noisy, SAVED);
    expect(result.verdict).not.toBe('regressed');
    expect(codes(result)).toContain('noise-above-threshold');
  });
});

test('seldom calls the same code changed, whatever the seeds', () => {
  let alarms = 0;
  const runs = Array.from({ length: 60 }, (_, seed) =>
    run({ seed: seed + 10, spread: 0.08, count: 8 }),
  );
  for (let index = 0; index + 1 < runs.length; index += 2) {
    const [a, b] = [runs[index], runs[index + 1]];
    if (a === undefined || b === undefined) continue;
    const { verdict } = judgeAgainst(a, b);
    if (verdict === 'regressed' || verdict === 'improved') alarms += 1;
  }
  expect(alarms).toBeLessThanOrEqual(2);
});

describe('scenarios', () => {
  test('differ by name or by hash', () => {
    expect(scenarioDiffers({ a: '1' }, { a: '1' })).toBeNull();
    expect(scenarioDiffers({ a: '1' }, { a: '2' })).toMatch(/another definition.*2, now 1/);
    expect(scenarioDiffers({ a: '1' }, { b: '1' })).toMatch(/measured the scenario b, not a/);
  });
});
