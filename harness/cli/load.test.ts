import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { fixture, runCli, temporaryFolder } from './fixtures/run-cli.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

const run = (args: readonly string[], options: Parameters<typeof runCli>[1] = {}) =>
  runCli([...args, '--seed', '1', '--reports', folder.path], options);

describe('a smoke run shows that all works, and proves nothing', () => {
  test('of load', async () => {
    const result = await run(['load', 'optimized', '--smoke', '--target-latency', '1s', '--json']);
    expect(result).toMatchObject({ exitCode: 3, leftBehind: [] });
    const report = JSON.parse(result.stdout);
    expect(report).toMatchObject({
      schemaVersion: 1,
      kind: 'load',
      scenario: { name: 'web-mix' },
      implementation: { name: 'optimized', tier: 'policy' },
      load: { connections: 10, rateFrom: 'half-capacity', arrivals: 'constant' },
      targetLatencyUs: 1_000_000,
      validity: { complete: true },
      verdict: 'inconclusive',
      reasons: ['smoke'],
    });
    expect(report.load.capacityPerSecond).toBeGreaterThan(0);
    expect(report.load.ratePerSecond).toBe(Math.floor(report.load.capacityPerSecond / 2));
    for (const arm of [report.direct, report.proxy]) {
      expect(arm).toMatchObject({ failures: {}, unanswered: 0 });
      expect(arm.answered).toBe(arm.requests);
      expect(arm.histogram.count).toBe(arm.answered);
    }
    const files = readdirSync(join(folder.path, report.run.id)).sort();
    expect(files).toEqual([
      'events.jsonl',
      'index.html',
      'latency.hgrm',
      'report.json',
      'report.md',
      'report.txt',
    ]);
  });

  test('of a sweep', async () => {
    const result = await run(['load', 'optimized', '--smoke', '--sweep', '--json', '--quiet']);
    expect(result).toMatchObject({ exitCode: 3, stderr: '', leftBehind: [] });
    const report = JSON.parse(result.stdout);
    expect(report).toMatchObject({ kind: 'sweep', reasons: ['smoke'] });
    expect(report.steps).toHaveLength(11);
    for (const { passes, figures } of report.steps) {
      expect(passes).toBe(3);
      expect(figures.failures).toEqual({});
    }
    expect(readdirSync(join(folder.path, report.run.id))).toContain('sweep.csv');
  });

  test('of saturation, for one number of connections', async () => {
    const result = await run([
      'load',
      'optimized',
      '--smoke',
      '--saturation',
      '--concurrent',
      '20',
    ]);
    expect(result).toMatchObject({ exitCode: 3, leftBehind: [] });
    expect(result.stdout).toMatch(/concurrency-20 .* none\n/);
    expect(result.stdout).toContain('no latencies at a rate, and are not judged');
  });

  test('of one of its numbers of connections, as a scenario of bench', async () => {
    const args = ['bench', 'concurrency-100', '--impl', 'optimized', '--smoke', '--json'];
    const result = await run([...args, '--quiet']);
    expect(result).toMatchObject({ exitCode: 3, stderr: '', leftBehind: [] });
    const { kind, steps } = JSON.parse(result.stdout);
    expect(kind).toBe('saturation');
    expect(steps).toMatchObject([{ name: 'concurrency-100', connections: 100, failures: {} }]);
  });

  test('of a soak', async () => {
    const result = await run(['soak', 'baseline', '--smoke', '--rate', '200', '--json']);
    expect(result).toMatchObject({ exitCode: 3, leftBehind: [] });
    const report = JSON.parse(result.stdout);
    expect(report).toMatchObject({
      kind: 'soak',
      load: { ratePerSecond: 200, rateFrom: 'given', capacityPerSecond: null, connections: 10 },
      maxMemoryBytes: 100e6,
      leak: { verdict: 'cannot-tell', of: 'held', level: 0.99 },
      handles: { before: { clientSockets: 0 }, during: { clientSockets: 10 } },
    });
    expect(report.readings).toHaveLength(3);
    for (const { heldBytes, rssBytes, settledRssBytes } of report.readings) {
      expect(heldBytes).toBeGreaterThan(1e6);
      expect(rssBytes).toBeGreaterThan(heldBytes);
      expect(settledRssBytes).toBeGreaterThan(heldBytes);
    }
    expect(report.readings.at(-1).requests).toBe(200);
    expect(report.handles.after.clientSockets).toBe(0);
  });
});

describe('a proxy that dies half-way', () => {
  test.each(['load', 'soak'])(
    'under %s: what was measured is kept, marked, and the exit code is 4',
    async (command) => {
      const result = await run([
        ...[command, fixture('exits-under-load.ts'), '--smoke', '--rate', '500', '--json'],
        ...['--concurrent', '20'],
      ]);
      expect(result.stderr).toMatch(/exits-under-load.*exited with code 9.*too much to carry/s);
      expect(result).toMatchObject({ exitCode: 4, leftBehind: [] });
      const report = JSON.parse(result.stdout);
      expect(report.validity).toMatchObject({
        complete: false,
        warnings: expect.arrayContaining([expect.objectContaining({ code: 'ended-by-itself' })]),
      });
      expect(report.proxy.answered).toBeGreaterThan(0);
      expect(readdirSync(folder.path)).toContain(report.run.id);
    },
  );

  test('before anything was measured leaves no report', async () => {
    const result = await run(['load', fixture('exits-in-the-middle.ts'), '--smoke', '--quiet']);
    expect(result.stderr).toMatch(/exits-in-the-middle.*exited with code 3.*out of luck/s);
    expect(result).toMatchObject({ exitCode: 4, stdout: '', leftBehind: [] });
    expect(readdirSync(folder.path).some((name) => /exits-in-the-middle/.test(name))).toBe(false);
  });
});

test('a proxy that answers wrongly gets no figure', async () => {
  const result = await run(['load', fixture('corrupts-rarely.ts'), '--smoke', '--quiet']);
  expect(result.stderr).toMatch(/corrupts-rarely.*wrong answer to .*wrong-body/s);
  expect(result).toMatchObject({ exitCode: 1, stdout: '', leftBehind: [] });
});

describe('Ctrl-C', () => {
  test.each([
    ['load', /proxy \d+\/s/, 130, 'SIGINT'],
    ['soak', /MB resident/, 143, 'SIGTERM'],
  ] as const)(
    'under %s reports what was measured as incomplete',
    async (command, printed, exitCode, signal) => {
      const result = await run(
        [
          command,
          'optimized',
          '--rate',
          '200',
          '--concurrent',
          '10',
          '--duration',
          '300s',
          '--json',
        ],
        { when: { printed, act: (child) => child.kill(signal) } },
      );
      expect(result).toMatchObject({ exitCode, leftBehind: [] });
      const report = JSON.parse(result.stdout);
      expect(report.validity.complete).toBe(false);
      // A target may be missed within seconds; none is met by half a run.
      expect(report.verdict).not.toBe('met');
      expect(report.proxy.answered).toBeGreaterThan(0);
    },
  );

  test('in the warm-up says that nothing was written', async () => {
    const result = await run(['load', 'optimized'], {
      when: { printed: /warm-up/, act: (child) => child.kill('SIGINT') },
    });
    expect(result).toMatchObject({ exitCode: 130, stdout: '', leftBehind: [] });
    expect(result.stderr).toContain('interrupted; nothing was written');
  });

  test('a harness that is killed leaves no process behind for long', async () => {
    const result = await run(['load', 'optimized', '--rate', '200', '--concurrent', '10'], {
      when: { printed: /proxy \d+\/s/, act: (child) => child.kill('SIGKILL') },
    });
    await expect.poll(() => result.stillThere(), { timeout: 10_000 }).toEqual([]);
  });
});

describe('what makes no sense is refused', () => {
  test.each([
    [['load', 'optimized', '--rate', '0'], /requests a second, above zero/],
    [['load', 'optimized', '--rate', '1000000'], /up to 200000/],
    [['load', 'optimized', '--concurrent', '0'], /whole number from 1 to 10000/],
    [['load', 'optimized', '--duration', '100ms'], /from 1s to 24h/],
    [['load', 'optimized', '--target-latency', '1'], /such as 60s/],
    [['load', 'optimized', '--arrivals', 'random'], /constant, poisson/],
    [['load', 'optimized', '--sweep', '--rate', '5'], /--sweep and --rate contradict/],
    [['load', 'optimized', '--sweep', '--saturation'], /--sweep and --saturation contradict/],
    [
      ['load', 'optimized', '--saturation', '--target-latency', '1ms'],
      /--saturation and --target-latency contradict/,
    ],
    [
      ['bench', 'concurrency-500', '--impl', 'optimized', '--rounds', '3'],
      /a closed loop is not judged/,
    ],
    [['soak', 'optimized', '--duration', '5s'], /from 10s to 24h/],
    [['soak', 'optimized', '--max-memory', '10KB'], /size from 1MB on/],
    [['soak', 'optimized', '--max-memory', '100'], /size from 1MB on/],
    [['load', 'optimised'], /optimised[\s\S]*Did you mean optimized/],
    [['load', 'optimized', '--scenario', './nowhere.json'], /nowhere\.json/],
    [['load'], /missing required argument/],
  ])('%j', async (args, message) => {
    const result = await runCli([...args, ...(args.length > 1 ? ['--reports', folder.path] : [])]);
    expect(result.stderr).toMatch(message);
    expect(result.stderr).not.toMatch(/\n\s+at /);
    expect(result).toMatchObject({ exitCode: 2, stdout: '', leftBehind: [] });
  });

  test.each(['load', 'soak', 'record'])(
    '%s --help has an example and the exit codes',
    async (command) => {
      const result = await runCli([command, '--help']);
      expect(result).toMatchObject({ exitCode: 0, stderr: '' });
      expect(result.stdout).toMatch(/Examples:\n {2}\$ hopmark [\s\S]*Exit codes/);
    },
  );
});
