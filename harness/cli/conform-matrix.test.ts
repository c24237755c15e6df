import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { MATRIX } from '../conformance/fixtures/matrix.ts';
import type { ConformanceMatrix } from '../model/conformance.ts';
import { exitCodeOfMatrix } from './conform-matrix.ts';
import { fixture, runCli, temporaryFolder } from './fixtures/run-cli.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

/** An adapter whose package is not installed. */
function adapterOfNothing(): string {
  const path = join(folder.path, 'adapter.ts');
  const find = import.meta.resolve('../../impls/external/peer-package.ts');
  writeFileSync(
    path,
    `import { findPackage } from ${JSON.stringify(find)};\nfindPackage('@no-one/has-this');\n`,
  );
  return path;
}

const rows = (...specs: readonly string[]): ConformanceMatrix => ({
  rows: MATRIX.rows.filter(({ spec }) => specs.includes(spec)),
});

describe('the exit code of a matrix', () => {
  test('is 0 if what is claimed holds, whatever is declared, not claimed or not here', () => {
    expect(exitCodeOfMatrix(rows('good', 'from-npm', 'splice', 'absent'), [])).toBe(0);
  });

  test('is 1 if an implementation fails what it claims', () => {
    expect(exitCodeOfMatrix(MATRIX, [])).toBe(1);
  });

  test('is 3 if what was asked for by name is not here, or nothing is', () => {
    expect(exitCodeOfMatrix(rows('good', 'absent'), ['absent'])).toBe(3);
    expect(exitCodeOfMatrix(rows('absent'), [])).toBe(3);
  });

  test('is 4 if an implementation fails to start', () => {
    const broken = rows('good', 'absent').rows.map((row) =>
      row.state === 'unavailable' ? { ...row, why: 'broken' as const } : row,
    );
    expect(exitCodeOfMatrix({ rows: broken }, [])).toBe(4);
  });
});

describe('several implementations', () => {
  test('give one JSON document, with who is not here, and the bytes of what is not met', async () => {
    const args = ['undici', 'httpxy', adapterOfNothing(), '--case', 'keep-alive-is-removed'];
    const result = await runCli(['conform', ...args, '--json', '--quiet']);
    expect(result).toMatchObject({ exitCode: 3, leftBehind: [] });
    const { schemaVersion, implementations } = JSON.parse(result.stdout);
    expect(schemaVersion).toBe(1);
    expect(implementations).toMatchObject([
      { spec: 'undici', state: 'held', cases: [{ status: 'passed', claimed: true }] },
      {
        spec: 'httpxy',
        state: 'held',
        cases: [
          {
            id: 'keep-alive-is-removed',
            status: 'failed',
            claimed: false,
            declared: 'Keep-Alive of a request goes on to the upstream',
            evidence: {
              sent: [expect.stringContaining('Keep-Alive: timeout=77')],
              receivedByOrigin: [expect.stringMatching(/keep-alive: timeout=77/i)],
              answered: [expect.stringContaining('200 OK')],
            },
          },
        ],
      },
      {
        state: 'unavailable',
        why: 'missing',
        reason: expect.stringContaining('the package @no-one/has-this is not installed'),
        remedy: expect.stringContaining('npm install @no-one/has-this'),
      },
    ]);
  });

  test('are told apart from a wrong name before anything runs', async () => {
    const result = await runCli(['conform', 'undici', 'httpxi', '--quiet']);
    expect(result.stderr).toMatch(/no implementation called 'httpxi'.*Did you mean httpxy/s);
    expect(result).toMatchObject({ exitCode: 2, stdout: '', leftBehind: [] });
  });

  test('of which one fails to start are a matrix with the reason, and code 4', async () => {
    const args = ['undici', fixture('exits-at-start.ts'), '--case', 'body-of-one-byte'];
    const result = await runCli(['conform', ...args, '--quiet']);
    expect(result.stdout).toMatch(/not available here:[\s\S]*exited/);
    expect(result).toMatchObject({ exitCode: 4, leftBehind: [] });
  });

  test('in Markdown', async () => {
    const args = ['undici', 'splice', '--case', 'keep-alive-is-removed', '--markdown'];
    const result = await runCli(['conform', ...args, '--quiet']);
    expect(result.stdout).toContain('| **forwarding** | 1/1 | (0/1) |');
    expect(result).toMatchObject({ exitCode: 0, leftBehind: [] });
  });
});

test('every built-in name is asked for by --all', async () => {
  const args = ['conform', '--all', '--case', 'body-of-one-byte', '--json', '--quiet'];
  const result = await runCli(args);
  expect(result).toMatchObject({ exitCode: 0, leftBehind: [] });
  const { implementations } = JSON.parse(result.stdout);
  const names = implementations.map((row: { spec: string }) => row.spec);
  expect(names).toEqual(expect.arrayContaining(['baseline', 'optimized', 'fast-proxy', 'splice']));
});

test('nobody named is a mistake of the user', async () => {
  const result = await runCli(['conform']);
  expect(result.stderr).toMatch(/Name an implementation, or --all/);
  expect(result).toMatchObject({ exitCode: 2, stdout: '' });
});

test('a declared case that is named is run, shown with its bytes, and no failure', async () => {
  const result = await runCli(['conform', 'fast-proxy', '--case', 'field-values-are-bytes']);
  expect(result.stdout).toMatch(/FAILED field-values-are-bytes/);
  expect(result.stdout).toMatch(/the proxy exited with code 1 during the case/);
  expect(result.stdout).toMatch(/as it declares: undici 5 reads the values/);
  expect(result).toMatchObject({ exitCode: 0, leftBehind: [] });
});
