import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Durations } from './durations.ts';

/** The one range that a duration of so many microseconds is counted in. */
function rangeOf(us: number): readonly [belowUs: number, count: number] {
  const durations = new Durations();
  durations.record(us / 1000);
  const { ranges } = durations.read();
  expect(ranges).toHaveLength(1);
  return ranges[0] ?? [0, 0];
}

const microseconds = fc.oneof(
  fc.integer({ min: 0, max: 200 }),
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  fc.integer({ min: 0, max: 31 }).map((bit) => 2 ** bit),
);

test('a duration is below the end of its range by at most a 32nd, or a microsecond', () => {
  fc.assert(
    fc.property(microseconds, (us) => {
      // Half a microsecond more, so that dividing and multiplying cannot lose one.
      const [belowUs, count] = rangeOf(us + 0.5);
      expect(count).toBe(1);
      expect(belowUs).toBeGreaterThan(us);
      expect(belowUs - us).toBeLessThanOrEqual(Math.max(1, us / 32));
    }),
  );
});

test('a longer duration is never in an earlier range', () => {
  fc.assert(
    fc.property(microseconds, microseconds, (a, b) => {
      const [first, second] = [rangeOf(Math.min(a, b)), rangeOf(Math.max(a, b))];
      expect(first[0]).toBeLessThanOrEqual(second[0]);
    }),
  );
});

test('counts add up, and the sum is of whole microseconds', () => {
  const durations = new Durations();
  for (const ms of [0.0105, 0.0109, 5, 0.0402]) durations.record(ms);
  expect(durations.read()).toEqual({
    ranges: [
      [11, 2],
      [41, 1],
      [5120, 1],
    ],
    sumUs: 10 + 10 + 40 + 5000,
  });
});

test('what cannot be is counted as what can', () => {
  const durations = new Durations();
  durations.record(-1);
  durations.record(1e12);
  expect(durations.read()).toEqual({
    ranges: [
      [1, 1],
      [2 ** 32, 1],
    ],
    sumUs: 2 ** 32 - 1,
  });
});
