import { describe, expect, test } from 'vitest';
import type { SessionProgress } from '../measure/session.ts';
import { ProgressLine, sessionLine } from './progress.ts';

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

test('a session fits its line into 80 columns, also late and with figures', () => {
  const progress: SessionProgress = {
    round: 11,
    phase: 'loaded',
    fraction: 0.5,
    elapsedMs: 60_000,
    remainingMs: 30_000,
    plannedRounds: 16,
    done: [],
  };
  const text = sessionLine(progress, 'hop 0.255x, cpu 0.133x');
  expect(text).toBe('[#######...] 30 s left, round 12/16: many in flight; hop 0.255x, cpu 0.133x');
  expect(text.length).toBeLessThan(80);
});
