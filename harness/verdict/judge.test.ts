import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MetricName } from '../model/metric.ts';
import type { Comparison } from '../model/report.ts';
import type { Round } from '../model/round.ts';
import {
  armFigures,
  CANDIDATE,
  DIRECT,
  REFERENCE,
  round,
  type Synthetic,
  syntheticRounds,
  TWIN,
} from './fixtures.ts';
import { type Judgement, type JudgeOptions, judge } from './judge.ts';

const PRIMARIES = { 'hop-p50': 60, 'cpu-per-request': 25, 'allocated-per-request': 2_000 };

const judgeRounds = (rounds: readonly Round[], options: Partial<JudgeOptions> = {}): Judgement =>
  judge(rounds, {
    arms: [DIRECT, REFERENCE, TWIN, CANDIDATE],
    level: 0.95,
    thresholds: {},
    complete: true,
    warnings: [],
    ...options,
  });

const judgeSynthetic = (
  synthetic: Partial<Synthetic>,
  options: Partial<JudgeOptions> = {},
): Judgement =>
  judgeRounds(syntheticRounds({ count: 10, figures: PRIMARIES, ...synthetic }), options);

const find = (comparisons: readonly Comparison[], metric: MetricName): Comparison => {
  const found = comparisons.find((one) => one.metric === metric);
  if (found === undefined) throw new Error(`no comparison of ${metric}`);
  return found;
};

const codes = (judgement: Judgement): string[] => judgement.warnings.map(({ code }) => code);

describe('the verdict of a run', () => {
  test.each([
    ['unchanged', 'nothing differs', 1],
    ['regressed', 'everything costs 20 % more', 1.2],
    ['improved', 'everything costs 20 % less', 1 / 1.2],
    [
      'regressed',
      'one primary costs 10 % more and the others less',
      { 'hop-p50': 0.5, 'cpu-per-request': 1.1 },
    ],
    ['improved', 'one primary costs less and the others the same', { 'cpu-per-request': 0.5 }],
    ['unchanged', 'a change for the worse is real but below the threshold', 1.02],
    ['unchanged', 'a change for the better is real but below the threshold', 0.98],
  ] as const)('is %s if %s', (verdict, _, candidate) => {
    const judgement = judgeSynthetic({ ratios: { candidate } });
    expect(judgement.verdict).toBe(verdict);
    expect(judgement.valid).toBe(true);
    expect(judgement.warnings).toEqual([]);
  });

  /** Rounds without noise but for one primary of the candidate, off by these logarithms. */
  const roundsWith = (differences: readonly number[]): Round[] =>
    differences.map((difference, index) =>
      round(index, {
        reference: armFigures({ 'hop-p50': 60, 'cpu-per-request': 25 }),
        twin: armFigures({ 'hop-p50': 60, 'cpu-per-request': 25 }),
        candidate: armFigures({ 'hop-p50': 30, 'cpu-per-request': 25 * Math.exp(difference) }),
      }),
    );

  test('is inconclusive if one primary is, and the warning says about how many rounds are needed', () => {
    const judgement = judgeRounds(
      roundsWith([-0.1, 0.1, -0.09, 0.09, -0.08, 0.08, -0.07, 0.07, -0.06, 0.06]),
    );
    expect(find(judgement.comparisons, 'hop-p50').verdict).toBe('improved');
    expect(find(judgement.comparisons, 'cpu-per-request').verdict).toBe('inconclusive');
    expect(judgement.verdict).toBe('inconclusive');
    expect(judgement.warnings).toEqual([
      {
        code: 'undecided',
        message: expect.stringMatching(
          /^cpu-per-request of default-mix is undecided: about \d+ more rounds would settle it\.$/,
        ),
      },
    ]);
  });

  test('is regressed if one primary is, however uncertain another', () => {
    const differences = [-0.1, 0.16, 0.02, -0.06, 0.12, 0.06, -0.02, 0.14, 0.04, 0];
    const rounds = roundsWith(differences).map((r) => ({
      ...r,
      arms: { ...r.arms, reference: armFigures({ 'hop-p50': 20, 'cpu-per-request': 25 }) },
    }));
    const judgement = judgeRounds(rounds, { arms: [REFERENCE, CANDIDATE] });
    expect(judgement.comparisons.map(({ verdict }) => verdict)).toEqual([
      'regressed',
      'inconclusive',
    ]);
    expect(judgement.verdict).toBe('regressed');
  });

  test('says of a change at the minimum effect that rounds will not settle it', () => {
    const spread = [0.9, 0.95, 1, 1.05, 1.1, 0.92, 1.08, 0.97, 1.03, 1];
    const judgement = judgeRounds(roundsWith(spread.map((factor) => factor * Math.log(1.0499))));
    expect(judgement.verdict).toBe('inconclusive');
    expect(judgement.warnings[0]?.message).toContain('too close to the 5 % that counts');
  });

  test('needs evidence for "unchanged": noise alone is inconclusive', () => {
    const judgement = judgeSynthetic({
      seed: 3,
      ratios: { candidate: 1.1 },
      spread: 0.3,
      count: 6,
    });
    expect(judgement.verdict).toBe('inconclusive');
  });

  test('is inconclusive with too few rounds, and says how many are the least', () => {
    const judgement = judgeSynthetic({ count: 3, ratios: { candidate: 2 } });
    expect(judgement.verdict).toBe('inconclusive');
    expect(judgement.valid).toBe(false);
    expect(judgement.warnings[0]?.message).toBe(
      '3 rounds are too few to judge: 4 are the least at 95 % confidence.',
    );
    expect(judgeSynthetic({ count: 5, ratios: { candidate: 2 } }).verdict).toBe('regressed');
  });

  test('corrects for several primaries: four rounds suffice for one and not for three', () => {
    const ratios = { candidate: 2 };
    expect(judgeSynthetic({ count: 4, ratios, figures: { 'hop-p50': 60 } }).verdict).toBe(
      'regressed',
    );
    const three = judgeSynthetic({ count: 4, ratios: { candidate: { 'hop-p50': 2 } } });
    expect(three.verdict).toBe('inconclusive');
    expect(three.warnings[0]?.message).toContain('about 1 more round would settle it');
  });

  test('asks for more than the least rounds if those are noisy', () => {
    const judgement = judgeRounds(roundsWith([-0.09, 0.12, 0.01, -0.05, 0.1, 0.03]));
    expect(judgement.warnings.map(({ message }) => message)).toContainEqual(
      'cpu-per-request of default-mix is undecided: about 35 more rounds would settle it.',
    );
  });

  test('is inconclusive without rounds', () => {
    const judgement = judgeRounds([]);
    expect(judgement.verdict).toBe('inconclusive');
    expect(judgement.comparisons).toEqual([]);
    expect(codes(judgement)).toContain('too-few-rounds');
  });

  test('is inconclusive if the run was cut short, whatever it shows', () => {
    const judgement = judgeSynthetic({ ratios: { candidate: 1.2 } }, { complete: false });
    expect(judgement.verdict).toBe('inconclusive');
    expect(find(judgement.comparisons, 'hop-p50').verdict).toBe('regressed');
    expect(codes(judgement)).toContain('incomplete');
  });

  test('is inconclusive if the twin differs from the reference, and the warning names the metric', () => {
    const judgement = judgeSynthetic({
      ratios: { twin: { 'cpu-per-request': 1.1 }, candidate: 1.5 },
    });
    expect(find(judgement.controls, 'cpu-per-request').verdict).toBe('regressed');
    expect(judgement.verdict).toBe('inconclusive');
    expect(judgement.valid).toBe(false);
    expect(judgement.warnings[0]).toEqual({
      code: 'control-differs',
      message: expect.stringMatching(/^cpu-per-request of default-mix differs by 1?\d(\.\d)? %/),
    });
  });

  test('doubts a run without a twin but judges it', () => {
    const judgement = judgeSynthetic({}, { arms: [REFERENCE, CANDIDATE] });
    expect(judgement.verdict).toBe('unchanged');
    expect(codes(judgement)).toEqual(['no-control']);
    expect(find(judgement.comparisons, 'hop-p50').noiseFloor).toBeNull();
  });

  test('passes on the warnings it was given, first', () => {
    const given = { code: 'no-affinity', message: 'Processes are not pinned.' };
    expect(judgeSynthetic({}, { warnings: [given] }).warnings).toEqual([given]);
  });
});

describe('a comparison', () => {
  test("has the ratio, its interval, and both arms' medians", () => {
    const judgement = judgeSynthetic({ ratios: { candidate: 1.1 } });
    const hop = find(judgement.comparisons, 'hop-p50');
    expect(hop.ratio).toBeCloseTo(1.1, 2);
    expect(hop.ratioInterval?.[0]).toBeLessThan(hop.ratio ?? 0);
    expect(hop.ratioInterval?.[1]).toBeGreaterThan(hop.ratio ?? 9);
    expect(hop.reference).toBeCloseTo(60, 0);
    expect(hop.candidate).toBeCloseTo(66, 0);
    const own = judgement.armMetrics.candidate?.find((one) => one.metric === 'hop-p50');
    expect(own?.value).toBe(hop.candidate);
    expect(own?.interval?.[0]).toBeLessThan(own?.value ?? 0);
  });

  test('takes the noise of the control as the minimum effect where it exceeds the threshold', () => {
    const judgement = judgeSynthetic({ seed: 5, spread: 0.2 });
    const hop = find(judgement.comparisons, 'hop-p50');
    const [low, high] = find(judgement.controls, 'hop-p50').ratioInterval ?? [1, 1];
    expect(hop.noiseFloor).toBeCloseTo(Math.sqrt(high / low) - 1, 1);
    expect(hop.noiseFloor).toBeGreaterThan(0.05);
    expect(hop.minimumEffect).toBe(hop.noiseFloor);
    expect(codes(judgement)).toContain('noise-above-threshold');
  });

  test('takes the threshold where the control is quieter', () => {
    const hop = find(judgeSynthetic({}).comparisons, 'hop-p50');
    expect(hop.noiseFloor).toBeLessThan(0.05);
    expect(hop.minimumEffect).toBe(0.05);
    expect(hop.detectable).toBeGreaterThan(0.05);
    expect(hop.detectable).toBeLessThan(0.06);
  });

  test('of a metric without a threshold is shown and not judged', () => {
    const figures = { ...PRIMARIES, 'hop-p99': 200 };
    const ratios = { candidate: { 'hop-p99': 3 } };
    const shown = judgeSynthetic({ figures, ratios });
    expect(find(shown.comparisons, 'hop-p99')).toMatchObject({
      verdict: null,
      primary: false,
      minimumEffect: null,
    });
    expect(shown.verdict).toBe('unchanged');
    const judged = judgeSynthetic({ figures, ratios }, { thresholds: { 'hop-p99': 0.5 } });
    expect(find(judged.comparisons, 'hop-p99')).toMatchObject({
      verdict: 'regressed',
      primary: true,
    });
    expect(judged.verdict).toBe('regressed');
  });

  test('of a primary whose threshold is switched off is shown and not judged', () => {
    const judgement = judgeSynthetic(
      { ratios: { candidate: { 'hop-p50': 3 } } },
      { thresholds: { 'hop-p50': null } },
    );
    expect(find(judgement.comparisons, 'hop-p50').verdict).toBeNull();
    expect(judgement.verdict).toBe('unchanged');
  });

  test('of a metric where higher is better regresses as the ratio falls', () => {
    const figures = { throughput: 10_000 };
    const thresholds = { throughput: 0.1 };
    const verdictAt = (candidate: number) =>
      judgeSynthetic({ figures, ratios: { candidate } }, { thresholds }).verdict;
    expect(verdictAt(0.88)).toBe('regressed');
    expect(verdictAt(0.92)).toBe('unchanged');
    expect(verdictAt(1.2)).toBe('improved');
  });

  test('of figures that do not vary at all is decided', () => {
    const judgement = judgeSynthetic({ spread: 0, ratios: { candidate: 1.2 } });
    expect(judgement.verdict).toBe('regressed');
    expect(judgeSynthetic({ spread: 0 }).verdict).toBe('unchanged');
  });

  test('keeps scenarios apart', () => {
    const one = syntheticRounds({ count: 8, figures: PRIMARIES, ratios: { candidate: 1.3 } });
    const other = syntheticRounds({ count: 8, figures: PRIMARIES }).map((r) => ({
      ...r,
      scenario: 'fixed-1kb',
    }));
    const judgement = judgeRounds([...one, ...other]);
    expect(judgement.comparisons.map((c) => [c.scenario, c.metric, c.verdict])).toEqual([
      ['default-mix', 'hop-p50', 'regressed'],
      ['default-mix', 'cpu-per-request', 'regressed'],
      ['default-mix', 'allocated-per-request', 'regressed'],
      ['fixed-1kb', 'hop-p50', 'unchanged'],
      ['fixed-1kb', 'cpu-per-request', 'unchanged'],
      ['fixed-1kb', 'allocated-per-request', 'unchanged'],
    ]);
  });
});

describe('a figure that is not there', () => {
  const withCandidate = (change: (r: Round, index: number) => Round['arms'][string]): Round[] =>
    syntheticRounds({ count: 10, figures: PRIMARIES }).map((r, index) => ({
      ...r,
      arms: { ...r.arms, candidate: change(r, index) },
    }));
  const lacking = armFigures(
    { 'hop-p50': 60, 'cpu-per-request': 25 },
    { 'allocated-per-request': 'a plain URL has no heap' },
  );

  test('leaves a primary out of the verdict if no round has it, and says so', () => {
    const judgement = judgeRounds(withCandidate(() => lacking));
    expect(judgement.verdict).toBe('unchanged');
    expect(find(judgement.comparisons, 'allocated-per-request')).toMatchObject({
      ratio: null,
      verdict: null,
      candidate: null,
      reason: 'not available for candidate: a plain URL has no heap',
    });
    expect(judgement.warnings).toEqual([
      {
        code: 'primary-unavailable',
        message:
          'allocated-per-request of default-mix is left out of the verdict: not available for candidate: a plain URL has no heap.',
      },
    ]);
    expect(judgement.armMetrics.candidate).toContainEqual({
      scenario: 'default-mix',
      metric: 'allocated-per-request',
      unit: 'bytes',
      value: null,
      interval: null,
      reason: 'a plain URL has no heap',
    });
  });

  test('makes a primary inconclusive if only some rounds lack it', () => {
    const judgement = judgeRounds(
      withCandidate((r, index) => (index === 3 ? lacking : (r.arms.candidate ?? lacking))),
    );
    expect(judgement.verdict).toBe('inconclusive');
    expect(find(judgement.comparisons, 'allocated-per-request').reason).toBe(
      'missing for candidate in 1 of 10 rounds: a plain URL has no heap',
    );
    expect(codes(judgement)).toEqual(['undecided']);
  });

  test('gives no ratio where a figure is zero or negative, and no judgement of a zero', () => {
    const values = { ...PRIMARIES, 'allocated-per-request': 0, 'overhead-p50': -1 };
    const judgement = judgeRounds(withCandidate(() => armFigures(values)));
    expect(find(judgement.comparisons, 'allocated-per-request')).toMatchObject({
      ratio: null,
      ratioInterval: null,
      candidate: 0,
      verdict: 'inconclusive',
      reason: 'zero or below in some rounds, so there is no ratio',
    });
    expect(judgement.verdict).toBe('inconclusive');
  });

  test('is inconclusive if nothing that decides is there', () => {
    const judgement = judgeSynthetic({ figures: { 'memory-rss': 5e7 } });
    expect(judgement.verdict).toBe('inconclusive');
    expect(judgement.valid).toBe(true);
    expect(codes(judgement)).toEqual(['nothing-judged']);
  });
});

describe('symmetry', () => {
  const OPPOSITE = { regressed: 'improved', improved: 'regressed' } as const;

  test('swapping the arms turns regressed into improved and back', () => {
    const ratio = fc.double({ min: 0.5, max: 2, noNaN: true });
    fc.assert(
      fc.property(ratio, fc.integer(), (candidate, seed) => {
        const rounds = syntheticRounds({
          count: 9,
          seed,
          figures: PRIMARIES,
          ratios: { candidate },
          spread: 0.03,
        });
        const swapped = judgeRounds(rounds, {
          arms: [
            { ...CANDIDATE, role: 'reference' },
            { ...REFERENCE, role: 'candidate' },
          ],
        });
        for (const before of judgeRounds(rounds, { arms: [REFERENCE, CANDIDATE] }).comparisons) {
          const after = find(swapped.comparisons, before.metric);
          expect((after.ratio ?? 0) * (before.ratio ?? 0)).toBeCloseTo(1, 7);
          if (before.verdict === 'regressed' || before.verdict === 'improved') {
            expect(after.verdict).toBe(OPPOSITE[before.verdict]);
          } else {
            expect(['unchanged', 'inconclusive']).toContain(after.verdict);
          }
        }
      }),
      { seed: 1 },
    );
  });

  test('a slower or faster machine does not change a verdict', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 10, noNaN: true }), fc.integer(), (speed, seed) => {
        const scaled = Object.fromEntries(
          Object.entries(PRIMARIES).map(([n, v]) => [n, v * speed]),
        );
        const options = { count: 9, seed, ratios: { candidate: 1.06 }, spread: 0.03 };
        expect(
          judgeSynthetic({ ...options, figures: scaled }).comparisons.map((c) => c.verdict),
        ).toEqual(
          judgeSynthetic({ ...options, figures: PRIMARIES }).comparisons.map((c) => c.verdict),
        );
      }),
      { seed: 1 },
    );
  });
});

test('a run without a reference, or with two candidates, is a mistake of the caller', () => {
  expect(() => judgeSynthetic({}, { arms: [CANDIDATE] })).toThrow('needs a reference');
  expect(() => judgeSynthetic({}, { arms: [REFERENCE, CANDIDATE, CANDIDATE] })).toThrow(
    'one candidate',
  );
});
