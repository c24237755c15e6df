import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readProcess, readProcessTable } from '../sut/process-table.ts';
import { findProgram } from '../sut/program.ts';
import { fixture, runCli, temporaryFolder } from './fixtures/run-cli.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

/** Folders of trees are made here, so that it is seen whether any is left. */
const env = { TMPDIR: folder.path };
const treeFolders = (): readonly string[] =>
  readdirSync(folder.path).filter((name) => name.startsWith('hopmark-tree-'));

const compare = (reference: string, candidate: string, ...more: readonly string[]) =>
  runCli(
    [
      ...['compare', reference, candidate, '--smoke', '--seed', '1'],
      ...['--reports', join(folder.path, 'reports'), ...more],
    ],
    { env },
  );
const compareWith = (name: string, ...more: readonly string[]) =>
  compare('optimized', fixture(`command-${name}.ts`), ...more);

/** A run whose first warm-up is long enough to act in. */
const longRun = (reference: string): readonly string[] => [
  ...['compare', reference, 'optimized', '--rounds', '2'],
  ...['--reports', join(folder.path, 'reports')],
];
const IN_WARM_UP = /round 1.*warm-up/;

describe('a command that fails gets one clear message, its exit code, and leaves nothing behind', () => {
  test.each([
    ['never-ready', 4, /did not listen on 127\.0\.0\.1:\d+ within 1\.5 s; it said: waiting for a/],
    ['wrong-port', 4, /did not listen on 127\.0\.0\.1:\d+ within 2\.5 s, but on 127\.0\.0\.1:\d+/],
    [
      'goes-to-background',
      4,
      /exited with code 0 and left a process in the background.*foreground/s,
    ],
    ['exits-at-once', 4, /its command exited with code 3; it said: Error: no licence found/],
    ['missing-program', 4, /no program no-such-program on this machine\n.*no-such-package/],
    ['dies-in-the-middle', 4, /its command exited with code 5; it said: Error: out of luck/],
    ['unknown-placeholder', 2, /placeholder \{\{prot\}\}.*\n.*\{\{port\}\}/],
  ])('%s', async (name, exitCode, message) => {
    // As the reference it is started first, before anything else takes its time.
    const result = await compare(fixture(`command-${name}.ts`), 'optimized', '--quiet');
    expect(result.stderr).toMatch(message);
    expect(result.stderr.trim().split('\n').length).toBeLessThanOrEqual(3);
    expect(result).toMatchObject({ exitCode, stdout: '', leftBehind: [] });
    expect(treeFolders()).toEqual([]);
  });

  test.each([
    ['ignores-sigterm', 'killed-at-stop', /did not end on SIGTERM/],
    ['floods-stderr', 'chatty', /more than 1 MB to its output/],
  ])('%s is measured and ended, and the report doubts it', async (name, code, message) => {
    const result = await compareWith(name, '--json');
    expect(result).toMatchObject({ exitCode: 3, leftBehind: [] });
    expect(JSON.parse(result.stdout).validity.warnings).toContainEqual({
      code,
      message: expect.stringMatching(message),
    });
    expect(treeFolders()).toEqual([]);
  });
});

test('nothing can be injected into a command', async () => {
  const result = await compareWith('well-behaved', '--inject', 'cpu=5%');
  expect(result.stderr).toContain('nothing can be injected into');
  expect(result).toMatchObject({ exitCode: 2, leftBehind: [] });
});

describe('a command that is well', () => {
  test('is measured from outside, and what cannot be seen is n/a with its reason', async () => {
    const result = await compareWith('well-behaved', '--json');
    expect(result).toMatchObject({ exitCode: 3, leftBehind: [] });
    const report = JSON.parse(result.stdout);
    const arm = report.arms.find(({ role }: { role: string }) => role === 'candidate');
    expect(arm).toMatchObject({ kind: 'command', version: '1.2.3', tier: 'forwarding' });
    const value = (metric: string) =>
      arm.metrics.find((one: { metric: string }) => one.metric === metric);
    for (const metric of ['hop-p50', 'cpu-per-request', 'memory-rss']) {
      expect(value(metric).value).toBeGreaterThan(0);
    }
    for (const metric of ['allocated-per-request', 'gc-time-per-request', 'cache-hit-rate']) {
      expect(value(metric)).toMatchObject({ value: null, reason: /a command/ });
    }
    expect(treeFolders()).toEqual([]);
  });

  test('ends with its run on Ctrl-C', async () => {
    const result = await runCli(longRun(fixture('command-with-workers.ts')), {
      env,
      when: { printed: IN_WARM_UP, act: (child) => child.kill('SIGINT') },
    });
    expect(result).toMatchObject({ exitCode: 130, leftBehind: [] });
    expect(treeFolders()).toEqual([]);
  });

  test('ends at once on a second signal', async () => {
    const result = await runCli(longRun(fixture('command-with-workers.ts')), {
      env,
      when: {
        printed: IN_WARM_UP,
        act: (child) => {
          child.kill('SIGINT');
          child.kill('SIGTERM');
        },
      },
    });
    // Either may be delivered first; the first one delivered decides.
    expect([130, 143]).toContain(result.exitCode);
    expect(result.leftBehind).toEqual([]);
    expect(treeFolders()).toEqual([]);
  });

  test.each([
    ['alone', false],
    ['with its whole process group', true],
  ])('and its workers end when the harness is killed %s', async (_, wholeGroup) => {
    const result = await runCli(longRun(fixture('command-with-workers.ts')), {
      env,
      group: true,
      when: {
        printed: IN_WARM_UP,
        act: ({ pid = 0 }) => process.kill(wholeGroup ? -pid : pid, 'SIGKILL'),
      },
    });
    await expect.poll(() => result.stillThere(), { timeout: 20_000 }).toEqual([]);
    await expect.poll(treeFolders, { timeout: 20_000 }).toEqual([]);
  });

  const withoutNginx = findProgram('nginx', '/', process.env.PATH ?? '') === null;

  // It wipes its environment for its titles, so that the mark of this test cannot be seen on it.
  test.skipIf(withoutNginx && process.env.CI !== 'true')(
    'nginx and its worker end when the harness is killed with its whole process group',
    async () => {
      let pids: readonly number[] = [];
      await runCli(longRun('nginx'), {
        env,
        group: true,
        when: {
          printed: IN_WARM_UP,
          act: ({ pid = 0 }) => {
            pids = nginxProcesses();
            process.kill(-pid, 'SIGKILL');
          },
        },
      });
      // Reference and twin, a master and a worker each.
      expect(pids).toHaveLength(4);
      const alive = () => pids.filter((pid) => readProcess(pid) !== null);
      await expect.poll(alive, { timeout: 20_000 }).toEqual([]);
    },
  );
});

/** Masters whose files lie in this test's folder, and their children. */
function nginxProcesses(): readonly number[] {
  const table = readProcessTable();
  const masters = table.filter(({ pid }) =>
    readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(`-p ${folder.path}`),
  );
  const children = table.filter(({ parentPid }) => masters.some(({ pid }) => pid === parentPid));
  return [...masters, ...children].map(({ pid }) => pid);
}
