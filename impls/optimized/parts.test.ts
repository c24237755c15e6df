import { expect, test } from 'vitest';
import { failuresInProcess } from '../../harness/conformance/in-process.ts';
import { CONFORMANCE_CASES } from '../conformance/index.ts';
import type { ProxyHandler } from '../contract.ts';
import { resolveImplementation } from '../registry.ts';
import { testPolicy } from './fixtures/policy.ts';
import { PARTS, partsOf } from './parts.ts';

const NAMES = PARTS.map(({ name }) => name);

test('all parts are on unless names say otherwise', () => {
  expect(Object.values(partsOf())).toEqual(NAMES.map(() => true));
  expect(Object.values(partsOf(new Set()))).toEqual(NAMES.map(() => false));
  for (const name of NAMES) {
    const on = Object.values(partsOf(new Set([name])));
    expect(on.map((value, i) => (value ? NAMES[i] : null)).filter(Boolean)).toEqual([name]);
  }
});

test('with no part on it still meets every case of every tier', async () => {
  const none = await resolveImplementation('optimized?only=none');
  expect(await failuresInProcess(none, { waitMs: 5000 })).toEqual([]);
});

test.each(NAMES)('with only %s left out it meets every fast case', async (name) => {
  const chosen = await resolveImplementation(`optimized?without=${name}`);
  const cases = CONFORMANCE_CASES.filter(({ fast }) => fast === true);
  expect(await failuresInProcess(chosen, { cases, waitMs: 5000 })).toEqual([]);
});

async function created(spec: string): Promise<ProxyHandler> {
  const { create } = await resolveImplementation(spec);
  return create({
    upstream: { protocol: 'http:', host: '127.0.0.1', port: 9 },
    policy: testPolicy(),
    log: { write: (_, done) => done(null) },
    clock: { nowMs: () => 0, monotonicMs: () => 0 },
  });
}

test('what is off is not counted, which is not the same as never hit', async () => {
  const none = await created('optimized?only=none');
  expect(none.counters()).toMatchObject({ caches: {}, pools: {} });
  await none.close();
  const all = await created('optimized');
  expect(Object.keys(all.counters().caches)).toEqual(['decision', 'pattern']);
  expect(Object.keys(all.counters().pools)).toEqual(['buffer']);
  await all.close();
});

test('without the pattern cache a reload compiles every pattern, with it none that it knows', async () => {
  const match = { path: { patterns: [{ source: '^/(a|b)', flags: '' }] } };
  const response = { statusCode: 403, body: '', headers: {} };
  const policy = testPolicy({ drop: { default: false, rules: [{ name: 'r', match, response }] } });
  for (const [spec, kept] of [
    ['optimized', 1],
    ['optimized?without=pattern-cache', 0],
  ] as const) {
    const handler = await created(spec);
    await handler.reload(policy);
    expect(await handler.reload(policy), spec).toMatchObject({ patternsKept: kept });
    await handler.close();
  }
});
