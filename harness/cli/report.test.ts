import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addToHistory } from '../store/history-file.ts';
import { historyOf, level } from '../verdict/fixtures/history.ts';
import { runCli, temporaryFolder } from './fixtures/run-cli.ts';

const folder = temporaryFolder();
const runs = { compare: '', load: '' };

async function measure(command: keyof typeof runs, ...args: readonly string[]): Promise<void> {
  const reports = join(folder.path, command);
  const { stdout } = await runCli([command, ...args, '--smoke', '--reports', reports, '--json']);
  runs[command] = join(reports, JSON.parse(stdout).run.id);
}

const file = (run: string, name: string): string => readFileSync(join(run, name), 'utf8');

beforeAll(async () => {
  await measure('compare', 'baseline', 'optimized');
  await measure('load', 'optimized');
}, 180_000);
afterAll(() => folder.remove());

describe.each(['compare', 'load'] as const)('the report of %s', (command) => {
  test.each([
    ['markdown', 'report.md'],
    ['json', 'report.json'],
  ])('is printed as %s as its run wrote it, time and again', async (format, name) => {
    const args = ['report', runs[command], '--as', format];
    const results = [await runCli(args), await runCli(args)];
    for (const { exitCode, stdout, stderr } of results) {
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout).toBe(file(runs[command], name));
    }
  });

  test('is found by its folder and by its file, and is the same after a replay', async () => {
    const plain = await runCli(['report', join(runs[command], 'report.json')]);
    const replayed = await runCli(['report', runs[command], '--replay', '--speed', '10000']);
    expect(plain.stdout).toContain('optimized');
    expect(replayed).toMatchObject({ exitCode: 0, stdout: plain.stdout });
    expect(replayed.stderr).not.toBe('');
  });
});

test.each(['json', 'markdown', 'junit', 'html'])(
  'two replays of a run print the same %s, to the byte',
  async (format) => {
    const args = ['report', runs.compare, '--replay', '--speed', '10000', '--as', format];
    const [first, second] = [await runCli(args), await runCli(args)];
    expect(first).toMatchObject({ exitCode: 0, stdout: second.stdout });
    expect(first.stdout.length).toBeGreaterThan(200);
  },
);

test('the newest report is printed where none is named', async () => {
  const reports = join(folder.path, 'compare');
  const plain = await runCli(['report', runs.compare]);
  const newest = await runCli(['report', '--reports', reports]);
  expect(newest).toMatchObject({ exitCode: 0, stdout: plain.stdout });
  const none = await runCli(['report', '--reports', join(folder.path, 'nowhere')]);
  expect(none).toMatchObject({ exitCode: 2, stdout: '' });
  expect(none.stderr).toMatch(/there is no report in/);
});

describe('the history of a folder', () => {
  const reports = join(folder.path, 'history');
  beforeAll(async () => {
    mkdirSync(reports);
    for (const entry of historyOf([...level(0.3, 12), ...level(0.36, 8)])) {
      await addToHistory(reports, entry);
    }
  });

  test.each([
    ['text', /✗ hop-p50 regressed by/],
    ['markdown', /^- hop-p50 regressed by/m],
    ['html', /<!doctype html>/],
    ['json', /"verdict": "regressed"/],
  ])('is printed as %s, the same each time', async (format, said) => {
    const args = ['report', '--history', '--reports', reports, '--as', format];
    const results = [await runCli(args), await runCli(args)];
    for (const { exitCode, stdout, stderr } of results) {
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout).toMatch(said);
      expect(stdout).toBe(results[0]?.stdout);
    }
  });

  test('has every run that measured something', async () => {
    const own = join(folder.path, 'own');
    const compare = ['compare', 'optimized', 'optimized', '--reports', own];
    await runCli([...compare, '--smoke']);
    expect(readdirSync(own)).toHaveLength(1);
    const { stdout } = await runCli([...compare, '--rounds', '1', '--json']);
    const [line = '', ...rest] = readFileSync(join(own, 'history.jsonl'), 'utf8').split('\n');
    expect(rest).toEqual(['']);
    expect(JSON.parse(line)).toMatchObject({ schemaVersion: 1, runId: JSON.parse(stdout).run.id });
  });

  test('that cannot be written costs no run its report', async () => {
    const own = join(folder.path, 'unwritable');
    mkdirSync(join(own, 'history.jsonl'), { recursive: true });
    const args = ['compare', 'optimized', 'optimized', '--rounds', '1', '--reports', own];
    const { stderr, stdout } = await runCli(args);
    expect(stderr).toMatch(/cannot write .*history\.jsonl.* This run is not in the history/);
    expect(stdout).toMatch(/Report +.*unwritable/);
  });

  test('has the metrics that are asked for', async () => {
    const args = ['report', reports, '--history', '--metric', 'throughput', '--json'];
    const { stdout } = await runCli(args);
    const { series } = JSON.parse(stdout) as { series: { metric: string }[] };
    expect(series.map(({ metric }) => metric)).toEqual(['throughput']);
  });

  test('tells of lines that are no entries, and goes on', async () => {
    appendFileSync(join(reports, 'history.jsonl'), '{"schemaVersion":1,\n');
    const { exitCode, stderr, stdout } = await runCli([
      'report',
      '--history',
      '--reports',
      reports,
    ]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: expect.stringMatching(/history\.jsonl: no entries, and left out: line 21/),
    });
    expect(stdout).toContain('20 runs');
  });

  test.each([
    ['that is not there', ['--reports', 'nowhere'], /there is no history in nowhere/],
    ['that is to be replayed', ['--replay'], /'--history' cannot be used with option '--replay'/],
    ['of no such metric', ['--metric', 'speed'], /there is no metric speed/],
    ['in a format that there is none of', ['--as', 'junit'], /no history is written as junit/],
  ])('%s gets one clear message', async (_what, args, message) => {
    const { exitCode, stderr } = await runCli([
      'report',
      '--history',
      '--reports',
      reports,
      ...args,
    ]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringMatching(message) });
  });
});

describe('a report that cannot be printed gets one clear message', () => {
  test.each([
    ['of one metric', ['nowhere', '--metric', 'hop-p50'], /--metric is of a history/],
    ['that is not there', ['nowhere'], /cannot read nowhere: ENOENT/],
    ['in a format that there is none of', ['nowhere', '--as', 'pdf'], /--as/],
    ['at no speed', ['nowhere', '--speed', '0'], /above 0/],
  ])('%s', async (_what, args, message) => {
    const result = await runCli(['report', ...args]);
    expect(result).toMatchObject({ exitCode: 2, stdout: '' });
    expect(result.stderr).toMatch(message);
  });

  test('that was cut short', async () => {
    const path = join(folder.path, 'cut.json');
    writeFileSync(path, file(runs.compare, 'report.json').slice(0, 500));
    const result = await runCli(['report', path]);
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toMatch(/cut\.json is not JSON, or was cut short/);
  });

  test('with a load of a newer version', async () => {
    const path = join(folder.path, 'newer.json');
    const report = JSON.parse(file(runs.load, 'report.json'));
    writeFileSync(path, JSON.stringify({ ...report, schemaVersion: 99 }));
    const result = await runCli(['report', path]);
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toMatch(/schema 99/);
  });

  test('with nothing to replay', async () => {
    rmSync(join(runs.load, 'events.jsonl'));
    const result = await runCli(['report', runs.load, '--replay']);
    expect(result).toMatchObject({ exitCode: 2, stdout: '' });
    expect(result.stderr).toMatch(/events\.jsonl(.|\n)*older versions cannot be replayed/);
  });
});
