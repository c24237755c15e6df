import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createPolicy, loadPolicyFile } from '../../impls/policy/load.ts';
import type { Policy } from '../../impls/policy/policy.ts';
import type { Arm } from '../model/round.ts';
import { findScenario } from '../scenarios/scenarios.ts';
import { SMOKE_SHAPE } from './plan.ts';
import { fitsBeyond, momentOf, runSession } from './session.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ARMS: readonly Arm[] = [
  { id: 'direct', role: 'direct', name: 'direct' },
  { id: 'reference', role: 'reference', name: 'optimized' },
  { id: 'candidate', role: 'candidate', name: 'optimized' },
];

test('an injection reaches the candidate, and no other arm', async () => {
  const injected = 100_000;
  const { rounds } = await runSession({
    arms: ARMS,
    scenario: await findScenario('fixed-1kb'),
    policy: await loadPolicyFile(join(ROOT, 'examples', 'policy.yaml')),
    injection: { cpuShare: null, allocBytes: injected },
    seed: 1,
    // Allocations are charged every 512 answers: enough waves for one charge or two.
    shape: { ...SMOKE_SHAPE, loadedMinCycles: 16, loadedMaxCycles: 16 },
    budgetMs: Number.POSITIVE_INFINITY,
    rounds: 1,
    decide: () => ({ done: true, confirming: false }),
    signal: new AbortController().signal,
    onProgress: () => {},
  });
  const allocated = (arm: string): number =>
    rounds[0]?.arms[arm]?.values['allocated-per-request'] ?? Number.NaN;
  expect(allocated('reference')).toBeLessThan(injected / 4);
  expect(allocated('candidate') - allocated('reference')).toBeGreaterThan(injected / 4);
});

test('an arm runs a policy of its own, and no other arm does', async () => {
  const policy = createPolicy({ upstream: 'http://127.0.0.1:9' });
  const dropsAll = createPolicy({
    upstream: 'http://127.0.0.1:9',
    drop: { rules: [{ name: 'all', match: {} }] },
  });
  const run = async (policies: Readonly<Record<string, Policy>>) =>
    runSession({
      arms: ARMS,
      scenario: await findScenario('fixed-1kb'),
      policy,
      policies,
      seed: 1,
      shape: SMOKE_SHAPE,
      budgetMs: Number.POSITIVE_INFINITY,
      rounds: 1,
      decide: () => ({ done: true, confirming: false }),
      signal: new AbortController().signal,
      onProgress: () => {},
    });
  expect((await run({})).rounds).toHaveLength(1);
  await expect(run({ candidate: dropsAll })).rejects.toMatchObject({
    code: 'policy-drops',
    message: expect.stringContaining('(candidate)'),
  });
});

test('a round within the budget has to fit with something to spare, one beyond it just so', () => {
  const done = [{ durationMs: 90 }, { durationMs: 110 }];
  const budgetMs = 1000;
  expect(momentOf({ budgetMs, rounds: null }, done, 894).last).toBe(false);
  expect(momentOf({ budgetMs, rounds: null }, done, 896).last).toBe(true);
  expect(fitsBeyond({ budgetMs }, done, 1150)).toBe(true);
  expect(fitsBeyond({ budgetMs }, done, 1151)).toBe(false);
});
