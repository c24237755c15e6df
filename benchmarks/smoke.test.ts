import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { SMOKE_SHAPE } from '../harness/measure/plan.ts';
import { findProgram } from '../harness/sut/program.ts';
import { measureCrossTalk } from './cross-talk.ts';
import { hasMoved, measureDashboardCost } from './dashboard-cost.ts';
import { LIMITS, SHOWN } from './main-job.ts';
import { measureRate } from './open-loop-rate.ts';
import { ISSUE_STALLS, measureStalls, predictedMs } from './open-loop-stalls.ts';
import { allocatedBytes, BARS, barsOf, measureProxyCost, standingOf } from './proxy-cost.ts';
import { BODY_BARS, measureBodies, measureIdle, measureLimit } from './proxy-limits.ts';
import { measureTail } from './proxy-tail.ts';
import { measureSteps, STEP_NAMES, stepOf } from './request-steps.ts';
import { ratioOf, runCompare } from './run-compare.ts';
import { compareWithItself } from './self-comparison.ts';
import { LEAKING, runSoakCommand } from './soak-leak.ts';
import { measureSpread } from './worker-spread.ts';
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

test('the steps of a request share its time, of processes without a policy and with one', async () => {
  const steps = await measureSteps({ requests: 2000, turns: 1, scenario: 'fixed-1kb' });
  for (const { shares, requestUs } of [steps.without, steps.with]) {
    expect([...shares.keys()]).toEqual(STEP_NAMES);
    const total = [...shares.values()].reduce((sum, share) => sum + share, 0);
    expect(total).toBeCloseTo(1, 9);
    expect(requestUs).toBeGreaterThan(0);
  }
});

test('a function counts for the step that its file takes, a native one for that of its caller', () => {
  const caller = { name: 'get', url: 'file:///x/impls/optimized/rules.ts', line: 1 };
  const native = { name: 'indexOf', url: '', caller };
  expect(stepOf(native)).toBe('rules decide');
  expect(stepOf({ ...caller, caller: null })).toBe('rules decide');
  expect(stepOf({ ...native, name: 'writeBuffer' })).toBe('sending, in the kernel');
  expect(stepOf({ ...native, caller: { ...caller, url: 'node:net' } })).toMatch(/^Node's/);
  expect(stepOf({ ...native, name: '(program)' })).toBeNull();
});

const programs = ['nginx', 'haproxy'];
const missing = programs.filter((name) => findProgram(name, '/', process.env.PATH ?? '') === null);

test.skipIf(missing.length > 0 && process.env.CI !== 'true')(
  `the proxy is held to every bar beside the best (skipped without ${programs.join(' and ')}: apt-get install nginx-light haproxy)`,
  async () => {
    const report = await measureProxyCost(['--smoke', '--scenario', 'fixed-1kb']);
    const bars = barsOf(report);
    expect(bars.map(({ bar }) => bar)).toEqual(BARS);
    for (const { bar, estimate, standing } of bars) {
      // Two tiny rounds prove nothing.
      expect(standing).toBe('open');
      if (bar.metric === 'cpu-per-request') expect(estimate?.ratio).toBeGreaterThan(0);
    }
    expect(allocatedBytes(report)).toBeGreaterThan(0);
  },
);

test('a bar is kept or missed only by all of the interval', () => {
  expect(standingOf({ ratio: 1.2, interval: [1.1, 1.25] }, 1.25)).toBe('kept');
  expect(standingOf({ ratio: 1.2, interval: [1.1, 1.3] }, 1.25)).toBe('open');
  expect(standingOf({ ratio: 1.4, interval: [1.26, 1.5] }, 1.25)).toBe('missed');
  expect(standingOf({ ratio: 1.2, interval: null }, 1.25)).toBe('open');
});

test('the proxy is held to its limits: rules, paths that never come again, connections', async () => {
  const little = { rounds: 1, cycles: 1, warmUpRequests: 1 };
  for (const name of ['rules', 'flood', 'connections'] as const) {
    const measured = await measureLimit(name, little);
    expect(measured?.ratio).toBeGreaterThan(0);
    expect(measured?.interval).toBeNull();
  }
  expect(Number.isFinite(await measureIdle(20))).toBe(true);
});

test.skipIf(missing.length > 0 && process.env.CI !== 'true')(
  `large bodies are measured beside the best (skipped without ${programs.join(' and ')}: apt-get install nginx-light haproxy)`,
  async () => {
    const bodies = await measureBodies(['--smoke'], ['upload']);
    expect(bodies.map(({ bar }) => bar)).toEqual(BODY_BARS);
    for (const { estimate } of bodies) expect(estimate?.ratio).toBeGreaterThan(0);
  },
);

test.skipIf(missing.length > 0 && process.env.CI !== 'true')(
  'the slowest hundredth is measured beside nginx (skipped without nginx: apt-get install nginx-light)',
  async () => {
    const { p50 } = await measureTail({ rounds: 1, requests: 192 });
    // What so few say of the slowest is chance; that both add something is not.
    expect(p50?.ratio).toBeGreaterThan(0);
  },
);

test('every way of spreading connections over workers is measured', async () => {
  const figures = await measureSpread({ rounds: 1, seed: 1, connections: 100, requests: 5 });
  for (const { perConnection, perRequest, largestShare } of Object.values(figures)) {
    expect(perConnection.ratio).toBeGreaterThan(0);
    expect(perRequest.ratio).toBeGreaterThan(0);
    expect(largestShare).toBeGreaterThanOrEqual(0.5);
  }
  expect(figures.one.largestShare).toBe(1);
});

test('the cross-talk benchmark measures with and without the allocating arm', async () => {
  const result = await measureCrossTalk({ pairs: 1, seed: 1, shape: SMOKE_SHAPE });
  for (const { ratio } of Object.values(result)) expect(ratio).toBeGreaterThan(0);
});

const hasScript = spawnSync('script', ['--version']).error === undefined;

test.skipIf(!hasScript && process.env.CI !== 'true')(
  'the dashboard is shown, and its cost measured (skipped without script of util-linux)',
  async () => {
    const { figures, drawnBytes } = await measureDashboardCost({ pairs: 1, seed: 1, smoke: true });
    // More than lines would be.
    expect(drawnBytes).toBeGreaterThan(1000);
    for (const { ratio } of Object.values(figures)) expect(ratio).toBeGreaterThan(0);
  },
);

test('what moved is what counts and is sure', () => {
  expect(hasMoved({ ratio: 1.02, interval: [1.01, 1.03] })).toBe(true);
  expect(hasMoved({ ratio: 1.02, interval: [0.99, 1.05] })).toBe(false);
  expect(hasMoved({ ratio: 1.005, interval: [1.001, 1.01] })).toBe(false);
  expect(hasMoved({ ratio: 0.9, interval: null })).toBe(false);
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
  expect(printed.match(/as measured/g)).toHaveLength(3);
  expect(printed.match(/false alarms/g)?.length).toBeGreaterThan(15);
});

test('the proof runs the real gate and prints a row a series', () => {
  const printed = runScript('prove.ts', '--smoke', '--only', 'none', '--only', 'alloc64');
  expect(printed).toMatch(/\| no change, 30 s.* \| 0 of 1 unchanged/);
  expect(printed).toContain('alloc=64');
});

test('the page of peers is written from a real comparison and a real matrix', () => {
  const names = ['optimized', 'undici', 'httpxy', 'splice'];
  const page = runScript('write-peers.ts', '--smoke', ...names.flatMap((name) => ['--only', name]));
  expect(page).toMatch(/short or disturbed run of 2 rounds/);
  for (const name of names) expect(page).toMatch(new RegExp(`^\\| ${name} \\|`, 'm'));
  expect(page).toContain('as node:http hands them over: `repeated-fields-stay-apart`');
});

test('both loops measure an origin that stalls', async () => {
  const stalls = { delayMs: 5, stallMs: 60, periodMs: 400 };
  const { open, closed } = await measureStalls({ ...stalls, periods: 2, ratePerSecond: 200 });
  expect(open).toMatchObject({ requests: 160, failed: 0 });
  // What cannot depend on speed: no answer comes before its delay.
  expect(open.p50Ms).toBeGreaterThanOrEqual(stalls.delayMs);
  expect(open.p99Ms).toBeGreaterThanOrEqual(open.p50Ms);
  expect(closed.failures).toEqual({});
  expect(closed.requests).toBeGreaterThan(0);
});

test('the arithmetic of the stalls is that of its own distribution', () => {
  // Every moment of a period in turn, as the origin treats it.
  const { delayMs, stallMs, periodMs } = ISSUE_STALLS;
  const latencies = Float64Array.from({ length: periodMs * 10 }, (_, at) => {
    const arrival = at / 10;
    const end = 2000 + stallMs;
    const read = arrival >= 2000 && arrival < end ? end : arrival;
    const due = read + delayMs;
    return (due >= 2000 && due < end ? end : due) - arrival;
  }).sort();
  for (const fraction of [0.5, 0.9, 0.95, 0.99, 0.999]) {
    const exact = latencies[Math.ceil(fraction * latencies.length) - 1] ?? Number.NaN;
    expect(predictedMs(fraction, ISSUE_STALLS)).toBeCloseTo(exact, 0);
  }
});

test('the rate benchmark drives the origin and a proxy', async () => {
  const result = await measureRate({
    ratePerSecond: 100,
    durationMs: 300,
    connections: 5,
    spec: 'optimized',
    warmUpMs: 1,
  });
  for (const arm of [result.direct, result.proxy]) {
    expect(arm).toMatchObject({ requests: 30, answered: 30, failures: {}, unanswered: 0 });
  }
});

test('the soak benchmark soaks the leaking proxy', async () => {
  const { report, exitCode } = await runSoakCommand([LEAKING, '--smoke', '--rate', '200'], 1000);
  // A second is too short to tell a leak, and the run must not claim to.
  expect(exitCode).toBe(3);
  expect(report.leak.verdict).toBe('cannot-tell');
  expect(report.proxy.answered).toBe(200);
  const [first, , last] = report.readings;
  expect((last?.heldBytes ?? 0) - (first?.heldBytes ?? 0)).toBeGreaterThan(200 * 900);
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
