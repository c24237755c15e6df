import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseReport } from '../report/schema.ts';
import { fixture, runCli, temporaryFolder } from './fixtures/run-cli.ts';

const folder = temporaryFolder();
afterAll(folder.remove);
const inFolder = ['--reports', join(folder.path, 'reports'), '--seed', '1'];
const listener = join(import.meta.dirname, '../../examples/node-listener-proxy.ts');

test('compare drives the operations of both and keeps a report of every case', async () => {
  const result = await runCli([
    ...['compare', 'baseline', 'optimized', '--scenario', 'header-processing,body-processing'],
    ...['--smoke', '--quiet', '--json', ...inFolder],
  ]);
  // Two tiny rounds decide nothing.
  expect(result).toMatchObject({ exitCode: 3, stderr: '', leftBehind: [] });
  const report = parseReport(result.stdout, 'the run');
  const cases = report.scenarios.map(({ name }) => name);
  expect(cases).toContain('header-processing/simple');
  expect(cases).toHaveLength(9);
  expect(report.run.rounds).toBe(2);
  expect(report.rounds.map(({ scenario, index }) => [index, scenario])).toEqual(
    [0, 1].flatMap((index) => cases.map((name) => [index, name])),
  );
  for (const { arms } of report.rounds) {
    expect(Object.keys(arms).sort()).toEqual(['candidate', 'reference', 'twin']);
    for (const { values } of Object.values(arms)) {
      expect(values['component-time']).toBeGreaterThan(0);
      expect(values['component-allocated']).toBeGreaterThanOrEqual(1);
    }
  }
  expect(report.comparisons.every(({ verdict }) => verdict !== null)).toBe(true);
  expect(report.arms.map(({ role }) => role)).toEqual(['reference', 'twin', 'candidate']);
});

describe('bench', () => {
  const bench = (...args: readonly string[]) =>
    runCli(['bench', '--smoke', '--quiet', ...inFolder, ...baselines, ...args]);
  const baselines = ['--baselines', join(folder.path, 'baselines')];
  const saved = ['--targets', '--save-baseline', 'before'];
  const against = ['--baseline', 'before'];

  test('measures component scenarios, holds them against the targets and saves them', async () => {
    const choice = 'optimized?without=header-ranges';
    const result = await bench('header-processing', 'memory-pools', '--impl', choice, ...saved);
    expect(result.stdout).toMatch(/without=header-ranges {2}header-processing and memory-pools, 2/);
    expect(result.stdout).toMatch(/header-processing, µs[\s\S]*simple[\s\S]*reuse-16kb/);
    expect(result.stdout).toMatch(/header-filtering +header-processing\/simple +50\.0 µs/);
    expect(result.stdout).toMatch(/0 of 11 targets met, 11 inconclusive/);
    expect(result.stderr).toMatch(/Saved .*before\.json/);
    expect(result).toMatchObject({ exitCode: 3, leftBehind: [] });
  });

  test('judges a later run by a saved one of the same scenarios, and refuses others', async () => {
    const later = await bench('header-processing', '--impl', 'optimized', ...against);
    expect(later.stdout).toMatch(/header-processing\/complex time/);
    expect(later).toMatchObject({ exitCode: 3, leftBehind: [] });
    const other = await bench('regex-cache', '--impl', 'optimized', ...against);
    expect(other.stderr).toMatch(/measured the scenario header-processing.*not regex-cache/);
    expect(other).toMatchObject({ exitCode: 2, stdout: '' });
  });

  test('lists the scenarios by kind', async () => {
    const result = await runCli(['bench', '--list']);
    expect(result.stdout).toMatch(/Traffic\n {2}web-mix[\s\S]*Components\n {2}regex-cache/);
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
  });
});

describe('an implementation that cannot be driven gets one clear message', () => {
  test.each([
    [
      'that answers otherwise',
      fixture('answers-otherwise.ts'),
      1,
      /answers otherwise than baseline in regex-cache\/cached/,
    ],
    [
      'whose operation throws',
      fixture('operation-throws.ts'),
      4,
      /operation-throws.*"(warm-up|batch)" failed: tired of matching/,
    ],
    [
      'that has no operations of its own',
      listener,
      2,
      /node-listener-proxy.*does not give its operations one by one/,
    ],
    [
      'with a part that it does not have',
      'optimized?without=pool',
      2,
      /no part called 'pool'\. Did you mean pools/,
    ],
  ] as const)('%s', async (_, spec, exitCode, message) => {
    const reports = join(folder.path, 'none');
    const result = await runCli([
      ...['compare', 'baseline', spec, '--scenario', 'regex-cache', '--smoke', '--quiet'],
      ...['--reports', reports],
    ]);
    expect(result.stderr).toMatch(message);
    expect(result.stderr.trim().split('\n').length).toBeLessThanOrEqual(3);
    expect(result).toMatchObject({ exitCode, stdout: '', leftBehind: [] });
    expect(readdirSync(reports)).toEqual([]);
  });
});

test('rules and slowdowns of traffic are refused before anything starts', async () => {
  const result = await runCli([
    ...['compare', 'optimized', 'optimized', '--scenario', 'components', '--policy', 'p.yaml'],
    ...inFolder,
  ]);
  expect(result.stderr).toMatch(/--policy concerns traffic, and component scenarios have none/);
  expect(result).toMatchObject({ exitCode: 2, stdout: '', leftBehind: [] });
});

test('Ctrl-C reports the rounds that were done as incomplete and leaves no process', async () => {
  const result = await runCli(
    [
      ...['compare', 'baseline', 'optimized', '--scenario', 'header-processing', '--smoke'],
      ...['--rounds', '500', ...inFolder],
    ],
    { when: { printed: /round 3/, act: (child) => child.kill('SIGINT') } },
  );
  expect(result.stdout).toMatch(/Inconclusive[\s\S]*the run ended before its rounds were\s+done/);
  expect(result).toMatchObject({ exitCode: 130, leftBehind: [] });
});
