import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { machineFingerprint } from '../sut/machine.ts';
import { calibrationHere } from './calibration-here.ts';
import { runCli, temporaryFolder } from './fixtures/run-cli.ts';

let folder = temporaryFolder();
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const NOW = new Date('2026-11-24T12:00:00Z');
const profile = (budgetMs: number, noiseFloor: number) => ({
  budgetMs,
  rounds: 6,
  metrics: [{ metric: 'cpu-per-request', noiseFloor, caught: 0.03 }],
  gates: 1000,
  falseAlarms: 0,
  inconclusive: 10,
});
const CALIBRATION = {
  schemaVersion: 1,
  measuredAt: '2026-11-20T12:00:00.000Z',
  fingerprint: 'f00d',
  implementation: 'optimized',
  scenario: 'web-mix',
  rounds: 60,
  roundMs: 4800,
  budgets: [profile(30_000, 0.02), profile(60_000, 0.01)],
};

/** Looks for a calibration in a cache folder that holds this text. */
async function inCache(text: string, budgetMs: number) {
  const calibrations = join(folder.path, 'hopmark', 'calibrations');
  mkdirSync(calibrations, { recursive: true });
  writeFileSync(join(calibrations, 'calibration-f00d.json'), text);
  const before = process.env.XDG_CACHE_HOME;
  process.env.XDG_CACHE_HOME = folder.path;
  try {
    return await calibrationHere('f00d', budgetMs, NOW);
  } finally {
    if (before === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = before;
  }
}

test('a run takes the noise floors of the longest budget that it has', async () => {
  const text = JSON.stringify(CALIBRATION);
  expect((await inCache(text, 90_000)).noiseFloors).toEqual({ 'cpu-per-request': 0.01 });
  expect((await inCache(text, 45_000)).noiseFloors).toEqual({ 'cpu-per-request': 0.02 });
  const short = await inCache(text, 10_000);
  expect(short.noiseFloors).toEqual({ 'cpu-per-request': 0.02 });
  expect(short.warnings).toEqual([]);
  expect(short.report).toMatchObject({ rounds: 60, budgetMs: 30_000, inconclusive: 10 });
});

test('an old calibration is used, and said to be old', async () => {
  const old = { ...CALIBRATION, measuredAt: '2026-09-01T12:00:00.000Z' };
  const { noiseFloors, warnings } = await inCache(JSON.stringify(old), 30_000);
  expect(noiseFloors).toEqual({ 'cpu-per-request': 0.02 });
  expect(warnings).toEqual([
    { code: 'calibration-outdated', message: expect.stringContaining('84 days old') },
  ]);
});

test('a damaged one is a doubt about the run, which goes on without it', async () => {
  const { noiseFloors, report, warnings } = await inCache('{"schemaVersion":1', 30_000);
  expect(noiseFloors).toEqual({});
  expect(report).toBeNull();
  expect(warnings.map(({ code }) => code)).toEqual(['calibration-unusable']);
});

test('calibrate measures, prints a profile, and keeps nothing of a smoke run', async () => {
  const cache = join(folder.path, 'cache');
  const reports = join(folder.path, 'reports');
  const flags = ['--smoke', '--quiet', '--json', '--reports', reports];
  const result = await runCli(['calibrate', ...flags], { env: { XDG_CACHE_HOME: cache } });
  expect(result).toMatchObject({ exitCode: 0, leftBehind: [] });
  const shown = JSON.parse(result.stdout);
  expect(shown).toMatchObject({
    schemaVersion: 1,
    rounds: 4,
    fingerprint: machineFingerprint(),
  });
  expect(shown.budgets.map((one: { budgetMs: number }) => one.budgetMs)).toEqual([
    30_000, 60_000, 120_000,
  ]);
  expect(existsSync(cache)).toBe(false);
});

test('a calibration that is too short says how long it has to be', async () => {
  const reports = join(folder.path, 'reports');
  const result = await runCli(['calibrate', '--budget', '1s', '--quiet', '--reports', reports]);
  expect(result.exitCode).toBe(2);
  expect(result.stderr).toMatch(/1 round is too few|rounds are too few/);
  expect(result.stderr).toMatch(/--budget 5m/);
});

test.each([
  [['compare', 'optimized', 'optimized', '--inject', 'cpu=fast'], /cpu=5%/],
  [['compare', 'optimized', 'optimized', '--inject', 'cpu=5%', '--inject', 'cpu=6%'], /twice/],
  [['compare', 'optimized', 'optimized', '--threshold', 'speed: <= +5%'], /no metric "speed"/],
])('wrong flags are refused: %j', async (args, message) => {
  const result = await runCli(args);
  expect(result.exitCode).toBe(2);
  expect(result.stderr).toMatch(message);
});
