/** The cases as data: that names, tiers and subsets are in order. Running them is the harness's. */
import { expect, test } from 'vitest';
import { createPolicy } from '../policy/load.ts';
import { CASE_FAMILIES } from './case.ts';
import { CONFORMANCE_CASES } from './index.ts';
import type { Observed } from './observed.ts';

const TIERS = ['forwarding', 'strict', 'policy'] as const;

test('ids are unique and in kebab-case', () => {
  const ids = CONFORMANCE_CASES.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id))).toEqual([]);
});

test('there are cases of every family and of every tier', () => {
  const families = new Set(CONFORMANCE_CASES.map(({ family }) => family));
  expect([...families].sort()).toEqual([...CASE_FAMILIES].sort());
  expect(new Set(CONFORMANCE_CASES.map(({ tier }) => tier))).toEqual(new Set(TIERS));
});

test('titles are sentences and every case names its source', () => {
  const odd = CONFORMANCE_CASES.filter(
    ({ title, section }) => !/^[A-Z0-9].*\.$/s.test(title) || section === '',
  );
  expect(odd.map(({ id }) => id)).toEqual([]);
});

test('the fast subset is small, forwards bodies both ways, and touches every tier', () => {
  const fast = CONFORMANCE_CASES.filter((one) => one.fast);
  expect(fast.length).toBeGreaterThanOrEqual(20);
  expect(fast.length).toBeLessThanOrEqual(40);
  expect(fast.map(({ id }) => id)).toContain('body-in-odd-chunks');
  expect(new Set(fast.map(({ tier }) => tier))).toEqual(
    new Set(['forwarding', 'strict', 'policy']),
  );
});

test('the fast subset needs few proxies: one without a policy and two with one', () => {
  const fast = CONFORMANCE_CASES.filter((one) => one.fast);
  const policies = new Set(fast.map(({ policy }) => JSON.stringify(policy)));
  expect(policies.size).toBeLessThanOrEqual(3);
  expect(fast.filter((one) => one.ownProcess)).toEqual([]);
});

test('cases that cannot be skipped are fast and of the tier that everything needs', () => {
  const required = CONFORMANCE_CASES.filter((one) => one.required);
  expect(required.length).toBeGreaterThan(5);
  expect(required.filter((one) => !one.fast || one.tier !== 'forwarding')).toEqual([]);
});

test('cases of the lowest tier ask for no policy, so that a proxy without one can pass', () => {
  const asking = CONFORMANCE_CASES.filter(
    (one) => one.tier === 'forwarding' && one.policy !== undefined,
  );
  expect(asking).toEqual([]);
});

test.each(CONFORMANCE_CASES.filter((one) => one.policy !== undefined))(
  'the policy of $id is in order',
  ({ policy }) => {
    expect(() => createPolicy(policy)).not.toThrow();
  },
);

test('every check finds fault with an exchange in which nothing happened', () => {
  const nothing: Observed = {
    client: [
      {
        name: 'a',
        sent: new Uint8Array(),
        takenBytes: Number.MAX_SAFE_INTEGER,
        received: new Uint8Array(),
        responses: [],
        tunnel: new Uint8Array(),
        problem: null,
        ending: 'open',
      },
    ],
    origin: { connections: [], requests: [] },
    logLines: [],
    countersBefore: null,
    countersAfter: null,
  };
  const content = CONFORMANCE_CASES.filter((one) => one.check(nothing).length === 0);
  // What these demand is that something does not happen; their steps wait for what must.
  expect(content.map(({ id }) => id)).toEqual([
    'body-cut-short-by-the-client',
    'client-abort-within-the-request',
  ]);
});
