import { describe, expect, test } from 'vitest';
import { reportFixture } from './fixtures/report.ts';

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

  test('tells a doubt that two arms share once', () => {
    const doubt = { code: 'tier', message: 'baseline reached strict only.' };
    const report = reportFixture({ judge: { warnings: [doubt, { ...doubt }] } });
    expect(report.validity.warnings).toEqual([doubt]);
  });
});
