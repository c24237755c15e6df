/**
 * The suite against proxies: the two of this repository pass, broken ones are noticed by exactly
 * the cases that should, and what a proxy does never hangs the suite.
 */
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import baseline from '../../impls/baseline/index.ts';
import { CONFORMANCE_CASES, type ConformanceCase } from '../../impls/conformance/index.ts';
import type { ProxyHandler, ProxyImplementation } from '../../impls/contract.ts';
import optimized from '../../impls/optimized/index.ts';
import { resolveImplementation } from '../../impls/registry.ts';
import type { ConformanceResult } from '../model/conformance.ts';
import { damaged } from './fixtures/damaged-proxy.ts';
import { DAMAGED_PROXIES } from './fixtures/damages.ts';
import { failuresInProcess, openInProcess } from './in-process.ts';
import { runConformance } from './run-conformance.ts';

/** Generous: other work may have the machine. */
const WAIT_MS = 5000;
/** For proxies that are known to let cases wait in vain. */
const SHORT_WAIT_MS = 2000;

const EXAMPLES = join(import.meta.dirname, '../../examples');
const IDS = CONFORMANCE_CASES.map(({ id }) => id);
const FAST = CONFORMANCE_CASES.filter((one) => one.fast);

describe('a proxy of this repository', () => {
  test('the optimized one meets every case', async () => {
    expect(await failuresInProcess(optimized, { waitMs: WAIT_MS })).toEqual([]);
    expect(optimized.skips ?? []).toEqual([]);
  });

  test('the original meets every case but those that it declares', async () => {
    expect(await failuresInProcess(baseline, { waitMs: WAIT_MS })).toEqual([]);
  });

  test('the original could not meet what it declares', async () => {
    const skipped = new Set(baseline.skips?.map((skip) => skip.case));
    const cases = CONFORMANCE_CASES.filter(({ id }) => skipped.has(id));
    const result = await run({ ...baseline, skips: [] }, cases, 500);
    const passed = result.cases.filter(({ status }) => status === 'passed');
    expect(passed.map(({ id }) => id)).toEqual([]);
  });
});

test('the example meets the tier that it claims', async () => {
  const example = await resolveImplementation(join(EXAMPLES, 'node-listener-proxy.ts'));
  expect(await failuresInProcess(example, { waitMs: WAIT_MS })).toEqual([]);
});

describe('a damaged proxy', () => {
  test.concurrent.each(DAMAGED_PROXIES)('that $name is noticed as it should', async (one) => {
    const cases = CONFORMANCE_CASES.filter((candidate) => isQuick(candidate, one.family));
    const result = await run(damaged(optimized, one.damage), cases, SHORT_WAIT_MS);
    const failed = result.cases.filter(({ status }) => status === 'failed');
    expect(failed.map(({ id }) => id)).toEqual(one.noticedBy);
  });

  test('exists for every family', () => {
    const families = new Set(CONFORMANCE_CASES.map(({ family }) => family));
    expect(new Set(DAMAGED_PROXIES.map(({ family }) => family))).toEqual(families);
  });

  test('that is not damaged is not noticed, wires and all', async () => {
    const sound = damaged(optimized, {
      clientToProxy: () => ({}),
      proxyToClient: () => ({}),
      proxyToOrigin: () => ({}),
      originToProxy: () => ({}),
    });
    const cases = CONFORMANCE_CASES.filter((one) => isQuick(one, null));
    const result = await run(sound, cases, WAIT_MS);
    expect(result.cases.filter(({ status }) => status === 'failed')).toEqual([]);
  });
});

describe('a proxy that does not even forward', () => {
  test('gives a result although it never answers', async () => {
    const silent = proxyThat((socket) => socket.resume());
    const result = await run(silent, FAST, 100);
    expect(result.tiers.forwarding?.passed).toBe(0);
    expect(result.highestTier).toBeNull();
    const last = result.cases.at(-1);
    expect(last?.status === 'failed' && last.failures[0]).toMatch(
      /does not answer even when fresh/,
    );
  });

  test('gives a result although it breaks every connection', async () => {
    const result = await run(
      proxyThat((socket) => socket.resetAndDestroy()),
      FAST,
      200,
    );
    expect(result.tiers.forwarding?.passed).toBe(0);
  });

  test('gives a result although it answers nonsense', async () => {
    const nonsense = proxyThat((socket) => {
      socket.on('data', () => socket.write(Buffer.from([0, 255, 13, 10, 13, 10, 1])));
    });
    const result = await run(nonsense, FAST, 200);
    expect(result.tiers.forwarding?.passed).toBe(0);
    expect(JSON.stringify(result.cases[0])).toContain('unreadable');
  });

  test('gives a result although it is full of itself: 200 to everything', async () => {
    const server = createServer((_request, response) => response.end('ok'));
    const result = await run(
      proxyThat((socket) => server.emit('connection', socket)),
      FAST,
      500,
    );
    expect(result.tiers.forwarding?.passed).toBe(0);
  });

  test('gives a result although it cannot be created', async () => {
    const result = await run(
      {
        ...optimized,
        create: () => Promise.reject(new Error('no such model')),
      },
      FAST,
      500,
    );
    const reasons = result.cases.flatMap((one) => (one.status === 'failed' ? one.failures : []));
    expect(reasons).toHaveLength(FAST.length);
    expect(reasons[0]).toBe('the proxy did not start: no such model');
  });

  test('gives a result although it exits in the middle', async () => {
    let opened = 0;
    const open = openInProcess(optimized);
    const result = await runConformance({
      open: async (policy, upstream) => {
        const proxy = await open(policy, upstream);
        if (opened++ > 0) return proxy;
        await proxy.kill();
        return { ...proxy, exited: Promise.resolve({ exitCode: 139 }) };
      },
      cases: FAST,
      skips: [],
      waitMs: 500,
    });
    const failed = result.cases.filter(({ status }) => status === 'failed');
    expect(failed.map(({ id }) => id)).toEqual([FAST[0]?.id]);
    expect(JSON.stringify(failed)).toContain('exited with code 139');
  });
});

/** Cases that do not wait for time to pass, and all of the family in question. */
function isQuick(one: ConformanceCase, family: string | null): boolean {
  const timed =
    one.policy?.limits?.headTimeout !== undefined ||
    one.policy?.limits?.firstByteTimeout !== undefined ||
    one.family === 'drain' ||
    ['slow-client-holds-the-upstream-back', 'pipelined-flood-is-bounded'].includes(one.id);
  return !timed || (one.family === family && one.family !== 'streaming');
}

function run(
  implementation: ProxyImplementation,
  cases: readonly ConformanceCase[],
  waitMs: number,
): Promise<ConformanceResult> {
  return runConformance({
    open: openInProcess(implementation),
    cases,
    skips: implementation.skips ?? [],
    knownIds: IDS,
    waitMs,
  });
}

/** A proxy that does nothing but this with each connection. */
function proxyThat(handle: (socket: Socket) => void): ProxyImplementation {
  const create = (): ProxyHandler => {
    const sockets = new Set<Socket>();
    return {
      handle: (socket) => {
        sockets.add(socket);
        socket.on('error', () => {});
        handle(socket);
      },
      reload: () => ({ rules: 0, patternsKept: 0, patternsCompiled: 0 }),
      counters: () => {
        throw new Error('it does not count');
      },
      drain: async () => ({ finished: 0, destroyed: 0 }),
      close: async () => {
        for (const socket of sockets) socket.destroy();
      },
    };
  };
  return { contractVersion: 1, name: 'odd', capabilities: ['forwarding'], create };
}
