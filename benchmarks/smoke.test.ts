import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { SMOKE_SHAPE } from '../harness/measure/plan.ts';
import { measureCrossTalk } from './cross-talk.ts';
import { LIMITS, SHOWN } from './main-job.ts';
import { ratioOf, runCompare } from './run-compare.ts';
import { compareWithItself } from './self-comparison.ts';
import { measureWrkAgreement } from './wrk-agreement.ts';

const hasWrk = spawnSync('wrk', ['--version']).error === undefined;

test.skipIf(!hasWrk && process.env.CI !== 'true')(
  'the loaded waves and wrk both measure the proxy (skipped without wrk: apt-get install wrk)',
  async () => {
    const result = await measureWrkAgreement({ pairs: 1, seconds: 1, seed: 1 });
    expect(result.wavesRequestsPerSecond).toHaveLength(1);
    for (const rate of [...result.wavesRequestsPerSecond, ...result.wrkRequestsPerSecond]) {
      expect(rate).toBeGreaterThan(0);
    }
    expect(result.ratio.ratio).toBeGreaterThan(0);
  },
);

test('the cross-talk benchmark measures with and without the allocating arm', async () => {
  const result = await measureCrossTalk({ pairs: 1, seed: 1, shape: SMOKE_SHAPE });
  for (const { ratio } of Object.values(result)) expect(ratio).toBeGreaterThan(0);
});

test('the main job gives every figure that it is held to', async () => {
  const { report, exitCode } = await runCompare(['baseline', 'optimized', '--smoke']);
  // Two tiny rounds say nothing about speed, and the run must not claim that they do.
  expect(exitCode).toBe(3);
  const limited = Object.keys(LIMITS) as (keyof typeof LIMITS)[];
  for (const metric of [...limited, ...SHOWN].filter((name) => !name.endsWith('p99'))) {
    expect(ratioOf(report, metric), metric).toBeGreaterThan(0);
  }
});

test('a comparison with itself gives the ratios that it is judged by', async () => {
  const run = await compareWithItself('optimized', 1, ['--smoke']);
  expect(run).toMatchObject({ verdict: 'inconclusive', rounds: 2 });
  for (const ratio of [run.hopP50, run.loadedRequestTime, run.cpuPerRequest]) {
    expect(ratio).toBeGreaterThan(0);
  }
});

/** Runs a script of the repository and gives what it printed. */
function runScript(name: string, ...flags: readonly string[]): string {
  const path = fileURLToPath(new URL(`../scripts/${name}`, import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...flags], {
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  return stdout;
}

test('the simulation prints every setting for every kind of gate', () => {
  const printed = runScript('simulate.ts', '--smoke');
  expect(printed.match(/as measured/g)).toHaveLength(2);
  expect(printed.match(/false alarms/g)?.length).toBeGreaterThan(15);
});

test('the proof runs the real gate and prints a row a series', () => {
  const printed = runScript('prove.ts', '--smoke', '--only', 'none', '--only', 'alloc64');
  expect(printed).toMatch(/\| no change, 30 s.* \| 0 of 1 unchanged/);
  expect(printed).toContain('alloc=64');
});

test('the phases are each left out, measured, and written down', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hopmark-phases-test-'));
  try {
    const path = join(folder, 'phases.md');
    const parts = ['--only', 'header-ranges', '--only', 'pools'];
    runScript('phases.ts', '--smoke', '--no-traffic', ...parts, '--out', path);
    const text = await readFile(path, 'utf8');
    expect(text).toMatch(/a smoke run, whose figures mean nothing/);
    expect(text).toMatch(/\| 2 \| header-ranges \|.*\d+x/);
    expect(text).toMatch(/\| 3 \| pools \|.*\d+x/);
    for (const part of ['pattern-cache', 'decision-cache', 'pools', 'snapshot', 'together']) {
      expect(text).toMatch(new RegExp(`\\| ${part} \\| [\\d.]+ (B|kB|MB) \\|`));
    }
    expect(text).toMatch(/\| header maps \| [\d.]+x/);
    expect(text).toMatch(/\| strings \| [\d.]+x/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
