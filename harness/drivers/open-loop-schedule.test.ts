import { describe, expect, test } from 'vitest';
import { planSchedule, type ScheduleOptions } from './open-loop-schedule.ts';

const options = (more: Partial<ScheduleOptions>): ScheduleOptions => ({
  arrivals: 'constant',
  ratePerSecond: 1000,
  durationMs: 1000,
  seed: 1,
  ...more,
});

describe('constant arrivals', () => {
  test('are as far apart as the rate says, from 0 on', () => {
    const schedule = planSchedule(options({ ratePerSecond: 4, durationMs: 1000 }));
    expect([...schedule]).toEqual([0, 250, 500, 750]);
  });

  test.each([
    [1000, 1000, 1000],
    [3, 1000, 3],
    [0.5, 1000, 1],
    [5000, 60_000, 300_000],
    [1000, 0, 0],
  ])('%d a second for %d ms are %d', (ratePerSecond, durationMs, count) => {
    expect(planSchedule(options({ ratePerSecond, durationMs }))).toHaveLength(count);
  });

  test('do not drift: the last of ten minutes is where it belongs', () => {
    const schedule = planSchedule(options({ ratePerSecond: 700, durationMs: 600_000 }));
    expect(schedule.at(-1)).toBeCloseTo(600_000 - 1000 / 700, 6);
  });
});

describe('Poisson arrivals', () => {
  const schedule = planSchedule(options({ arrivals: 'poisson', durationMs: 100_000, seed: 7 }));
  const gaps = schedule.map((at, index) => at - (schedule[index - 1] ?? 0));

  test('depend on the seed alone', () => {
    const again = options({ arrivals: 'poisson', durationMs: 100_000, seed: 7 });
    expect(planSchedule(again)).toEqual(schedule);
    expect(planSchedule({ ...again, seed: 8 })).not.toEqual(schedule);
  });

  test('come at the rate, within four standard errors', () => {
    expect(Math.abs(schedule.length - 100_000)).toBeLessThan(4 * Math.sqrt(100_000));
  });

  test('have exponential gaps: mean and standard deviation are the same, and e^-1 exceed the mean', () => {
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    expect(Math.sqrt(variance) / mean).toBeCloseTo(1, 1);
    const beyond = gaps.filter((gap) => gap > mean).length / gaps.length;
    expect(beyond).toBeCloseTo(Math.exp(-1), 2);
  });

  test('ascend, and none lies at or beyond the end', () => {
    expect(gaps.every((gap) => gap >= 0)).toBe(true);
    expect(schedule.at(-1)).toBeLessThan(100_000);
  });
});

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('a rate of %d is refused', (rate) => {
  expect(() => planSchedule(options({ ratePerSecond: rate }))).toThrow(/no schedule/);
});
