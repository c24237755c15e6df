import { describe, expect, test } from 'vitest';
import type { ArmRole } from '../model/round.ts';
import { type ArmFacts, chattyDoubts, doubtsOf, type RoundFacts, sessionDoubts } from './doubts.ts';

const facts = (role: ArmRole, busyFraction: number | null): ArmFacts => ({
  arm: { id: role, role, name: 'proxy' },
  figures: { values: {}, unavailable: {}, requests: 1000, busyFraction },
  sentAgain: 0,
  drifting: false,
  changed: false,
});

const codesOf = (round: Partial<RoundFacts>): string[] =>
  doubtsOf({ arms: [], driverBusyFraction: 0.6, throttledFraction: 0, ...round }).map(
    ({ code }) => code,
  );

describe('a round is doubted', () => {
  test('not at all if nothing is known against it, or nothing is known', () => {
    const arms = [facts('direct', 0.5), facts('reference', 0.97), facts('candidate', 0.95)];
    expect(codesOf({ arms })).toEqual([]);
    expect(codesOf({ driverBusyFraction: null, throttledFraction: null })).toEqual([]);
  });

  test('if the driver had no more to give', () => {
    expect(codesOf({ driverBusyFraction: 0.9 })).toEqual([]);
    expect(codesOf({ driverBusyFraction: 0.91 })).toEqual(['driver-saturated']);
  });

  test('if the system held its processes back, and harder above a tenth', () => {
    expect(codesOf({ throttledFraction: 0.001 })).toEqual(['throttled']);
    expect(codesOf({ throttledFraction: 0.1 })).toEqual(['throttled']);
    expect(codesOf({ throttledFraction: 0.11 })).toEqual(['throttled-hard']);
  });

  test.each([
    [0.97, 0.8, true],
    [0.8, 0.97, true],
    [0.92, 0.88, false],
    [0.8, 0.7, false],
    [0.99, 0.91, false],
    [null, 0.7, false],
  ])('for a bottleneck of its own with %s and %s busy: %s', (reference, candidate, differs) => {
    const arms = [facts('reference', reference), facts('candidate', candidate)];
    expect(codesOf({ arms }).includes('bottleneck-differs')).toBe(differs);
  });

  test('for what a twin does only by the twin itself', () => {
    const arms = [facts('reference', 0.97), facts('twin', 0.7), facts('candidate', 0.97)];
    expect(codesOf({ arms })).toEqual(['not-the-bottleneck']);
  });

  test('for a bottleneck of its own if any of several candidates has one', () => {
    const others = [0.95, 0.7].map((busy, index) => ({
      ...facts('candidate', busy),
      arm: { id: `candidate-${index + 1}`, role: 'candidate', name: 'proxy' } as const,
    }));
    const [doubt] = doubtsOf({
      arms: [facts('reference', 0.97), ...others],
      driverBusyFraction: null,
      throttledFraction: null,
    });
    expect(doubt?.code).toBe('bottleneck-differs');
    expect(doubt?.message).toMatch(/^Some arms kept their CPU busy/);
  });

  test('by what its proxies did', () => {
    const arms = [{ ...facts('candidate', 1), sentAgain: 1, drifting: true, changed: true }];
    expect(codesOf({ arms })).toEqual(['not-steady', 'dropped-connections', 'processes-changed']);
  });
});

test('a command that writes more than a megabyte in a round is doubted', () => {
  expect(chattyDoubts('mine', 2 ** 20)).toEqual([]);
  expect(chattyDoubts('mine', 2 ** 20 + 1)).toEqual([
    { code: 'chatty', message: expect.stringContaining('mine wrote more than 1 MB') },
  ]);
});

test('a session is doubted if others took over half of the machine', () => {
  expect(sessionDoubts(null)).toEqual([]);
  expect(sessionDoubts(0.5)).toEqual([]);
  expect(sessionDoubts(0.567)).toEqual([
    { code: 'much-stolen', message: expect.stringContaining('57 %') },
  ]);
});
