import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestRepository, testRepository } from '../revision/fixtures/test-repository.ts';
import { type CliOptions, type CliResult, runCli } from './fixtures/run-cli.ts';

const example = join(import.meta.dirname, '../../examples/node-listener-proxy.ts');
const PROXY = readFileSync(example, 'utf8');
const CONFIG = { implementation: './proxy.ts', prepare: 'true' };

let repository: TestRepository;
let wrongContract: string;
let first: string;
let head: string;

beforeAll(() => {
  repository = testRepository();
  repository.commit({ 'README.md': 'no proxy yet\n' });
  wrongContract = repository.commit({
    'proxy.ts': `export default { contractVersion: 99, name: 'old', capabilities: ['forwarding'], create() {} };\n`,
  });
  first = repository.commit({ 'proxy.ts': PROXY });
  head = repository.commit({
    'hopmark.config.json': JSON.stringify(CONFIG),
    '.gitignore': 'reports/\n',
  });
});
afterAll(() => repository.remove());

function gate(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return runCli(['gate', ...args], {
    ...options,
    cwd: options.cwd ?? repository.root,
    env: { XDG_CACHE_HOME: repository.cache, ...options.env },
  });
}

describe('a gate against a revision', () => {
  test('compares the same module of both, names the revision, and says that the tree is clean', async () => {
    const result = await gate(['--against', first, '--smoke', '--json']);
    expect(result.stderr).toMatch(/checking out/);
    const report = JSON.parse(result.stdout);
    const names = Object.fromEntries(
      report.arms.map(({ id, name }: { id: string; name: string }) => [id, name]),
    );
    expect(names).toMatchObject({
      reference: `proxy.ts@${first.slice(0, 7)}`,
      candidate: 'proxy.ts',
    });
    expect(report.environment).toMatchObject({ commit: head, dirty: false });
    expect(report.run.rounds).toBe(2);
    // A smoke run gives no verdict.
    expect(result).toMatchObject({ exitCode: 3, leftBehind: [] });
  });

  test('takes the prepared revision from the cache, judges what is not committed and says so, and lets an inconclusive gate pass if told to', async () => {
    writeFileSync(join(repository.root, 'notes.txt'), 'not committed\n');
    const result = await gate([...['--against', first, '--smoke', '--on-inconclusive', 'neutral']]);
    expect(result.stderr).toMatch(/prepared before/);
    expect(result.stderr).toMatch(/not committed/);
    expect(result.stderr).toMatch(/let pass/);
    expect(result).toMatchObject({ exitCode: 0, leftBehind: [] });
  });
});

test('a gate against a saved baseline judges the run by it, with the reference that it names', async () => {
  const bench = [
    'bench',
    '--impl',
    './proxy.ts',
    '--smoke',
    '--quiet',
    '--save-baseline',
    'before',
  ];
  expect((await runCli(bench, { cwd: repository.root })).stderr).toMatch(/Saved/);
  const result = await gate(['--baseline', 'before', '--smoke', '--json', '--quiet']);
  const document = JSON.parse(result.stdout);
  expect(document.baseline).toMatchObject({ name: 'before', sameMachine: true });
  expect(document.baseline.commonReference).toBe('baseline');
  expect(result).toMatchObject({ exitCode: 3, leftBehind: [] });
});

describe('bad input ends with one message and code 2, before anything is measured', () => {
  test.each([
    ['nothing to judge by', [], /--against REVISION or --baseline NAME/],
    ['two things to judge by', ['--against', 'HEAD', '--baseline', 'b'], /judges by one thing/],
    ['an unknown baseline', ['--baseline', 'befor'], /no baseline "befor"/],
    ['an unknown revision', ['--against', 'no-such'], /no revision 'no-such'[\s\S]*git log/],
    ['a revision without the module', ['--against', 'HEAD~3'], /HEAD~3 has no proxy\.ts/],
    [
      'a module outside of the repository',
      ['--against', 'HEAD', '--impl', '../x.ts'],
      /outside of/,
    ],
    ['a name that this checkout lacks', ['--against', 'HEAD', '--impl', 'fast'], /no impls\/fast/],
    [
      'a metric that there is not',
      ['--against', 'HEAD', '--threshold', 'hop-p51: <= +5%'],
      /no metric "hop-p51"/,
    ],
    ['an unknown scenario', ['--against', 'HEAD', '--scenario', 'web-mx'], /unknown scenario/],
    ['an unknown outcome', ['--against', 'HEAD', '--on-inconclusive', 'pass'], /fail, neutral/],
  ])('%s', async (_, args, message) => {
    const result = await gate(args);
    expect(result.stderr).toMatch(message);
    expect(result.stderr).not.toMatch(/\n\s+at |defect/);
    expect(result).toMatchObject({ exitCode: 2, stdout: '', leftBehind: [] });
  });

  test('a revision of another contract version', async () => {
    const result = await gate(['--against', wrongContract, '--smoke', '--quiet']);
    expect(result.stderr).toMatch(/revision \w+ was written for version 99 of the contract/);
    expect(result.stderr).toMatch(/Gate against a revision/);
    expect(result).toMatchObject({ exitCode: 2, stdout: '', leftBehind: [] });
  });

  test('a folder outside of git', async () => {
    const cwd = join(repository.root, '..', 'plain');
    mkdirSync(cwd);
    writeFileSync(join(cwd, 'proxy.ts'), PROXY);
    const result = await gate(['--against', 'HEAD', '--impl', './proxy.ts'], { cwd });
    expect(result.stderr).toMatch(/no git repository/);
    expect(result).toMatchObject({ exitCode: 2, stdout: '', leftBehind: [] });
  });

  test('a target on a metric that there is not', async () => {
    const cwd = folderWithConfig('bad-target', { targets: { mine: 'hop-p51 < 5 µs' } });
    const result = await gate(['--against', first], { cwd });
    expect(result.stderr).toMatch(/the target "mine": there is no metric "hop-p51"/);
    expect(result).toMatchObject({ exitCode: 2, stdout: '', leftBehind: [] });
  });

  test('a revision that cannot be prepared', async () => {
    const cwd = folderWithConfig('failing', { prepare: 'echo it broke; exit 7' });
    const result = await gate(['--against', first], { cwd });
    expect(result.stderr).toMatch(/`echo it broke; exit 7` ended with code 7[\s\S]*\n {2}it broke/);
    expect(result).toMatchObject({ exitCode: 2, stdout: '', leftBehind: [] });
  });
});

test('Ctrl-C while a revision is prepared leaves no process, no tree and no report', async () => {
  const cwd = folderWithConfig('slow', { prepare: 'sleep 600 & wait' });
  const cache = join(repository.root, '..', 'cache-of-slow');
  const result = await gate(['--against', first], {
    cwd,
    env: { XDG_CACHE_HOME: cache },
    when: { printed: /sleep 600/, act: (child) => child.kill('SIGINT') },
  });
  expect(result.stderr).toMatch(/interrupted; nothing was written/);
  expect(result).toMatchObject({ exitCode: 130, stdout: '' });
  expect(result.stillThere()).toEqual([]);
  const [id = ''] = readdirSync(join(cache, 'hopmark', 'revisions'));
  expect(readdirSync(join(cache, 'hopmark', 'revisions', id))).toEqual([]);
  expect(repository.git('worktree', 'list')).not.toContain('cache-of-slow');
});

test('a config file in TypeScript is read, with the types of the package', async () => {
  const source = pathToFileURL(join(import.meta.dirname, '..', 'config.ts')).href;
  const cwd = join(repository.root, 'typed');
  mkdirSync(cwd);
  writeFileSync(
    join(cwd, 'hopmark.config.ts'),
    `import { defineConfig } from '${source}';
export default defineConfig({ implementation: '../proxy.ts', thresholds: { 'hop-p50': '<= 5' } });
`,
  );
  const result = await gate(['--against', 'HEAD'], { cwd });
  expect(result.stderr).toMatch(/"<= 5" is not a threshold on the change of hop-p50/);
  expect(result.exitCode).toBe(2);
});

/** A folder of the repository whose configuration differs from its root's. */
function folderWithConfig(name: string, config: object): string {
  const path = join(repository.root, name);
  mkdirSync(path);
  const whole = { ...CONFIG, implementation: '../proxy.ts', ...config };
  writeFileSync(join(path, 'hopmark.config.json'), JSON.stringify(whole));
  return path;
}
