import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { MetricName } from '../model/metric.ts';
import type { Round } from '../model/round.ts';
import {
  armFigures,
  CANDIDATE,
  DIRECT,
  REFERENCE,
  round,
  syntheticRounds,
  TWIN,
} from './fixtures.ts';
import { type Judgement, judge } from './judge.ts';
import type { Thresholds } from './thresholds.ts';
import { INVALIDATING, invalidReasons } from './validity.ts';

const CODES = Object.keys(INVALIDATING);

/** Rounds of which the first so many carry a warning. */
const doubted = (code: string, carrying: number, count = 10): Round[] =>
  syntheticRounds({
    count,
    figures: { 'hop-p50': 60, 'loaded-request-time': 30 },
    ratios: { candidate: 2 },
  }).map((one) =>
    one.index < carrying ? { ...one, warnings: [{ code, message: 'It was so.' }] } : one,
  );

const reasons = (rounds: readonly Round[], ...metrics: MetricName[]): string[] =>
  invalidReasons(rounds, metrics).map(({ code }) => code);

const judged = (rounds: readonly Round[], thresholds: Thresholds = {}): Judgement =>
  judge(rounds, {
    arms: [DIRECT, REFERENCE, TWIN, CANDIDATE],
    level: 0.95,
    thresholds,
    complete: true,
    warnings: [],
  });

describe('a run is spoiled', () => {
  test.each(['driver-saturated', 'bottleneck-differs'])(
    'by %s only for the loaded times',
    (code) => {
      expect(reasons(doubted(code, 6), 'loaded-request-time')).toEqual([code]);
      expect(reasons(doubted(code, 6), 'throughput')).toEqual([code]);
      expect(reasons(doubted(code, 10), 'hop-p50', 'cpu-per-request')).toEqual([]);
    },
  );

  test('by hard throttling whatever is judged, and by nothing if nothing is', () => {
    expect(reasons(doubted('throttled-hard', 6), 'allocated-per-request')).toEqual([
      'throttled-hard',
    ]);
    expect(reasons(doubted('throttled-hard', 6))).toEqual([]);
  });

  test('by more than half of its rounds, not by half', () => {
    expect(reasons(doubted('throttled-hard', 5), 'hop-p50')).toEqual([]);
    expect(reasons(doubted('throttled-hard', 6), 'hop-p50')).toEqual(['throttled-hard']);
  });

  test('by a scenario of its own, however many rounds of others are sound', () => {
    const others = Array.from({ length: 20 }, (_, index) =>
      round(index, { reference: armFigures({ 'hop-p50': 60 }) }, 'another'),
    );
    const found = invalidReasons([...doubted('throttled-hard', 6), ...others], ['hop-p50']);
    expect(found).toEqual([
      {
        code: 'throttled-hard',
        message:
          'It was so (in 6 of 10 rounds), so this run proves nothing of hop-p50 of default-mix.',
      },
    ]);
  });

  test.each(CODES.filter((code) => INVALIDATING[code]?.length === 0))(
    'never by %s, which only warns',
    (code) => {
      const { verdict, valid } = judged(doubted(code, 10), { 'loaded-request-time': 0.05 });
      expect([verdict, valid]).toEqual(['regressed', true]);
    },
  );
});

describe('a spoiled run', () => {
  test('is invalid and inconclusive, and carries the reason', () => {
    const judgement = judged(doubted('driver-saturated', 7), { 'loaded-request-time': 0.05 });
    expect(judgement).toMatchObject({ valid: false, verdict: 'inconclusive' });
    expect(judgement.warnings.map(({ code }) => code)).toEqual(['driver-saturated']);
  });

  test('is a valid one where what is spoiled is shown and not judged', () => {
    const judgement = judged(doubted('driver-saturated', 7));
    expect(judgement).toMatchObject({ valid: true, verdict: 'regressed', warnings: [] });
  });
});

test('the documentation has every code, and no other as one of a round', () => {
  const text = readFileSync(new URL('../../docs/measuring.md', import.meta.url), 'utf8');
  const [, table = ''] = /## Validity\n([\s\S]*?)\n## /.exec(text) ?? [];
  const rows = [...table.matchAll(/^\| `([a-z-]+)` \| round \| ([^|]*) \|/gm)];
  expect(rows.map(([, code]) => code).sort()).toEqual(CODES.toSorted());
  for (const [, code = '', spoils = ''] of rows) {
    const names = INVALIDATING[code] ?? [];
    const said = names === 'all' ? 'everything' : names.map((name) => `\`${name}\``).join(', ');
    expect(`${code}: ${spoils.trim()}`).toBe(`${code}: ${said || 'nothing'}`);
  }
});
