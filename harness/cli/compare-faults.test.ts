import { readdirSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { fixture, runCli, temporaryFolder } from './fixtures/run-cli.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

const compareWith = (spec: string, ...more: readonly string[]) =>
  runCli([
    'compare',
    'optimized',
    spec,
    '--smoke',
    '--seed',
    '1',
    '--reports',
    folder.path,
    ...more,
  ]);

describe('a proxy that fails gets one clear message, its exit code, and leaves nothing behind', () => {
  test.each([
    ['exits-at-start.ts', 4, /exits-at-start.*exited with code 7.*no licence found/s],
    ['hangs-at-start.ts', 4, /hangs-at-start.*was not ready within 10 s/s],
    ['port-in-use.ts', 4, /port-in-use.*could not start.*EADDRINUSE/s],
    ['throws-at-create.ts', 4, /throws-at-create.*could not start.*cannot be created/s],
    ['throws-at-import.ts', 4, /throws-at-import.*broken while loading/s],
    ['exits-in-the-middle.ts', 4, /exits-in-the-middle.*exited with code 3.*out of luck/s],
    ['hangs-in-the-middle.ts', 4, /hangs-in-the-middle.*gave no answer.*within 5 s/s],
    ['throws-while-handling.ts', 4, /throws-while-handling.*exited.*a handler that throws/s],
    ['corrupts-rarely.ts', 1, /corrupts-rarely.*wrong answer to .*wrong-body.*byte \d+ of \d+/s],
    ['truncates.ts', 1, /truncates.*wrong answer/s],
    ['drops-requests.ts', 1, /drops-requests.*closed the connection under \d+ of \d+ requests/s],
    ['wrong-counters.ts', 4, /wrong-counters.*counters\(\).*requests/s],
    ['wrong-body.ts', 1, /wrong-body.*does not forward correctly, so no figure/s],
  ])('%s', async (name, exitCode, message) => {
    const result = await compareWith(fixture(name), '--quiet');
    expect(result.stderr).toMatch(message);
    expect(result.stderr.trim().split('\n').length).toBeLessThanOrEqual(3);
    expect(result).toMatchObject({ exitCode, stdout: '', leftBehind: [] });
  });

  test.each([
    ['hangs-at-stop.ts', 'killed-at-stop', /did not end on SIGTERM/],
    ['exits-at-stop.ts', 'failed-at-stop', /ended on SIGTERM with code 5/],
  ])('%s is ended all the same, and the report doubts it', async (name, code, message) => {
    const result = await compareWith(fixture(name), '--json');
    expect(result).toMatchObject({ exitCode: 3, leftBehind: [] });
    expect(JSON.parse(result.stdout).validity.warnings).toContainEqual({
      code,
      message: expect.stringMatching(message),
    });
  });
});

describe('Ctrl-C', () => {
  test.each([
    ['while starting', /starting/],
    ['during conformance', /conformance, \d+ of/],
    ['in the first round', /round 1/],
    ['in a later round', /round 3/],
  ])('%s ends the run with 130 and leaves no process', async (_, printed) => {
    const result = await runCli(
      ['compare', 'optimized', 'optimized', '--rounds', '40', '--smoke', '--reports', folder.path],
      { when: { printed, act: (child) => child.kill('SIGINT') } },
    );
    expect(result).toMatchObject({ exitCode: 130, leftBehind: [] });
  });

  test('reports the rounds that were done as incomplete', async () => {
    const result = await runCli(
      [
        'compare',
        'optimized',
        'optimized',
        '--rounds',
        '40',
        '--smoke',
        '--json',
        '--reports',
        folder.path,
      ],
      { when: { printed: /round 3/, act: (child) => child.kill('SIGTERM') } },
    );
    expect(result.exitCode).toBe(143);
    const report = JSON.parse(result.stdout);
    expect(report.validity.complete).toBe(false);
    expect(report.rounds.length).toBeGreaterThanOrEqual(2);
    expect(report.verdict).toBe('inconclusive');
  });

  test('while a proxy hangs at its start does not wait for it', async () => {
    const result = await runCli(
      ['compare', 'optimized', fixture('hangs-at-start.ts'), '--smoke', '--reports', folder.path],
      { when: { printed: /hangs-at-start\.ts: starting/, act: (child) => child.kill('SIGINT') } },
    );
    expect(result).toMatchObject({ exitCode: 130, leftBehind: [] });
    expect(result.stderr).toContain('interrupted; nothing was written');
    // It was not waited for: the bound on readiness would have been named.
    expect(result.stderr).not.toContain('was not ready');
  });

  test('in the warm-up of a full round says that nothing was written', async () => {
    const result = await runCli(
      ['compare', 'optimized', 'optimized', '--rounds', '2', '--reports', folder.path],
      { when: { printed: /round 1.*warm-up/, act: (child) => child.kill('SIGINT') } },
    );
    expect(result).toMatchObject({ exitCode: 130, stdout: '', leftBehind: [] });
    expect(result.stderr).toContain('interrupted; nothing was written');
  });
});

test('killing the harness itself leaves no process behind for long', async () => {
  const result = await runCli(
    ['compare', 'optimized', 'optimized', '--rounds', '2', '--reports', folder.path],
    { when: { printed: /round 1.*warm-up/, act: (child) => child.kill('SIGKILL') } },
  );
  await expect.poll(() => result.stillThere(), { timeout: 10_000 }).toEqual([]);
});

test('a run that came to nothing leaves no report folder', () => {
  const reports = readdirSync(folder.path);
  expect(reports.some((name) => /hangs-at-stop/.test(name))).toBe(true);
  expect(reports.some((name) => /corrupts|truncates|exits-in|exits-at-start/.test(name))).toBe(
    false,
  );
});
