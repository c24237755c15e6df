import { describe, expect, test } from 'vitest';
import type { HistoryEntry } from '../model/history.ts';
import { historyOf, level } from '../verdict/fixtures/history.ts';
import { analyseHistory } from '../verdict/history.ts';
import { loadReport } from './fixtures/load-report.ts';
import { reportFixture } from './fixtures/report.ts';
import { historyEntry, loadHistoryEntry } from './history-entry.ts';
import { renderHistoryPage } from './history-page.ts';
import { renderHistoryMarkdown, renderHistoryText } from './history-text.ts';

const wants = (): boolean => true;
const entries = historyOf([...level(0.3, 12), ...level(0.36, 8)]);
const history = analyseHistory(entries, { wants });
const text = (from: readonly HistoryEntry[] = entries): string =>
  renderHistoryText(analyseHistory(from, { wants }), {
    color: false,
    width: 80,
    file: 'reports/history.jsonl',
  });

describe('a history as text', () => {
  test('names the change, its size and the commit that it most likely came with', () => {
    expect(text().replace(/\s+/g, ' ')).toMatch(
      /✗ hop-p50 regressed by 2\d %, 0\.30\dx to 0\.3[56]\dx \(error at most 0\.\d+ %\): first in run 2026-10-13T00-00-00-000Z-baseline-optimized, commit 0012000000, of what came after 0011000000, 100 % likely\./,
    );
  });

  test('fits 80 columns but for words that are longer', () => {
    for (const line of text().split('\n')) expect([line, line.length <= 80]).toEqual([line, true]);
  });

  test('does not accuse a commit that was measured before', () => {
    const same = entries.map((entry) => ({ ...entry, commit: 'abcdef0123456' }));
    expect(text(same).replace(/\s+/g, ' ')).toContain(
      'of the same commit abcdef0123 as the run before it, so that it is no change of this repository',
    );
    const outside = entries.map((entry) => ({ ...entry, commit: null }));
    expect(text(outside)).not.toContain('commit');
    const dirty = entries.map((entry) => ({ ...entry, dirty: true }));
    expect(text(dirty)).toContain('with changes');
  });

  test('says that there is nothing', () => {
    expect(text([])).toContain('No runs.');
  });
});

test('as Markdown it has a table and the changes', () => {
  const markdown = renderHistoryMarkdown(history);
  expect(markdown).toContain('### web-mix, optimized over baseline');
  expect(markdown).toMatch(/\| hop-p50 \| 20 \| 0\.30\dx \| 0\.3[56]\dx \| 1 \|/);
  expect(markdown).toMatch(/^- hop-p50 regressed/m);
});

test('as a page it has a chart a series, and every change in words', () => {
  const page = renderHistoryPage(history);
  expect(page).toBe(renderHistoryPage(history));
  expect(page.match(/class="chart"/g)).toHaveLength(3);
  expect(page).toContain('<span class="regressed">regressed</span>: hop-p50 regressed by');
  expect(page).toContain('<th scope="row">2026-10-20T00-00-00-000Z-baseline-optimized</th>');
});

describe('what a report leaves in the history', () => {
  test('is every ratio, and the own figures that do not depend on the machine', () => {
    const { figures, ...entry } = historyEntry(reportFixture());
    expect(entry).toMatchObject({ commit: '86da57b', valid: true, fingerprint: 'a1b2c3d4' });
    expect(figures.find(({ metric }) => metric === 'hop-p50')).toMatchObject({
      scenario: 'default-mix',
      hash: '5f3a',
      candidate: 'optimized',
      reference: 'baseline',
      value: expect.closeTo(0.562, 2),
    });
    const alone = figures.filter(({ reference }) => reference === null);
    expect(alone.map(({ metric }) => metric).sort()).toEqual([
      'allocated-per-request',
      'cache-hit-rate',
      'memory-rss',
    ]);
  });

  test('holds no ratio to an earlier revision of the same', () => {
    const report = reportFixture();
    const arms = report.arms.map((arm) =>
      arm.role === 'reference' ? { ...arm, name: 'optimized@1a2b3c4d' } : arm,
    );
    const { figures } = historyEntry({ ...report, arms });
    expect(figures.length).toBeGreaterThan(0);
    expect(figures.every(({ reference }) => reference === null)).toBe(true);
  });

  test('is marked where it proved nothing', () => {
    expect(historyEntry(reportFixture({ judge: { complete: false } })).valid).toBe(false);
  });

  test('of a load is latency over direct at a given rate', () => {
    const report = loadReport();
    const given = { ...report, load: { ...report.load, rateFrom: 'given' as const } };
    expect(loadHistoryEntry(given)?.figures[0]).toMatchObject({
      metric: 'latency-p50',
      reference: 'direct',
      scenario: expect.stringMatching(/ at .*\/s$/),
    });
    const found = { ...report.load, rateFrom: 'half-capacity' as const };
    expect(loadHistoryEntry({ ...report, load: found })).toBeNull();
  });
});
