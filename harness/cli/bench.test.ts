import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fixture, runCli, temporaryFolder } from './fixtures/run-cli.ts';

const folder = temporaryFolder();
afterAll(folder.remove);
const baselines = join(folder.path, 'baselines');
const inFolder = ['--baselines', baselines];
const bench = (...args: readonly string[]) =>
  runCli([
    ...['bench', '--smoke', '--quiet', '--seed', '1', '--reports', join(folder.path, 'reports')],
    ...inFolder,
    ...args,
  ]);
const baseline = (...args: readonly string[]) => runCli(['baseline', ...args, ...inFolder]);
const tooFew = /too few/;

describe("the plan's flow, in smoke mode, of which no verdict comes", () => {
  test('save before-optimization', async () => {
    const result = await bench('--impl', 'baseline', '--save-baseline', 'before-optimization');
    expect(result.stderr).toMatch(/Saved .*before-optimization\.json\./);
    expect(result.stdout).toMatch(/hop-p50/);
    expect(result).toMatchObject({ exitCode: 3, leftBehind: [] });
  });

  test('save phase-1-complete, as JSON', async () => {
    const args = ['--impl', 'optimized', '--save-baseline', 'phase-1-complete', '--json'];
    const result = await bench(...args);
    expect(JSON.parse(result.stdout)).toMatchObject({
      schemaVersion: 1,
      saved: { state: 'saved', name: 'phase-1-complete', replaced: false },
      baseline: null,
      report: { schemaVersion: 1 },
    });
  });

  test('compare the two', async () => {
    const result = await baseline('diff', 'before-optimization', 'phase-1-complete');
    expect(result.stdout).toMatch(/phase-1-complete against the baseline before-optimization/);
    expect(result.stdout).toMatch(tooFew);
    expect(result).toMatchObject({ exitCode: 3, stderr: '' });
  });

  test('hold a new run against the last phase, and keep it in its place', async () => {
    const name = 'phase-1-complete';
    const args = ['web-mix', '--impl', 'optimized', '--baseline', name, '--save-baseline', name];
    const result = await bench(...args);
    expect(result.stdout).toMatch(/optimized against the baseline phase-1-complete/);
    expect(result.stderr).toMatch(/Saved .*in place of an older one/);
    expect(result).toMatchObject({ exitCode: 3, leftBehind: [] });
    expect(readdirSync(baselines).sort()).toEqual([
      'before-optimization.json',
      'phase-1-complete.json',
    ]);
  });

  test('list and show them', async () => {
    const list = await baseline('list', '--json');
    expect(JSON.parse(list.stdout).baselines).toMatchObject([
      { name: 'before-optimization', implementation: { name: 'baseline' }, sameMachine: true },
      { name: 'phase-1-complete', implementation: { name: 'optimized' }, reference: 'baseline' },
    ]);
    expect((await baseline('list')).stdout).toMatch(/before-optimization +baseline +web-mix +2/);
    const show = await baseline('show', 'phase-1-complete');
    expect(show.stdout).toMatch(/optimized[\s\S]*hop-p50[\s\S]*this machine/);
    expect(JSON.parse((await baseline('show', 'phase-1-complete', '--json')).stdout)).toMatchObject(
      {
        schemaVersion: 1,
        name: 'phase-1-complete',
      },
    );
  });
});

describe('a baseline that cannot be used is refused before anything is measured', () => {
  beforeAll(() => {
    const from = join(baselines, 'phase-1-complete.json');
    const text = readFileSync(from, 'utf8');
    cpSync(from, join(baselines, 'cut-short.json'));
    writeFileSync(join(baselines, 'cut-short.json'), text.slice(0, text.length / 2));
    writeFileSync(join(baselines, 'damaged.json'), text.replace('"rounds":2', '"rounds":3'));
    writeFileSync(
      join(baselines, 'newer.json'),
      text.replace('{"schemaVersion":1', '{"schemaVersion":7'),
    );
  });

  test.each([
    ['cut short', 'cut-short', /cut-short\.json is not JSON, or was cut short/],
    ['damaged', 'damaged', /damaged\.json does not match its checksum/],
    ['of a newer schema', 'newer', /newer\.json has baseline schema 7/],
    ['unknown', 'phase-1-completed', /no baseline "phase-1-completed"[\s\S]*phase-1-complete\?/],
    ['a path', '../phase', /"\.\.\/phase" can't be the name/],
  ])('%s', async (_, name, message) => {
    for (const result of [
      await bench('--impl', 'optimized', '--baseline', name),
      await baseline('diff', 'before-optimization', name),
      await baseline('show', name),
    ]) {
      expect(result.stderr).toMatch(message);
      expect(result.stderr.trim().split('\n').length).toBeLessThanOrEqual(2);
      expect(result).toMatchObject({ exitCode: 2, stdout: '', leftBehind: [] });
    }
  });

  test('of another scenario', async () => {
    const result = await bench(
      'fixed-1kb',
      '--impl',
      'optimized',
      '--baseline',
      'phase-1-complete',
    );
    expect(result.stderr).toMatch(/measured the scenario web-mix, not fixed-1kb/);
    expect(result).toMatchObject({ exitCode: 2, stdout: '', leftBehind: [] });
  });

  test('and the list says so of each, and shows the others', async () => {
    const { stdout, exitCode } = await baseline('list');
    expect(stdout).toMatch(/cut-short +unusable: .*cut short/);
    expect(stdout).toMatch(/phase-1-complete +optimized/);
    expect(exitCode).toBe(0);
  });
});

describe('bad usage', () => {
  test.each([
    ['no implementation', ['bench'], /--impl/],
    ['two scenarios', ['bench', 'web-mix', '--impl', 'a', '--scenario', 'fixed-1kb'], /two scenar/],
    [
      'a name with a slash',
      ['bench', '--impl', 'a', '--save-baseline', 'a/b'],
      /name of a baselin/,
    ],
    ['no such subcommand', ['baseline', 'lst'], /lst/],
  ])('%s', async (_, args, message) => {
    const result = await runCli(args);
    expect(result.stderr).toMatch(message);
    expect(result).toMatchObject({ exitCode: 2, stdout: '', leftBehind: [] });
  });

  test('a folder without baselines says how to make one', async () => {
    const none = join(folder.path, 'none');
    const listed = await runCli(['baseline', 'list', '--baselines', none]);
    expect(listed).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/no baselines/) });
    const shown = await runCli(['baseline', 'show', 'x', '--baselines', none]);
    expect(shown.stderr).toMatch(/--save-baseline x saves one/);
  });

  test('a folder that cannot be written is found before anything is measured', async () => {
    const blocked = join(folder.path, 'a-file');
    writeFileSync(blocked, '');
    const result = await runCli([
      ...['bench', '--impl', 'optimized', '--save-baseline', 'x', '--smoke', '--quiet'],
      ...['--baselines', join(blocked, 'baselines'), '--reports', join(folder.path, 'reports')],
    ]);
    expect(result.stderr).toMatch(/cannot write .*a-file/);
    expect(result).toMatchObject({ exitCode: 4, stdout: '', leftBehind: [] });
  });
});

describe('a run that comes to nothing', () => {
  test.each([
    ['in the first round', /round 1/],
    ['in a later round', /round 3/],
  ])('Ctrl-C %s leaves the old baseline and no other file', async (_, printed) => {
    const kept = join(folder.path, 'kept');
    mkdirSync(kept, { recursive: true });
    writeFileSync(join(kept, 'x.json'), 'old');
    const result = await runCli(
      [
        ...['bench', '--impl', 'optimized', '--save-baseline', 'x', '--baselines', kept],
        ...['--smoke', '--rounds', '40', '--reports', join(folder.path, 'reports')],
      ],
      { when: { printed, act: (child) => child.kill('SIGINT') } },
    );
    expect(result).toMatchObject({ exitCode: 130, leftBehind: [] });
    expect(readdirSync(kept)).toEqual(['x.json']);
    expect(readFileSync(join(kept, 'x.json'), 'utf8')).toBe('old');
  });

  test('leaves no folder of baselines either', async () => {
    const made = join(folder.path, 'made');
    const result = await runCli([
      ...[
        'bench',
        '--impl',
        fixture('wrong-body.ts'),
        '--save-baseline',
        'x',
        '--smoke',
        '--quiet',
      ],
      ...['--baselines', made, '--reports', join(folder.path, 'reports')],
    ]);
    expect(result).toMatchObject({ exitCode: 1, stdout: '', leftBehind: [] });
    expect(existsSync(made)).toBe(false);
  });
});
