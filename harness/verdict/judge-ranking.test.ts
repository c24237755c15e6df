import { describe, expect, test } from 'vitest';
import type { MetricName } from '../model/metric.ts';
import { createRandom } from '../model/random.ts';
import type { Comparison, RankOrder } from '../model/report.ts';
import type { Arm, Round } from '../model/round.ts';
import { armFigures, CANDIDATE, DIRECT, type Figures, REFERENCE, round, TWIN } from './fixtures.ts';
import { type Judgement, judge } from './judge.ts';
import { judgeRanking, type RankingOptions } from './judge-ranking.ts';

const SECOND: Arm = { id: 'candidate-2', role: 'candidate', name: 'second' };
const THIRD: Arm = { id: 'candidate-3', role: 'candidate', name: 'third' };
const FLOOR: Arm = { id: 'floor', role: 'floor', name: 'splice' };
const ARMS = [DIRECT, REFERENCE, TWIN, CANDIDATE, SECOND, THIRD, FLOOR];
const FIGURES: Figures = { 'hop-p50': 60, 'cpu-per-request': 25, 'allocated-per-request': 2000 };

interface RoundsOptions {
  readonly count?: number;
  readonly spread?: number;
  /** The true ratio of an arm to the reference, by id; else 1. */
  readonly ratios?: Readonly<Record<string, number>>;
  readonly change?: (round: Round) => Round;
}

/** Rounds of all arms; each has a moment that is common to its arms. */
function roundsOf({ count = 8, spread = 0.01, ratios = {}, change }: RoundsOptions = {}): Round[] {
  const random = createRandom(3);
  const noise = (size: number): number => Math.exp(size * (2 * random.float() - 1));
  return Array.from({ length: count }, (_, index) => {
    const moment = noise(0.2);
    const figures = ARMS.map(({ id }) => {
      const values = Object.entries(FIGURES).map(([name, value]) => [
        name,
        value * moment * (ratios[id] ?? 1) * noise(spread),
      ]);
      return [id, armFigures(Object.fromEntries(values))] as const;
    });
    const one = round(index, Object.fromEntries(figures));
    return change === undefined ? one : change(one);
  });
}

const judged = (rounds: readonly Round[], options: Partial<RankingOptions> = {}) =>
  judgeRanking(rounds, {
    arms: ARMS,
    unranked: [{ arm: 'floor', reason: 'a floor' }],
    leftOut: [],
    tier: 'forwarding',
    level: 0.95,
    thresholds: {},
    complete: true,
    warnings: [],
    ...options,
  });

type Judged = ReturnType<typeof judged>;

const shown = (order: RankOrder | undefined): string =>
  (order?.places ?? []).map(({ arm, best, worst }) => `${arm} ${best}-${worst}`).join(', ');
const comparisonOf = (judgement: Judged, arm: string, metric: MetricName): Comparison => {
  const own = judgement.ranking.against.find((one) => one.arm === arm)?.comparisons ?? [];
  const found = own.find((one) => one.metric === metric);
  if (found === undefined) throw new Error(`no ${metric} of ${arm}`);
  return found;
};
const codes = ({ warnings }: Pick<Judgement, 'warnings'>): string[] =>
  warnings.map(({ code }) => code);
const SPREAD_OUT = { candidate: 2, 'candidate-2': 0.5, 'candidate-3': 3, floor: 0.1 };

describe('a ranking', () => {
  test('orders its arms by each metric, and leaves out what is not ranked', () => {
    const { ranking } = judged(roundsOf({ ratios: SPREAD_OUT }));
    expect(ranking.orders.map(({ metric }) => metric)).toEqual(['cpu-per-request', 'hop-p50']);
    for (const order of ranking.orders) {
      expect(shown(order)).toBe('candidate-2 1-1, reference 2-2, candidate 3-3, candidate-3 4-4');
    }
    expect(ranking.against.map(({ arm }) => arm)).toEqual([
      'candidate',
      'candidate-2',
      'candidate-3',
      'floor',
    ]);
  });

  test('lets arms share places that are the same', () => {
    const { ranking } = judged(roundsOf({ ratios: { 'candidate-2': 3, 'candidate-3': 3 } }));
    const [order] = ranking.orders;
    const places = order?.places.map(({ arm, best, worst }) => [arm, best, worst]).toSorted();
    expect(places).toEqual([
      ['candidate', 1, 2],
      ['candidate-2', 3, 4],
      ['candidate-3', 3, 4],
      ['reference', 1, 2],
    ]);
  });

  test('compares each arm with the reference as a run of two would', () => {
    const rounds = roundsOf({ ratios: SPREAD_OUT });
    const many = comparisonOf(judged(rounds), 'candidate-3', 'hop-p50');
    const two = judge(rounds, {
      arms: [DIRECT, REFERENCE, TWIN, { ...CANDIDATE, id: 'candidate-3' }],
      level: 0.95,
      thresholds: {},
      complete: true,
      warnings: [],
    }).comparisons.find(({ metric }) => metric === 'hop-p50');
    const { ratio, ratioInterval, reference, candidate } = many;
    expect(two).toMatchObject({ ratio, ratioInterval, reference, candidate });
    expect(ratio).toBeCloseTo(3, 1);
  });

  test('turns round with its reference', () => {
    const rounds = roundsOf({ ratios: SPREAD_OUT });
    const swapped = rounds.map((one) => {
      const { reference, candidate, ...arms } = one.arms;
      if (reference === undefined || candidate === undefined) throw new Error('an arm is missing');
      return {
        ...one,
        arms: { ...arms, reference: candidate, twin: candidate, candidate: reference },
      };
    });
    expect(shown(judged(swapped).ranking.orders[0])).toBe(
      'candidate-2 1-1, candidate 2-2, reference 3-3, candidate-3 4-4',
    );
  });

  test('judges nothing unless it is asked to', () => {
    const judgement = judged(roundsOf({ ratios: { candidate: 3 } }));
    expect(judgement).toMatchObject({ verdict: 'inconclusive', valid: true, comparisons: [] });
    expect(judgement.ranking.judged).toBe(false);
    const verdicts = judgement.ranking.against.flatMap(({ comparisons }) =>
      comparisons.map(({ verdict }) => verdict),
    );
    expect(new Set(verdicts)).toEqual(new Set([null]));
    expect(codes(judgement)).toEqual([]);
  });
});

describe('thresholds in a ranking', () => {
  const thresholds = { 'cpu-per-request': 0.05 };

  test.each([
    ['regressed', 'one of them costs more', { 'candidate-2': 1.2, candidate: 0.5 }],
    ['improved', 'one costs less and none more', { 'candidate-2': 0.5 }],
    ['unchanged', 'none differs', {}],
    ['unchanged', 'only what is not ranked costs more', { floor: 2 }],
  ] as const)('make it %s if %s', (verdict, _, ratios) => {
    const judgement = judged(roundsOf({ ratios }), { thresholds });
    expect(judgement.verdict).toBe(verdict);
    expect(judgement.ranking.judged).toBe(true);
  });

  test('hold all candidates together to one error', () => {
    // Above both of its controls in each of four rounds: a p-value of 2 / 81, which is little enough
    // for one candidate and too much for three.
    const rounds = roundsOf({ count: 4, ratios: { candidate: 1.3 } });
    const one = judge(rounds, {
      arms: [DIRECT, REFERENCE, TWIN, CANDIDATE],
      level: 0.95,
      thresholds: { ...thresholds, 'hop-p50': null, 'allocated-per-request': null },
      complete: true,
      warnings: [],
    });
    expect(one.verdict).toBe('regressed');
    const among = judged(rounds, { thresholds });
    expect(comparisonOf(among, 'candidate', 'cpu-per-request').verdict).toBe('inconclusive');
  });

  test('are told with the name of the candidate that is in doubt', () => {
    const noisy = roundsOf({ spread: 0.4 });
    const { warnings } = judged(noisy, { thresholds });
    expect(warnings.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^second: The noise of cpu-per-request of default-mix/),
    );
  });
});

describe('a ranking is doubted', () => {
  test('if it ended early, but what was measured is ranked', () => {
    const judgement = judged(roundsOf({ ratios: SPREAD_OUT }), { complete: false });
    expect(codes(judgement)).toEqual(['incomplete']);
    expect(judgement.ranking.orders[0]?.places).toHaveLength(4);
  });

  test('if its control differs, and is not valid then', () => {
    const judgement = judged(roundsOf({ ratios: { twin: 1.3 } }));
    expect(judgement.valid).toBe(false);
    expect(codes(judgement)).toEqual(['control-differs', 'control-differs']);
  });

  test('if it has too few rounds for any interval', () => {
    const judgement = judged(roundsOf({ count: 3 }));
    expect(judgement.valid).toBe(false);
    expect(codes(judgement)).toEqual(['too-few-rounds']);
  });

  test('if it has too few to tell two candidates apart, though its figures hold', () => {
    const judgement = judged(roundsOf({ count: 4, ratios: SPREAD_OUT }));
    expect(judgement.valid).toBe(true);
    expect(codes(judgement)).toEqual(['too-few-rounds-to-rank', 'too-few-rounds-to-rank']);
    expect(judgement.warnings[0]?.message).toContain("4 rounds can't tell 4 arms apart");
  });

  test('if something is left out of it', () => {
    const leftOut = [{ name: 'fourth', version: null, reason: 'it fails body-of-one-byte' }];
    const judgement = judged(roundsOf(), { leftOut });
    expect(judgement.ranking.leftOut).toEqual(leftOut);
    expect(judgement.warnings).toEqual([
      { code: 'left-out', message: 'fourth is in no figure: it fails body-of-one-byte.' },
    ]);
  });

  test('if most rounds are spoiled for what is ranked', () => {
    const held = { code: 'throttled-hard', message: 'The CPU limit held the run back.' };
    const judgement = judged(roundsOf({ change: (one) => ({ ...one, warnings: [held] }) }));
    expect(judgement.valid).toBe(false);
    expect(codes(judgement)).toEqual(['throttled-hard']);
  });
});

test('an arm that lacks a figure has no place by it, and a place by the other', () => {
  const { ranking } = judged(
    roundsOf({
      ratios: SPREAD_OUT,
      change: (one) => ({
        ...one,
        arms: {
          ...one.arms,
          'candidate-2': armFigures({ 'hop-p50': 30 }, { 'cpu-per-request': 'it is only a URL' }),
        },
      }),
    }),
  );
  const [byCpu, byHop] = ranking.orders;
  expect(shown(byCpu)).toBe('reference 1-1, candidate 2-2, candidate-3 3-3');
  expect(byCpu?.missing).toEqual([{ arm: 'candidate-2', reason: 'it is only a URL' }]);
  expect(byHop?.places).toHaveLength(4);
  expect(byHop?.missing).toEqual([]);
});

test('no rounds give no order', () => {
  const judgement = judged([]);
  expect(judgement.ranking.orders).toEqual([]);
  expect(judgement.valid).toBe(false);
});
