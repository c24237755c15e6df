import { expect, test } from 'vitest';
import { Settler } from './settle.ts';

/** A clock that gives the listed readings, then stays at the last. */
function clock(...readings: readonly number[]) {
  let index = 0;
  return {
    readNs: () => readings[Math.min(index++, readings.length - 1)] ?? 0,
    isRunning: () => false,
  };
}

test('it returns once all clocks have stood still, with their readings', () => {
  let sleeps = 0;
  const settler = new Settler([clock(5, 7, 9), clock(1, 1, 2), null], 10, () => {
    sleeps += 1;
  });
  expect([...settler.settle()]).toEqual([9, 2, 0]);
  expect(sleeps).toBe(3);
  expect(settler.unsettled).toBe(0);
});

test('it gives up on a process that never rests, and counts that', () => {
  let ns = 0;
  let now = 0;
  const settler = new Settler(
    [{ readNs: () => (ns += 1), isRunning: () => true }],
    10,
    (ms) => {
      now += ms;
    },
    () => now,
  );
  settler.settle();
  expect(settler.unsettled).toBe(1);
  expect(now).toBeGreaterThan(9);
  expect(now).toBeLessThan(12);
});

test('a clock that stands still is not enough while a thread runs', () => {
  let looks = 0;
  const isRunning = (): boolean => {
    looks += 1;
    return looks < 4;
  };
  const busy = { readNs: () => 5, isRunning };
  const settler = new Settler([busy], 10, () => {});
  settler.settle();
  expect(looks).toBe(4);
  expect(settler.unsettled).toBe(0);
});
