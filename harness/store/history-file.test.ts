import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { HistoryEntry } from '../model/history.ts';
import { addToHistory, HISTORY_FILE, readHistory } from './history-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'hopmark-history-'));
const path = join(folder, HISTORY_FILE);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => rmSync(path, { recursive: true, force: true }));

function entry(day: number): HistoryEntry {
  return {
    schemaVersion: 1,
    runId: `run-${day}`,
    startedAt: `2026-11-${String(day).padStart(2, '0')}T10:00:00.000Z`,
    commit: '86da57b0',
    dirty: false,
    valid: true,
    fingerprint: 'a1b2',
    figures: [
      {
        scenario: 'web-mix',
        hash: '5f3a',
        metric: 'hop-p50',
        candidate: 'optimized',
        reference: 'baseline',
        value: 0.3,
        interval: [0.29, 0.31],
      },
    ],
  };
}

test('runs are given back as they were added, by the moment that they began', async () => {
  for (const day of [3, 1, 2]) await addToHistory(folder, entry(day));
  expect(await readHistory(folder)).toEqual({
    entries: [entry(1), entry(2), entry(3)],
    unreadable: [],
  });
});

test('runs that are added at once are all kept whole', async () => {
  const days = Array.from({ length: 20 }, (_, at) => at + 1);
  await Promise.all(days.map((day) => addToHistory(folder, entry(day))));
  expect((await readHistory(folder)).entries).toEqual(days.map(entry));
});

test('a line that was cut off costs that line alone', async () => {
  await addToHistory(folder, entry(1));
  appendFileSync(path, JSON.stringify(entry(2)).slice(0, 40));
  await addToHistory(folder, entry(3));
  expect(await readHistory(folder)).toEqual({ entries: [entry(1), entry(3)], unreadable: [2] });
});

test('what is no entry is left out and told of', async () => {
  writeFileSync(path, `\n[]\n{"schemaVersion":1}\n${JSON.stringify(entry(4))}\n`);
  expect(await readHistory(folder)).toEqual({ entries: [entry(4)], unreadable: [2, 3] });
});

test('a newer history is refused, and so is none', async () => {
  await expect(readHistory(folder)).rejects.toMatchObject({ code: 'no-history', side: 'user' });
  writeFileSync(path, '{"schemaVersion":2}\n');
  await expect(readHistory(folder)).rejects.toMatchObject({
    code: 'history-newer',
    message: expect.stringContaining(`${HISTORY_FILE}:1`),
  });
});

test('a history that cannot be written is a failure of the machine, and nothing is lost', async () => {
  mkdirSync(path);
  await expect(addToHistory(folder, entry(1))).rejects.toMatchObject({
    code: 'unwritable',
    side: 'machine',
  });
  rmSync(path, { recursive: true });
  await addToHistory(folder, entry(1));
  expect(readFileSync(path, 'utf8')).toBe(`${JSON.stringify(entry(1))}\n`);
});
