import { describe, expect, test } from 'vitest';
import { NOTHING_SEEN, see } from '../dashboard/run-view.ts';
import type { FigureSoFar, RunEvent } from '../model/run-event.ts';
import { ProgressLine, runLine } from './progress.ts';

function line(isTerminal: boolean) {
  const written: string[] = [];
  let now = 0;
  const progress = new ProgressLine({
    write: (text) => written.push(text),
    isTerminal,
    columns: 20,
    nowMs: () => now,
  });
  return {
    progress,
    written,
    at: (ms: number) => {
      now = ms;
    },
  };
}

describe('a progress line', () => {
  test('elsewhere than on a terminal comes once a second, and at the start of each stage', () => {
    const { progress, written, at } = line(false);
    for (let ms = 0; ms <= 2500; ms += 100) {
      at(ms);
      progress.show(ms < 2200 ? 'a' : 'b', () => `${ms}`);
    }
    expect(written).toEqual(['0\n', '1000\n', '2000\n', '2200\n']);
  });

  test('on a terminal is redrawn in place, cut to its width, and cleared at the end', () => {
    const { progress, written } = line(true);
    progress.show('a', () => 'x'.repeat(100));
    progress.end();
    expect(written).toEqual([`\r\u001b[2K${'x'.repeat(19)}`, '\r\u001b[2K']);
  });
});

describe('the line of a run', () => {
  const contestants = (names: readonly string[]) =>
    ['direct', ...names].map((name, at) => ({
      ...{ id: `${at}`, name },
      role:
        at === 0 ? ('direct' as const) : at === 1 ? ('reference' as const) : ('candidate' as const),
    }));
  const figure = (group: string, label: string, ratio: number | null): FigureSoFar => ({
    ...{ group, label, ratio, unit: 'us', reference: 1, candidate: 2 },
    ...{ interval: null, verdict: null, decided: null },
  });
  const line = (names: readonly string[], figures: readonly FigureSoFar[]): string => {
    const advanced = { round: 11, doing: 'many in flight', elapsedMs: 60_000 };
    const rest = { remainingMs: 30_000, plannedRounds: 16 };
    const scenario = 'web-mix';
    const events: readonly RunEvent[] = [
      { type: 'begun', command: 'compare', scenario, contestants: contestants(names) },
      {
        ...{ type: 'round', round: 10, hopUs: {}, stolen: null, busy: null },
        ...{ cycles: 1, cyclesDiscarded: 0, distribution: null, figures },
      },
      { type: 'advanced', ...advanced, ...rest },
    ];
    return runLine(events.reduce(see, NOTHING_SEEN));
  };

  test('of two sides fits into 80 columns, also late and with figures', () => {
    const text = line(
      ['ours', 'theirs'],
      [figure('web-mix', 'hop-p50', 0.255), figure('web-mix', 'cpu-per-request', 0.133)],
    );
    expect(text).toBe(
      '[#######...] 30 s left, round 12/16: many in flight; hop 0.255x, cpu 0.133x',
    );
    expect(text.length).toBeLessThan(80);
  });

  test('of more names who is measured until a round is done', () => {
    const text = line(['ours', 'theirs', 'a URL'], []);
    expect(text).toMatch(/; ours, theirs and a URL$/);
  });

  test('then names them in the order of what they cost, those without a figure last', () => {
    const cpu = (label: string, ratio: number | null) => figure('cpu-per-request', label, ratio);
    const figures = [cpu('ours', 1), cpu('theirs', 3), cpu('a URL', null), cpu('splice', 0.8)];
    const text = line(['ours', 'theirs', 'a URL'], [...figures, figure('hop-p50', 'ours', 9)]);
    expect(text).toMatch(/; cpu splice 0.800x, ours 1.00x, theirs 3.00x, a URL$/);
  });
});
