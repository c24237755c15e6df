import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Calibration } from '../model/calibration.ts';
import {
  calibrationFolder,
  calibrationPath,
  loadCalibration,
  saveCalibration,
} from './calibration-store.ts';

const CALIBRATION: Calibration = {
  schemaVersion: 1,
  measuredAt: '2026-11-24T12:00:00.000Z',
  fingerprint: 'a1b2c3d4',
  implementation: 'optimized',
  scenario: 'web-mix',
  rounds: 40,
  roundMs: 4800,
  budgets: [
    {
      budgetMs: 30_000,
      rounds: 6,
      metrics: [{ metric: 'cpu-per-request', noiseFloor: 0.01, caught: 0.025 }],
      gates: 1000,
      falseAlarms: 1,
      inconclusive: 12,
    },
  ],
};

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hopmark-calibration-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a calibration survives being saved and read, in a folder that was not there', async () => {
  const path = calibrationPath(join(folder, 'new'), 'a1b2c3d4');
  await saveCalibration(path, CALIBRATION);
  expect(await loadCalibration(path)).toEqual(CALIBRATION);
  expect(await readdir(join(folder, 'new'))).toEqual(['calibration-a1b2c3d4.json']);
});

test('a machine without one has none', async () => {
  expect(await loadCalibration(calibrationPath(folder, 'other'))).toBeNull();
});

test.each([
  ['cut short', JSON.stringify(CALIBRATION).slice(0, 90)],
  ['newer', JSON.stringify({ ...CALIBRATION, schemaVersion: 2 })],
  ['of other keys', JSON.stringify({ ...CALIBRATION, noise: 3 })],
])('a file that is %s is refused with the way out', async (_, text) => {
  const path = join(folder, 'calibration.json');
  await writeFile(path, text);
  await expect(loadCalibration(path)).rejects.toMatchObject({
    code: 'bad-calibration',
    remedy: expect.stringContaining('hopmark calibrate'),
  });
});

test('the cache folder is the one that the environment names', () => {
  expect(calibrationFolder({ XDG_CACHE_HOME: '/x' })).toBe('/x/hopmark/calibrations');
  expect(calibrationFolder({})).toContain('.cache');
});
