import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { fixture, runCli, temporaryFolder } from './fixtures/run-cli.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

const file = (name: string, text: string): string => {
  const path = join(folder.path, name);
  writeFileSync(path, text);
  return path;
};

describe('wrong input gives one clear message and exit code 2', () => {
  test.each([
    ['no command', [], /Usage: hopmark/],
    ['an unknown command', ['compair', 'a', 'b'], /unknown command.*Did you mean compare/s],
    ['an unknown flag', ['compare', 'a', 'b', '--fast-please'], /unknown option '--fast-please'/],
    ['a missing argument', ['compare', 'baseline'], /missing required argument 'candidate'/],
    [
      'a budget of nothing',
      ['compare', 'a', 'b', '--budget', '0'],
      /duration above zero, such as 60s/,
    ],
    ['a budget without a unit', ['compare', 'a', 'b', '--budget', '60'], /such as 60s/],
    ['negative rounds', ['compare', 'a', 'b', '--rounds', '-1'], /whole number from 1/],
    ['a seed that is none', ['compare', 'a', 'b', '--seed', 'x'], /whole number from 0/],
    [
      'an unknown scenario',
      ['compare', 'baseline', 'optimized', '--scenario', 'web-mx'],
      /unknown scenario "web-mx"[\s\S]*web-mix/,
    ],
    ['an unknown implementation', ['compare', 'basline', 'optimized'], /basline[\s\S]*baseline/],
    ['a module that is not there', ['conform', './nowhere/proxy.ts'], /nowhere\/proxy\.ts/],
    [
      'a module without a default export',
      ['conform', fixture('no-implementation.ts')],
      /no default/,
    ],
    ['a module of the wrong shape', ['conform', fixture('wrong-shape.ts')], /capabilities|create/],
    [
      'a URL to calibrate by',
      ['calibrate', 'http://127.0.0.1:9'],
      /one process: it does not differ from itself/,
    ],
    [
      'an unknown case',
      ['conform', 'optimized', '--case', 'no-such-case'],
      /no conformance case 'no-such-case'/,
    ],
  ])('%s', async (_, args, message) => {
    const result = await runCli(
      args.length > 1 && args[0] === 'compare' ? [...args, '--reports', folder.path] : args,
    );
    expect(result.stderr).toMatch(message);
    expect(result.stderr).not.toMatch(/\n\s+at /);
    expect(result).toMatchObject({ exitCode: 2, stdout: '', leftBehind: [] });
  });
});

describe('a policy that is wrong is refused with file, line, key, found and expected', () => {
  const base = 'upstream: http://127.0.0.1:8080\n';
  test.each([
    ['an unknown key', `${base}loging:\n  default: true\n`, /policy\.yaml:2:\d+.*loging/],
    [
      'a wrong type',
      `${base}logging:\n  default: perhaps\n`,
      /policy\.yaml:3:\d+.*logging\.default.*perhaps.*expected/s,
    ],
    [
      'an invalid pattern',
      `${base}drop:\n  rules:\n    - name: broken\n      match: {path: {patterns: ['(']}}\n`,
      /policy\.yaml:5:\d+.*patterns/,
    ],
    [
      'a pattern that backtracks catastrophically',
      `${base}drop:\n  rules:\n    - name: slow\n      match: {path: {patterns: ['^(a+)+$']}}\n`,
      /policy\.yaml:5:\d+.*\(a\+\)\+/,
    ],
    ['text that is no YAML', '{{{', /policy\.yaml:1/],
  ])('%s', async (_, text, message) => {
    const policy = file('policy.yaml', text);
    const result = await runCli([
      'compare',
      'baseline',
      'optimized',
      '--policy',
      policy,
      '--reports',
      folder.path,
      '--quiet',
    ]);
    expect(result.stderr).toMatch(message);
    expect(result).toMatchObject({ exitCode: 2, stdout: '', leftBehind: [] });
  });

  test('a file that is not there', async () => {
    const result = await runCli([
      'compare',
      'a',
      'b',
      '--policy',
      join(folder.path, 'none.yaml'),
      '--reports',
      folder.path,
    ]);
    expect(result.stderr).toMatch(/none\.yaml/);
    expect(result.exitCode).toBe(2);
  });
});

test('a report folder that cannot be written is found before anything is measured', async () => {
  // A file where the folder should be cannot be written into, not even by root.
  const blocked = file('a-file', '');
  const result = await runCli([
    'compare',
    'baseline',
    'optimized',
    '--reports',
    join(blocked, 'reports'),
  ]);
  expect(result.stderr).toContain('a-file');
  expect(result).toMatchObject({ exitCode: 4, stdout: '', leftBehind: [] });
});

test('a report folder that the system denies is refused at once', async () => {
  const args = ['compare', 'baseline', 'optimized', '--reports', '/proc/reports/here'];
  const result = await runCli(args);
  expect(result.stderr).toContain('/proc/reports');
  expect(result).toMatchObject({ exitCode: 4, stdout: '', leftBehind: [] });
});

test('a policy that drops what the scenario sends is a mistake of the user', async () => {
  const policy = file(
    'drops-all.yaml',
    'upstream: http://127.0.0.1:8080\ndrop:\n  rules:\n    - {name: all, match: {}}\n',
  );
  const result = await runCli([
    ...['compare', 'optimized', 'optimized', '--smoke', '--quiet'],
    ...['--policy', policy, '--reports', folder.path],
  ]);
  expect(result.stderr).toMatch(/The policy drops requests of the scenario/);
  expect(result).toMatchObject({ exitCode: 2, stdout: '', leftBehind: [] });
});

describe('one JSON document on standard output', () => {
  test.each([
    [['doctor', '--json'], 'findings'],
    [['conform', 'optimized', '--fast', '--json'], 'cases'],
  ])('%j', async (args, key) => {
    const result = await runCli(args);
    expect(result).toMatchObject({ exitCode: 0, leftBehind: [] });
    expect(JSON.parse(result.stdout)).toHaveProperty(key);
  });
});

test('a module that claims no tier is told so', async () => {
  const result = await runCli([
    'compare',
    'optimized',
    'splice',
    '--quiet',
    '--reports',
    folder.path,
  ]);
  expect(result.stderr).toMatch(/does not claim to forward correctly/);
  expect(result.exitCode).toBe(2);
});

test('a machine without taskset is measured, and the report says so', async () => {
  const bin = join(folder.path, 'bin');
  mkdirSync(bin, { recursive: true });
  const result = await runCli(
    ['compare', 'optimized', 'optimized', '--smoke', '--json', '--reports', folder.path],
    { env: { PATH: bin } },
  );
  const report = JSON.parse(result.stdout);
  expect(report.validity.warnings).toContainEqual(expect.objectContaining({ code: 'no-affinity' }));
});

describe('help', () => {
  test.each([
    [['--help'], /compare baseline optimized[\s\S]*Exit codes/],
    [['compare', '--help'], /--budget <duration>[\s\S]*Examples:[\s\S]*Exit codes/],
    [['conform', '--help'], /--tier <tier>[\s\S]*Examples:/],
    [['doctor', '--help'], /Example:/],
    [['--version'], /^\d+\.\d+\.\d+\n$/],
  ])('%j goes to standard output with code 0', async (args, text) => {
    const result = await runCli(args);
    expect(result.stdout).toMatch(text);
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
  });
});
