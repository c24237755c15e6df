import { describe, expect, test } from 'vitest';
import { reportFixture } from './fixtures/report.ts';
import { renderMarkdown } from './markdown.ts';
import { renderTerminal } from './terminal.ts';

describe('a report document', () => {
  test('counts rounds and discarded cycles, and keeps the rounds as they were', () => {
    const report = reportFixture();
    expect(report.run.rounds).toBe(10);
    expect(report.rounds).toHaveLength(10);
    expect(report.validity.discarded).toBe(20);
    expect(report.timeline[1]).toEqual({ atMs: 7_000, stealFraction: 0.04, unsettledWaits: 1 });
  });

  test('gives each arm its own figures', () => {
    const report = reportFixture();
    expect(report.arms.map((arm) => arm.id)).toEqual(['direct', 'reference', 'twin', 'candidate']);
    const direct = report.arms.find((arm) => arm.role === 'direct');
    expect(direct?.metrics.find((one) => one.metric === 'hop-p50')?.value).toBe(21.3);
  });

  test('tells a doubt of many rounds once, with its share', () => {
    const unsteady = { code: 'unsteady', message: 'Warm-up ended before candidate was steady.' };
    const report = reportFixture({
      change: (round) => ({ ...round, warnings: round.index < 3 ? [unsteady] : [] }),
    });
    expect(report.validity.warnings).toEqual([
      {
        code: 'unsteady',
        message: 'Warm-up ended before candidate was steady (in 3 of 10 rounds).',
      },
    ]);
  });

  test('tells what spoils a judged metric once, with its share and what it costs', () => {
    const saturated = { code: 'driver-saturated', message: 'The driver used up its own CPU.' };
    const report = reportFixture({
      change: (round) => ({ ...round, warnings: round.index < 7 ? [saturated] : [] }),
      judge: { thresholds: { 'loaded-request-time': 0.05 } },
    });
    expect(report.verdict).toBe('inconclusive');
    expect(report.validity).toMatchObject({ valid: false });
    expect(report.validity.warnings).toEqual([
      {
        code: 'driver-saturated',
        message:
          'The driver used up its own CPU (in 7 of 10 rounds), so this run proves nothing of loaded-request-time of default-mix.',
      },
    ]);
    expect(renderMarkdown(report).split('in 7 of 10 rounds')).toHaveLength(2);
    const shown = renderTerminal(report, { width: 300, color: false });
    expect(shown.split('in 7 of 10 rounds')).toHaveLength(2);
  });

  test('tells a doubt that two arms share once', () => {
    const doubt = { code: 'tier', message: 'baseline reached strict only.' };
    const report = reportFixture({ judge: { warnings: [doubt, { ...doubt }] } });
    expect(report.validity.warnings).toEqual([doubt]);
  });
});
