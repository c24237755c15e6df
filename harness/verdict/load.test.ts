import { describe, expect, test } from 'vitest';
import type { LoadReason, LoadVerdict, OpenLoopFigures } from '../model/load-report.ts';
import { figures, latency, saturationReport, step } from '../report/fixtures/load-report.ts';
import { findKnee } from './knee.ts';
import { judgeLoad, judgeSaturation, judgeSweep } from './load.ts';
import { driverDoubts, heldRate } from './open-loop.ts';

interface Case {
  readonly proxy?: Partial<OpenLoopFigures>;
  readonly direct?: Partial<OpenLoopFigures>;
  readonly targetLatencyUs?: number | null;
  readonly complete?: boolean;
  readonly smoke?: boolean;
}

const judged = ({ proxy, direct, targetLatencyUs = 1000, complete = true, smoke = false }: Case) =>
  judgeLoad({
    proxy: figures(proxy),
    direct: figures({ latency: latency(300), ...direct }),
    targetLatencyUs,
    complete,
    smoke,
  });

const LATE = { p50Us: 1, p99Us: 900, p999Us: 4000, maxUs: 9000 };

describe('a load test', () => {
  test.each<[string, Case, LoadVerdict, LoadReason]>([
    ['meets a target above the interval', {}, 'met', 'latency-met'],
    [
      'misses one below it',
      { proxy: { latency: latency(1400, [1300, 1600]) } },
      'missed',
      'latency-missed',
    ],
    [
      'is undecided where the target lies within',
      { proxy: { latency: latency(990, [900, 1100]) } },
      'inconclusive',
      'latency-undecided',
    ],
    [
      'and without an interval',
      { proxy: { latency: latency(500, null) } },
      'inconclusive',
      'latency-undecided',
    ],
    ['is measured without a target', { targetLatencyUs: null }, 'measured', 'nothing-to-judge'],
    [
      'and is not, of a driver that was late',
      { targetLatencyUs: null, proxy: { lag: LATE } },
      'inconclusive',
      'driver-limited',
    ],
    [
      'is missed if a request fails, whatever the latency',
      { proxy: { failures: { timeout: 1 } } },
      'missed',
      'requests-failed',
    ],
    [
      'even if it ended early',
      { proxy: { failures: { timeout: 1 } }, complete: false },
      'missed',
      'requests-failed',
    ],
    [
      'is missed if the rate was not held: requests pile up',
      { proxy: { waited: 4801 } },
      'missed',
      'rate-not-held',
    ],
    ['or are never answered', { proxy: { unanswered: 1 } }, 'missed', 'rate-not-held'],
    [
      'is not decided if it was the driver that did not hold it',
      { proxy: { unanswered: 1, driverBusyFraction: 0.97 } },
      'inconclusive',
      'driver-limited',
    ],
    [
      'nor if a late driver sent in bursts',
      { proxy: { waited: 4801, lag: { ...LATE, p99Us: 400 } } },
      'inconclusive',
      'driver-limited',
    ],
    [
      'nor where the driver was late and the target is missed',
      { proxy: { latency: latency(1400, [1300, 1600]), lag: LATE } },
      'inconclusive',
      'driver-limited',
    ],
    ['but is met in spite of a late driver', { proxy: { lag: LATE } }, 'met', 'latency-met'],
    [
      'is not decided where the origin alone takes longer than the target',
      {
        proxy: { latency: latency(1400, [1300, 1600]) },
        direct: { latency: latency(1100, [1050, 1200]) },
      },
      'inconclusive',
      'direct-above-target',
    ],
    ['is not decided if it ended early', { complete: false }, 'inconclusive', 'ended-early'],
    ['nor in a smoke run', { smoke: true }, 'inconclusive', 'smoke'],
  ])('%s', (_, given, verdict, reason) => {
    expect(judged(given)).toEqual({ verdict, reasons: [reason] });
  });
});

describe('the driver is doubted', () => {
  test.each<[string, Partial<OpenLoopFigures>, string[]]>([
    ['never when it kept its schedule', {}, []],
    ['if it was always busy', { driverBusyFraction: 0.95 }, ['driver-saturated']],
    [
      'if its lag makes up a quarter of the 99th percentile',
      { lag: { p50Us: 1, p99Us: 160, p999Us: 200, maxUs: 300 } },
      ['driver-late'],
    ],
    [
      'not for a lag that any event loop has',
      { lag: { p50Us: 60, p99Us: 90, p999Us: 95, maxUs: 99 } },
      [],
    ],
    [
      'not for a lag that is little beside the latency',
      { latency: latency(9000), lag: { p50Us: 1, p99Us: 900, p999Us: 900, maxUs: 900 } },
      [],
    ],
  ])('%s', (_, changes, codes) => {
    expect(driverDoubts(figures(changes)).map(({ code }) => code)).toEqual(codes);
  });
});

test('a rate is held if one request in a hundred waits, and not beyond', () => {
  expect(heldRate(figures({ requests: 1000, waited: 10 }))).toBe(true);
  expect(heldRate(figures({ requests: 1000, waited: 11 }))).toBe(false);
});

describe('the knee', () => {
  test('is the highest rate whose 99th percentile is at most twice that of low rates', () => {
    const steps = [0.1, 0.3, 0.5, 0.7, 0.9, 1.1].map((share, at) =>
      step(share, [500, 520, 510, 900, 1100, 90_000][at] ?? 0),
    );
    expect(findKnee(steps)).toEqual({
      ratePerSecond: 11_200,
      beyondPerSecond: 14_400,
      baseP99Us: 510,
      limitP99Us: 1020,
    });
  });

  test('lies below the first rate that was not held, whatever its latency', () => {
    const steps = [step(0.2, 500), step(0.5, 500), step(0.7, 500, { held: false }), step(0.9, 500)];
    expect(findKnee(steps)?.ratePerSecond).toBe(8000);
  });

  test('does not end at a rate that a late driver did not offer well, which is none itself', () => {
    const late = step(0.5, 500, { held: false, driverLate: true });
    expect(findKnee([step(0.2, 500), late, step(0.7, 600)])?.ratePerSecond).toBe(11_200);
    expect(findKnee([step(0.2, 500), late])?.ratePerSecond).toBe(3200);
  });

  test('does not move for one low rate that was disturbed', () => {
    const steps = [step(0.1, 9000), step(0.2, 500), step(0.3, 500), step(0.8, 990), step(1, 1010)];
    expect(findKnee(steps)?.ratePerSecond).toBe(12_800);
  });

  test('has nothing beyond it where every rate was good', () => {
    expect(findKnee([step(0.3, 500), step(1, 600)])).toMatchObject({
      ratePerSecond: 16_000,
      beyondPerSecond: null,
    });
  });

  test('is not there where no low rate was held or answered', () => {
    expect(findKnee([step(0.3, 500, { held: false }), step(1, 600)])).toBeNull();
    expect(findKnee([step(0.3, null)])).toBeNull();
    expect(findKnee([])).toBeNull();
  });
});

describe('a sweep', () => {
  const sweep = (steps = [step(0.3, 500), step(0.6, 520)], more = {}) =>
    judgeSweep({ steps, knee: findKnee(steps), complete: true, smoke: false, ...more });

  test('measures', () => {
    expect(sweep()).toEqual({ verdict: 'measured', reasons: ['nothing-to-judge'], doubts: [] });
  });

  test('is missed by a request that fails, and tells nothing early, in smoke or without a knee', () => {
    const failing = [step(0.3, 500, { figures: figures({ failures: { truncated: 2 } }) })];
    expect(sweep(failing)).toMatchObject({ verdict: 'missed', reasons: ['requests-failed'] });
    expect(sweep(undefined, { complete: false }).reasons).toEqual(['ended-early']);
    expect(sweep(undefined, { smoke: true }).verdict).toBe('inconclusive');
    expect(sweep([step(0.3, null)]).verdict).toBe('inconclusive');
  });

  test('is doubted where the driver was late at half of the rates', () => {
    const doubted = sweep([step(0.3, 500, { driverLate: true }), step(0.6, 520)]);
    expect(doubted.doubts.map(({ code }) => code)).toEqual(['driver-late']);
    expect(doubted.verdict).toBe('inconclusive');
  });
});

test('a saturation is judged by its failures alone', () => {
  const { steps } = saturationReport();
  const judge = (more = {}) => judgeSaturation({ steps, complete: true, smoke: false, ...more });
  expect(judge().verdict).toBe('measured');
  const failing = steps.map((one) => ({ ...one, failures: { 'wrong-body': 1 } }));
  expect(judge({ steps: failing })).toEqual({ verdict: 'missed', reasons: ['requests-failed'] });
  expect(judge({ complete: false }).reasons).toEqual(['ended-early']);
  expect(judge({ smoke: true }).reasons).toEqual(['smoke']);
});
