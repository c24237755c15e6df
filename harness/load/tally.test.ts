import { describe, expect, test } from 'vitest';
import type { OpenLoopRun } from '../drivers/open-loop-result.ts';
import { LiveWatch } from './progress.ts';
import { Tally } from './tally.ts';
import { cutWindows } from './windows.ts';

/** A run of one request a millisecond, whose latencies follow from their numbers. */
function runOf(
  count: number,
  latencyUs: (at: number) => number,
  more: Partial<OpenLoopRun> = {},
): OpenLoopRun {
  const latencies = Float64Array.from({ length: count }, (_, at) => latencyUs(at));
  const answers = latencies.map((us, at) => at + us / 1000).filter((ms) => !Number.isNaN(ms));
  return {
    scheduleMs: Float64Array.from({ length: count }, (_, at) => at),
    latencyUs: latencies,
    lagUs: new Float64Array(count).fill(5),
    due: count,
    answered: answers.length,
    failures: {},
    firstFailure: null,
    unanswered: 0,
    waited: 0,
    sentAgain: 0,
    reopened: 0,
    lastAnswerMs: Math.max(0, ...answers),
    busyFraction: 0.5,
    complete: true,
    ...more,
  };
}

const CALM = { stealFraction: 0, othersFraction: 0 };

describe('windows', () => {
  test('are seconds of intended moments, and a short rest belongs to the last', () => {
    const windows = cutWindows(
      runOf(3400, () => 200),
      3400,
      [CALM],
    );
    expect(
      windows.map(({ startMs, durationMs, requests }) => [startMs, durationMs, requests]),
    ).toEqual([
      [0, 1000, 1000],
      [1000, 1000, 1000],
      [2000, 1400, 1400],
    ]);
    expect(
      cutWindows(
        runOf(1600, () => 200),
        1600,
        [CALM],
      ),
    ).toHaveLength(2);
    expect(
      cutWindows(
        runOf(300, () => 200),
        300,
        [CALM],
      ),
    ).toHaveLength(1);
  });

  test('count what failed, and have percentiles of the rest', () => {
    const [window] = cutWindows(
      runOf(1000, (at) => (at % 10 === 0 ? Number.NaN : at)),
      1000,
      [CALM],
    );
    expect(window).toMatchObject({ requests: 1000, failed: 100, lagP99Us: 5 });
    expect(window?.p50Us).toBeCloseTo(500, -1);
    expect(window?.maxUs).toBe(999);
  });

  test('of a second without an answer have no percentile, and of one without a request are not there', () => {
    const nothing = runOf(1000, () => Number.NaN);
    expect(cutWindows(nothing, 1000, [CALM])[0]).toMatchObject({ failed: 1000, p99Us: null });
    expect(
      cutWindows(
        runOf(500, () => 1),
        2000,
        [CALM],
      ),
    ).toHaveLength(1);
  });

  test('carry the disturbance of their second', () => {
    const seconds = [0.1, 0.2].map((stealFraction) => ({ stealFraction, othersFraction: 0 }));
    const steals = cutWindows(
      runOf(3000, () => 1),
      3000,
      seconds,
    ).map(({ disturbance }) => disturbance.stealFraction);
    expect(steals).toEqual([0.1, 0.2, 0.2]);
  });
});

describe('a tally', () => {
  const tallyOf = (...runs: readonly OpenLoopRun[]): Tally => {
    const tally = new Tally('web-mix');
    for (const run of runs) tally.add(run, cutWindows(run, run.due, [CALM]));
    return tally;
  };
  const metric = (tally: Tally, name: string) =>
    tally.figures().latency.find((one) => one.metric === name);

  test('adds runs up', () => {
    const failing = {
      failures: { timeout: 2 },
      unanswered: 3,
      waited: 4,
      sentAgain: 1,
      reopened: 6,
    };
    const figures = tallyOf(
      runOf(1000, () => 100, failing),
      runOf(1000, () => 100, { ...failing, failures: { timeout: 1, truncated: 1 } }),
    ).figures();
    expect(figures).toMatchObject({
      requests: 2000,
      answered: 2000,
      failures: { timeout: 3, truncated: 1 },
      unanswered: 6,
      waited: 8,
      sentAgain: 2,
      reopened: 12,
      driverBusyFraction: 0.5,
    });
  });

  test('gives the rate of answers without their delay', () => {
    expect(tallyOf(runOf(1000, () => 400_000)).figures().achievedPerSecond).toBeCloseTo(1000, 6);
    // Answers that come ever later: half of the rate.
    const late = tallyOf(runOf(1000, (at) => at * 1000));
    expect(late.figures().achievedPerSecond).toBeCloseTo(500, 6);
  });

  test('gives percentiles with intervals over the windows, which hold them', () => {
    const p99 = metric(tallyOf(runOf(20_000, (at) => 100 + (at % 1000))), 'latency-p99');
    expect(p99?.value).toBeCloseTo(1089, -1);
    const [low, high] = p99?.interval ?? [Number.NaN, Number.NaN];
    expect(low).toBeLessThanOrEqual(p99?.value ?? 0);
    expect(high).toBeGreaterThanOrEqual(p99?.value ?? 0);
  });

  test('gives no percentile of too few requests, and says so', () => {
    const few = tallyOf(runOf(1999, () => 100));
    expect(metric(few, 'latency-p50')?.value).toBeCloseTo(100, 0);
    expect(metric(few, 'latency-p99')).toMatchObject({
      value: null,
      reason: 'fewer than 2000 requests were answered',
    });
    expect(metric(tallyOf(runOf(19_999, () => 100)), 'latency-p999')?.value).toBeNull();
  });

  test('shows the half of the windows that others disturbed least, whatever their latency', () => {
    const tally = new Tally('web-mix');
    const run = runOf(8000, (at) => (at < 4000 ? 900 : 100));
    // The slow half is the quiet one: what was slow is not looked at.
    const disturbances = Array.from({ length: 8 }, (_, second) => ({
      stealFraction: second < 4 ? 0.01 : 0.3,
      othersFraction: 0,
    }));
    tally.add(run, cutWindows(run, 8000, disturbances));
    expect(tally.figures().quiet?.windows).toBe(4);
    expect(tally.figures().quiet?.p50Us).toBeCloseTo(900, -1);
  });

  test('knows no quiet half where the system does not say, or of too few windows', () => {
    const unknown = new Tally('web-mix');
    const run = runOf(8000, () => 100);
    unknown.add(run, cutWindows(run, 8000, []));
    expect(unknown.figures().quiet).toBeNull();
    expect(tallyOf(runOf(3000, () => 100)).figures().quiet).toBeNull();
  });

  test('of nothing is zero everywhere and has no percentile', () => {
    expect(new Tally('web-mix').figures()).toMatchObject({
      requests: 0,
      achievedPerSecond: 0,
      driverBusyFraction: 0,
      quiet: null,
    });
  });
});

test('a live line shows what came since the last one', () => {
  const watch = new LiveWatch();
  const latencyUs = Float64Array.from({ length: 3000 }, (_, at) => (at < 1000 ? 100 : 300));
  const moment = { elapsedMs: 1000, due: 1000, settled: 1000, failed: 0, latencyUs };
  expect(watch.next(moment)).toMatchObject({ answersPerSecond: 1000, p50Us: 100, failed: 0 });
  const next = { ...moment, elapsedMs: 3000, due: 3000, settled: 2500, failed: 7 };
  expect(watch.next(next)).toMatchObject({ answersPerSecond: 750, p50Us: 300, failed: 7 });
  expect(watch.next({ ...next, elapsedMs: 4000 })).toMatchObject({ p50Us: null });
});
