import { describe, expect, test } from 'vitest';
import type { TargetResult } from '../model/report.ts';
import { renderFigures } from './baseline-table.ts';
import { figureName, isComponentReport } from './component-table.ts';
import { fewOfAKind } from './few-of-a-kind.ts';
import { reportFixture } from './fixtures/report.ts';
import { renderMarkdown } from './markdown.ts';
import { formatList } from './number.ts';
import { targetCells, targetLines } from './target-table.ts';
import { renderTerminal } from './terminal.ts';

const TARGETS: readonly TargetResult[] = [
  {
    ...{ name: 'cached-match', scenario: 'regex-cache/cached-5', metric: 'component-time' },
    ...{ unit: 'us', limit: 100, observed: 0.131, interval: [0.128, 0.14], verdict: 'met' },
  },
  {
    ...{ name: 'fewer-bytes', scenario: 'regex-cache/cached-5', metric: 'component-allocated' },
    ...{ unit: 'fraction', limit: 0.2, observed: null, interval: null, verdict: 'inconclusive' },
  },
];

const report = reportFixture({
  synthetic: {
    figures: { 'component-time': 0.691, 'component-allocated': 467 },
    ratios: { candidate: { 'component-time': 0.188, 'component-allocated': 1.31 } },
  },
  change: (round) => ({ ...round, scenario: 'regex-cache/cached-5' }),
  parts: {
    scenarios: [
      { name: 'regex-cache/cached-5', title: '5 known patterns', hash: '1' },
      { name: 'memory-pools/reuse-1kb', title: 'up to 1KB', hash: '2' },
    ],
    targets: TARGETS,
  },
});

describe('a report of components', () => {
  test('has a table a scenario and a row a case, time and bytes beside each other', () => {
    expect(isComponentReport(report)).toBe(true);
    const text = renderTerminal(report, { color: false, width: 80 });
    const from = text.indexOf('  regex-cache, ');
    expect(text.slice(from)).toMatchInlineSnapshot(`
      "  regex-cache, µs baseline optimized    ratio (95 % interval)  bytes   ratio
        cached-5           0.692     0.130 ✓ 0.187x (0.187 to 0.188)   613 ✗ 1.31x

        memory-pools, µs baseline optimized  ratio (95 % interval) bytes  ratio
        reuse-1kb             n/a       n/a    n/a                   n/a    n/a

        [1] it has no cache

        target       in                    limit observed (interval)
        cached-match regex-cache/cached-5 100 µs 0.131 µs (0.128 to 0.140) met
        fewer-bytes  regex-cache/cached-5 20.0 %      n/a                  inconclusive
        1 of 2 targets met, 1 inconclusive.

        20 of 2420 cycles left out for disturbances that hit all arms alike

      ✗ Regressed, optimized against baseline: regex-cache/cached-5 allocated 1.31x.
      "
    `);
  });

  test('is one with the targets in Markdown, folded', () => {
    expect(renderMarkdown(report)).toContain(
      '| cached-match | regex-cache/cached-5 | 100 µs | 0.131 µs | (0.128 to 0.140) | met |',
    );
  });

  test('has the same table where one implementation was measured', () => {
    expect(renderFigures(report, { color: false, width: 80 })).toMatch(
      /optimized {2}regex-cache and memory-pools, 10 rounds[\s\S]*cached-5 +0\.69/,
    );
  });
});

test('a report of traffic is none', () => {
  expect(isComponentReport(reportFixture())).toBe(false);
  expect(isComponentReport({ scenarios: [] })).toBe(false);
});

test('a figure is named with its case, where it has one', () => {
  expect(figureName('regex-cache/cached-5', 'component-time')).toBe('regex-cache/cached-5 time');
  expect(figureName('web-mix', 'hop-p50')).toBe('hop-p50');
});

test('without targets there is no table of them', () => {
  expect(targetLines([], { width: 80, paint: (_, text) => text })).toEqual([]);
  expect(targetCells([])).toEqual([]);
});

test('of many warnings of one kind the first few are shown, and all of the others', () => {
  const many = Array.from({ length: 10 }, (_, i) => ({ code: 'noise', message: `noise ${i}.` }));
  const shown = fewOfAKind([...many, { code: 'other', message: 'Other.' }]);
  expect(shown).toEqual([
    ...['noise 0.', 'noise 1.', 'noise 2.'],
    'The same of 7 more; report.json has all.',
    'Other.',
  ]);
  expect(fewOfAKind(many.slice(0, 8))).toHaveLength(8);
});

test('a list of very many items ends with their number', () => {
  const items = Array.from({ length: 20 }, (_, i) => `i${i}`);
  expect(formatList(items.slice(0, 12))).toMatch(/^i0, .*, i10 and i11$/);
  expect(formatList(items)).toBe('i0, i1, i2, i3, i4, i5 and 14 more');
});
