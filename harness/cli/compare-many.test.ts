import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { ReportDocument } from '../model/report.ts';
import { type CliResult, fixture, runCli, temporaryFolder } from './fixtures/run-cli.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

const examples = join(import.meta.dirname, '../../examples');
const LISTENER = join(examples, 'node-listener-proxy.ts');
const SPLICE = 'splice';

const compare = (...args: readonly string[]): Promise<CliResult> =>
  runCli(['compare', ...args, '--smoke', '--seed', '1', '--reports', folder.path]);

const reportOf = ({ stdout }: CliResult): ReportDocument => JSON.parse(stdout);
const seats = ({ arms }: ReportDocument): string[] => arms.map(({ id, name }) => `${id} ${name}`);

describe('a ranking', () => {
  test('measures each arm in every round, those with a policy with it off and on', async () => {
    const result = await compare('optimized', 'baseline', LISTENER, '--floor', SPLICE, '--json');
    const report = reportOf(result);
    expect(seats(report)).toEqual([
      'direct direct',
      'reference optimized',
      'twin optimized',
      'candidate baseline',
      'candidate-2 node-listener-proxy',
      'candidate-3 optimized (policy on)',
      'candidate-4 baseline (policy on)',
      'floor splice',
    ]);
    expect(report.ranking).toMatchObject({ tier: 'forwarding', leftOut: [], judged: false });
    expect(report.ranking?.unranked.map(({ arm }) => arm)).toEqual([
      'candidate-3',
      'candidate-4',
      'floor',
    ]);
    expect(report.policy).toEqual({ file: 'none: the common tier is forwarding', rules: 0 });
    for (const { arms } of report.rounds) {
      expect(Object.keys(arms)).toHaveLength(8);
      for (const figures of Object.values(arms))
        expect(figures.values['hop-p50']).toBeGreaterThan(0);
    }
    const [byCpu] = report.ranking?.orders ?? [];
    expect(byCpu?.places.map(({ arm }) => arm).toSorted()).toEqual([
      'candidate',
      'candidate-2',
      'reference',
    ]);
    // Two rounds tell nothing.
    expect(result).toMatchObject({ exitCode: 3, leftBehind: [] });
    expect(result.stderr).toContain(
      'optimized, baseline, node-listener-proxy, optimized (policy on), baseline (policy on) and splice',
    );
  });

  test('runs the policy for all where all have one, and gives the same one twice two names', async () => {
    const report = reportOf(await compare('optimized', 'baseline', 'optimized', '--json'));
    expect(seats(report)).toEqual([
      'direct direct',
      'reference optimized',
      'twin optimized',
      'candidate baseline',
      'candidate-2 optimized (2)',
    ]);
    expect(report.ranking).toMatchObject({ tier: 'policy', unranked: [] });
    expect(report.policy.rules).toBeGreaterThan(0);
  });

  test('does without further rows if told so, and shows the order to people', async () => {
    const result = await compare('optimized', LISTENER, 'optimized', '--no-policy-rows');
    expect(result.stdout).toMatch(/^optimized and 2 others/);
    expect(result.stdout).toMatch(/rank +arm +cpu µs +ratio/);
    expect(result.stdout).not.toContain('policy on');
    expect(result.exitCode).toBe(3);
  });

  test('is judged by thresholds that are given', async () => {
    const threshold = ['--threshold', 'cpu-per-request: <= +5%', '--json', '--quiet'];
    const report = reportOf(await compare('optimized', 'baseline', 'optimized', ...threshold));
    expect(report.ranking?.judged).toBe(true);
    const judged = report.ranking?.against.flatMap(({ comparisons }) =>
      comparisons.filter(({ verdict }) => verdict !== null).map(({ metric }) => metric),
    );
    expect(judged).toEqual(['cpu-per-request', 'cpu-per-request']);
  });

  test('leaves out who does not forward correctly, says so, and exits 1', async () => {
    const result = await compare('optimized', fixture('wrong-body.ts'), 'baseline', '--json');
    const report = reportOf(result);
    expect(report.ranking?.leftOut).toEqual([
      { name: 'wrong-body', version: null, reason: expect.stringMatching(/^it fails \S+ \(/) },
    ]);
    expect(seats(report)).toContain('candidate baseline');
    expect(seats(report).join()).not.toContain('wrong-body');
    expect(report.validity.warnings).toContainEqual({
      code: 'left-out',
      message: expect.stringMatching(/^wrong-body is in no figure: it fails /),
    });
    expect(result).toMatchObject({ exitCode: 1, leftBehind: [] });
  });
});

describe('a ranking that cannot be is told at once', () => {
  test.each([
    [
      'without its reference',
      [fixture('wrong-body.ts'), 'optimized', 'baseline'],
      1,
      /wrong-body does not forward correctly, so no figure of it is given/,
    ],
    [
      'without any candidate',
      ['optimized', fixture('wrong-body.ts'), fixture('wrong-body.ts')],
      1,
      /wrong-body does not forward correctly/,
    ],
    [
      'with a candidate that claims nothing',
      ['optimized', 'baseline', SPLICE],
      2,
      /splice does not claim to forward[\s\S]*--floor/,
    ],
    [
      'with a candidate that does not start',
      ['optimized', fixture('exits-at-start.ts'), 'baseline'],
      4,
      /exits-at-start.*exited with code 7/,
    ],
    [
      'with a candidate that answers wrongly later',
      ['optimized', 'baseline', fixture('corrupts-rarely.ts')],
      1,
      /corrupts-rarely.*wrong answer to/,
    ],
  ] as const)('%s', async (_, names, exitCode, message) => {
    const result = await compare(...names, '--quiet');
    expect(result.stderr).toMatch(message);
    expect(result).toMatchObject({ exitCode, stdout: '', leftBehind: [] });
  });

  test('with a wrong name among many, before any is held against conformance', async () => {
    const result = await compare('optimized', 'baseline', 'optimised', 'baseline');
    expect(result.stderr).toMatch(/optimised[\s\S]*optimized/);
    expect(result.stderr).not.toContain('conformance');
    expect(result).toMatchObject({ exitCode: 2, stdout: '', leftBehind: [] });
  });

  test.each([
    ['with one name only', ['optimized'], /missing required argument 'candidate'/],
    ['with 13 arms', new Array<string>(13).fill('optimized'), /13 arms are too many for one run/],
    [
      'with a floor that makes it 13',
      [...new Array<string>(12).fill('optimized'), '--floor', SPLICE],
      /13 arms are too many/,
    ],
    [
      'with something injected',
      ['optimized', 'optimized', 'optimized', '--inject', 'cpu=5%'],
      /--inject slows down one candidate/,
    ],
    [
      'with a floor that is not there',
      ['optimized', 'baseline', 'optimized', '--floor', './no.ts'],
      /no\.ts/,
    ],
  ] as const)('%s', async (_, args, message) => {
    const result = await compare(...args);
    expect(result.stderr).toMatch(message);
    expect(result).toMatchObject({ exitCode: 2, stdout: '', leftBehind: [] });
  });
});

describe('two arms are compared as ever', () => {
  test('by a verdict, and not ranked', async () => {
    const report = reportOf(await compare('optimized', 'optimized', '--json'));
    expect(seats(report)).toEqual([
      'direct direct',
      'reference optimized',
      'twin optimized',
      'candidate optimized',
    ]);
    expect(report.ranking).toBeUndefined();
    expect(report.comparisons.filter(({ primary }) => primary)).toHaveLength(3);
    expect(report.policy.rules).toBeGreaterThan(0);
  });

  test('also beside a floor, which is only shown', async () => {
    const result = await compare('optimized', 'optimized', '--floor', SPLICE);
    expect(result.stdout).toMatch(/^optimized against itself/);
    expect(result.stdout).toMatch(/floor +splice[^,]*, never ranked:\s+hop-p50 \d/);
    expect(result.stdout).not.toMatch(/rank +arm/);
  });
});
