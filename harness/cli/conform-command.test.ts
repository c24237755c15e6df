import { expect, test } from 'vitest';
import { fixture, runCli } from './fixtures/run-cli.ts';

/** One case for each thing that a command can be given. */
const CASES = [
  'slow-head',
  'upstream-refuses-connections',
  'upstream-over-tls',
  'dropped-by-path',
  'log-line-of-an-exchange',
  'drain-finishes-what-is-in-flight',
];

test('a command runs the policy that it is given, logs, uses TLS, and drains', async () => {
  const spec = fixture('command-with-policy.ts');
  const args = ['--case', ...CASES, 'reload-takes-effect-at-once', '--json'];
  const result = await runCli(['conform', spec, ...args]);
  const cases: readonly { id: string; status: string }[] = JSON.parse(result.stdout).cases;
  const idsOf = (wanted: string): readonly string[] =>
    cases.filter(({ status }) => status === wanted).map(({ id }) => id);
  expect(idsOf('failed')).toEqual([]);
  expect(idsOf('passed')).toEqual(CASES);
  expect(idsOf('skipped')).toEqual(['reload-takes-effect-at-once']);
  expect(result).toMatchObject({ exitCode: 0, leftBehind: [] });
});
