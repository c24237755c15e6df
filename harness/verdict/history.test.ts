import { expect, test } from 'vitest';
import { historyOf, level } from './fixtures/history.ts';
import { analyseHistory } from './history.ts';

const PRIMARY = { wants: (metric: string) => metric === 'hop-p50' };
const REGRESSED = [...level(0.3, 12), ...level(0.36, 8)];

test('a change of level is told with its size and the run it came with', () => {
  const { series, runs, span } = analyseHistory(historyOf(REGRESSED), PRIMARY);
  expect({ runs, span }).toEqual({
    runs: 20,
    span: ['2026-10-01T00:00:00.000Z', '2026-10-20T00:00:00.000Z'],
  });
  expect(series).toHaveLength(1);
  expect(series[0]).toMatchObject({
    scenario: 'web-mix',
    metric: 'hop-p50',
    unit: null,
    changes: [
      {
        verdict: 'regressed',
        before: expect.closeTo(0.3, 2),
        after: expect.closeTo(0.36, 2),
        suspects: [{ at: 12 }],
      },
    ],
  });
});

test('more is better where a metric says so', () => {
  const wants = (metric: string) => metric === 'throughput';
  const [series] = analyseHistory(historyOf(REGRESSED), { wants }).series;
  expect(series?.changes).toMatchObject([{ verdict: 'regressed' }]);
});

test('what proved nothing is left out, counted, and accused of nothing', () => {
  const entries = historyOf(level(0.3, 20), (entry, at) =>
    at < 14 ? entry : { ...entry, valid: false, figures: historyOf([0.9])[0]?.figures ?? [] },
  );
  const { series, invalid } = analyseHistory(entries, PRIMARY);
  expect(invalid).toBe(6);
  expect(series[0]?.points).toHaveLength(14);
  expect(series[0]?.changes).toEqual([]);
});

test('a scenario that is defined anew begins anew', () => {
  const entries = historyOf(REGRESSED, (entry, at) => ({
    ...entry,
    figures: entry.figures.map((figure) => ({ ...figure, hash: at < 12 ? 'old' : 'new' })),
  }));
  const { series, outdated } = analyseHistory(entries, PRIMARY);
  expect(outdated).toBe(12);
  expect(series[0]?.points).toHaveLength(8);
  expect(series[0]?.changes).toEqual([]);
});

test('a change that nobody would look for is not told', () => {
  const wants = (metric: string) => metric === 'allocated-per-request';
  const entries = historyOf(level(0.3, 30), (entry, at) => ({
    ...entry,
    figures: entry.figures.map((figure) => ({ ...figure, value: at < 15 ? 2_300 : 2_310 })),
  }));
  const [series] = analyseHistory(entries, { wants }).series;
  expect(series).toMatchObject({ unit: 'bytes', reference: null, changes: [] });
});

test('no runs give an empty history, and long ones their latest runs', () => {
  expect(analyseHistory([], PRIMARY)).toMatchObject({ runs: 0, span: null, series: [] });
  const { series } = analyseHistory(historyOf(level(0.3, 12)), { ...PRIMARY, most: 5 });
  expect(series[0]?.points.map(({ commit }) => commit)).toHaveLength(5);
  expect(series[0]?.points.at(-1)?.commit).toBe('001100000000');
});
