import { describe, expect, test } from 'vitest';
import { CANDIDATE, DIRECT, REFERENCE, syntheticRounds, TWIN } from './fixtures.ts';
import { judge } from './judge.ts';
import { Sequence, type SequenceOptions } from './sequence.ts';

const FIGURES = { 'hop-p50': 60, 'cpu-per-request': 25, 'allocated-per-request': 2_000 };

const sequence = (options: Partial<SequenceOptions> = {}): Sequence =>
  new Sequence({
    reference: REFERENCE,
    twin: TWIN,
    candidate: CANDIDATE,
    thresholds: {},
    error: 0.05,
    lookEvery: 5,
    ...options,
  });

const rounds = (count: number, candidate = 1, seed = 1) =>
  syntheticRounds({ count, seed, figures: FIGURES, ratios: { candidate } });

const half = { share: 0.5, last: false };
const end = { share: 1, last: true };

describe('a run', () => {
  test('goes on between looks, whatever the figures say', () => {
    const looks = sequence();
    expect(looks.next(rounds(4, 2), half)).toEqual({ done: false, confirming: false });
    expect(looks.looks).toEqual([]);
  });

  test('ends at a look at which every primary is decided', () => {
    const looks = sequence();
    expect(looks.next(rounds(5), half)).toEqual({ done: true, confirming: false });
    expect(looks.looks).toEqual([{ rounds: 5, error: 0.0125 }]);
    expect(looks.level).toBe(0.9875);
  });

  test('looks only at its end where no looks are wanted before', () => {
    const looks = sequence({ lookEvery: null });
    expect(looks.next(rounds(5), half).done).toBe(false);
    expect(looks.next(rounds(6), end).done).toBe(true);
    expect(looks.looks).toEqual([{ rounds: 6, error: 0.05 }]);
  });

  test('spends its error once, however often it looks', () => {
    const looks = sequence();
    // Much noise: undecided at every look.
    const undecided = syntheticRounds({
      count: 20,
      figures: FIGURES,
      ratios: { candidate: 1.03 },
      spread: 0.1,
    });
    for (const [count, share] of [
      [5, 0.25],
      [10, 0.5],
      [15, 0.75],
    ] as const) {
      looks.next(undecided.slice(0, count), { share, last: false });
    }
    looks.next(undecided, end);
    const spent = looks.looks.reduce((sum, { error }) => sum + error, 0);
    expect(looks.looks.length).toBeGreaterThan(1);
    expect(spent).toBeCloseTo(0.05, 12);
  });
});

describe('a run that is undecided at the end of its budget', () => {
  const noisy = (count: number, candidate = 1.03): ReturnType<typeof rounds> =>
    syntheticRounds({ count, figures: FIGURES, ratios: { candidate }, spread: 0.1 });
  const beyond = { done: false, confirming: true };

  test('goes on for a quarter more, and is looked at once more at the same error', () => {
    const looks = sequence({ goesBeyond: true });
    expect(looks.next(noisy(8), end)).toEqual(beyond);
    expect(looks.next(noisy(9), end)).toEqual(beyond);
    expect(looks.next(noisy(10), end)).toEqual({ done: true, confirming: true });
    expect(looks.looks).toEqual([
      { rounds: 8, error: 0.05 },
      { rounds: 10, error: 0.05 },
    ]);
    expect(looks.level).toBe(0.95);
  });

  test('has its one further look wherever time ends it', () => {
    const looks = sequence({ goesBeyond: true });
    looks.next(noisy(8), end);
    looks.next(noisy(9), end);
    expect(looks.looks.map((look) => look.rounds)).toEqual([8, 9]);
  });

  test('ends there if it was asked for so many rounds', () => {
    const looks = sequence();
    expect(looks.next(noisy(8), end).done).toBe(true);
  });

  test('ends with it where all is decided', () => {
    expect(sequence({ goesBeyond: true }).next(rounds(8), end).done).toBe(true);
  });

  test('is not called regressed for what it shows only then', () => {
    const looks = sequence({ goesBeyond: true });
    expect(looks.next(noisy(8), end)).toEqual(beyond);
    expect(looks.confirmation).toBeNull();
    const all = rounds(10, 1.2);
    looks.next(all, end);
    const { verdict, warnings } = judge(all, {
      arms: [DIRECT, REFERENCE, TWIN, CANDIDATE],
      level: looks.level,
      thresholds: {},
      complete: true,
      warnings: [],
      bearsOut: (decision) => looks.bearsOut(all, decision),
    });
    expect(verdict).toBe('inconclusive');
    expect(warnings.map(({ code }) => code)).toContain('unconfirmed');
  });
});

describe('a regression', () => {
  /** A run of five rounds that look regressed, and a sixth whose candidate costs this much. */
  function suspected(fresh: number): { looks: Sequence; all: ReturnType<typeof rounds> } {
    const looks = sequence();
    const first = rounds(5, 1.2);
    expect(looks.next(first, end)).toEqual({ done: false, confirming: true });
    const all = [...first, ...rounds(1, fresh, 9)];
    expect(looks.next(all, end)).toEqual({ done: true, confirming: true });
    return { looks, all };
  }

  const judged = ({ looks, all }: ReturnType<typeof suspected>) =>
    judge(all, {
      arms: [DIRECT, REFERENCE, TWIN, CANDIDATE],
      level: looks.level,
      thresholds: {},
      complete: true,
      warnings: [],
      bearsOut: (decision) => looks.bearsOut(all, decision),
    });

  test('is said when fresh rounds show it too', () => {
    expect(judged(suspected(1.2)).verdict).toBe('regressed');
  });

  test('is in doubt when they do not, and a warning says so', () => {
    const { verdict, warnings } = judged(suspected(1));
    expect(verdict).toBe('inconclusive');
    expect(warnings.map(({ code }) => code)).toContain('unconfirmed');
  });

  test('is in doubt when there was no time for them', () => {
    const looks = sequence();
    const all = rounds(5, 1.2);
    looks.next(all, end);
    const { verdict } = judged({ looks, all });
    expect(verdict).toBe('inconclusive');
  });

  test('that fresh rounds do not show is looked for again while the budget lasts', () => {
    const looks = sequence();
    const first = rounds(10, 1.2);
    expect(looks.next(first, half).confirming).toBe(true);
    const all = [...first, ...rounds(2, 1, 9)];
    expect(looks.next(all, half)).toEqual({ done: false, confirming: false });
    expect(looks.confirmation).toBeNull();
    // Its rounds count on: at the next look all of them are judged.
    const later = [...all, ...rounds(6, 1.2, 11)];
    expect(looks.next(later, end)).toEqual({ done: false, confirming: true });
    expect(looks.confirmation).toEqual({ after: 18, rounds: 3 });
  });

  test('that fresh rounds show ends the run at once', () => {
    const looks = sequence();
    expect(looks.next(rounds(10, 1.2), half).confirming).toBe(true);
    expect(looks.next(rounds(12, 1.2), half)).toEqual({ done: true, confirming: true });
  });

  test('asks for one fresh round in five', () => {
    const looks = sequence();
    looks.next(rounds(17, 1.2), end);
    expect(looks.confirmation).toEqual({ after: 17, rounds: 3 });
    expect(looks.next(rounds(19, 1.2), end).done).toBe(false);
  });
});
