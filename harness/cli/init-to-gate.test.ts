/** The way of a newcomer: from a repository with a small Express proxy to a gate that passes, and one that fails. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testRepository } from '../revision/fixtures/test-repository.ts';
import { type CliResult, fixture, runCli } from './fixtures/run-cli.ts';
import { packageRoot } from './version.ts';

const PROXY = readFileSync(fixture('express-proxy.js'), 'utf8');
const SLOWED = PROXY.replace(
  '// planted here',
  'for (const until = performance.now() + 1; performance.now() < until; );',
);
const PATIENCE_MS = 600_000;

const repository = testRepository();
const modules = join(repository.root, 'node_modules');
afterAll(() => repository.remove());

beforeAll(() => {
  // As `npm install --save-dev hopmark express` leaves it.
  mkdirSync(modules);
  symlinkSync(packageRoot(), join(modules, 'hopmark'));
  const express = dirname(fileURLToPath(import.meta.resolve('express')));
  symlinkSync(express, join(modules, 'express'));
  repository.commit({
    'package.json': '{ "name": "shop", "type": "module" }\n',
    'src/proxy.js': PROXY,
    '.gitignore': 'node_modules\n',
  });
});

const hopmark = (...args: readonly string[]): Promise<CliResult> =>
  runCli(args, { cwd: repository.root, env: { XDG_CACHE_HOME: repository.cache } });

/** Wide limits, so that few rounds decide: what is shown is the way, not how small a change can be seen. */
const gate = (): Promise<CliResult> =>
  hopmark(
    ...['gate', '--against', 'HEAD', '--rounds', '5'],
    ...['hop-p50', 'cpu-per-request', 'allocated-per-request'].flatMap((metric) => [
      '--threshold',
      `${metric}: <= +80%`,
    ]),
  );

test('init writes what a gate needs, and the proxy answers correctly', async () => {
  expect(await hopmark('init')).toMatchObject({ exitCode: 0, stderr: '' });
  const config = readFileSync(join(repository.root, 'hopmark.config.ts'), 'utf8');
  // No lockfile to install from: the revision takes the modules that are here.
  const prepared = config.replace(
    /\/\/ prepare: .*/,
    `prepare: ${JSON.stringify(`ln -s '${modules}' node_modules`)},`,
  );
  expect(prepared).not.toBe(config);
  repository.commit({ 'hopmark.config.ts': prepared });
  const conform = await hopmark('conform', './src/proxy.js', '--fast', '--tier', 'forwarding');
  expect({ exitCode: conform.exitCode, told: conform.stderr }).toMatchObject({ exitCode: 0 });
});

test(
  'a gate of what did not change passes',
  async () => {
    const { exitCode, stdout, stderr, leftBehind } = await gate();
    expect({ exitCode, leftBehind, said: exitCode === 0 ? '' : stdout + stderr }).toEqual({
      exitCode: 0,
      leftBehind: [],
      said: '',
    });
    expect(stdout).toMatch(/^= Unchanged, proxy\.js against proxy\.js@/m);
  },
  PATIENCE_MS,
);

test(
  'a gate of a slowdown fails, and names the file that grew',
  async () => {
    writeFileSync(join(repository.root, 'src/proxy.js'), SLOWED);
    const { exitCode, stdout, stderr, leftBehind } = await gate();
    expect({ exitCode, leftBehind, said: exitCode === 1 ? '' : stdout + stderr }).toEqual({
      exitCode: 1,
      leftBehind: [],
      said: '',
    });
    expect(stdout).toMatch(/^✗ Regressed, proxy\.js against proxy\.js@/m);
    expect(stdout).toMatch(/what grew: CPU time[\s\S]*src\/proxy\.js/);
    expect(stderr).toContain('not committed');
  },
  PATIENCE_MS,
);
