/** What the runner does beside running cases: skips, tiers, waits. */
import { describe, expect, test } from 'vitest';
import type { ConformanceCase } from '../../impls/conformance/index.ts';
import { exchange, get } from '../../impls/conformance/steps.ts';
import type { CaseSkip, Tier } from '../../impls/contract.ts';
import { EventBoard } from './event-board.ts';
import { openInProcess } from './in-process.ts';
import { runConformance } from './run-conformance.ts';

/** Answers every connection at once and closes it. */
const open = openInProcess({
  contractVersion: 1,
  name: 'teapot',
  capabilities: ['forwarding'],
  create: () => ({
    handle: (socket) => {
      socket.on('error', () => {});
      socket.resume();
      socket.end('HTTP/1.1 418 Teapot\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    },
    reload: () => ({ rules: 0, patternsKept: 0, patternsCompiled: 0 }),
    counters: () => {
      throw new Error('it does not count');
    },
    drain: async () => ({ finished: 0, destroyed: 0 }),
    close: async () => {},
  }),
});

function caseOf(id: string, tier: Tier, passes: boolean, required?: true): ConformanceCase {
  return {
    id,
    tier,
    family: 'bodies',
    title: 'It holds.',
    section: 'none',
    ...(required === undefined ? {} : { required }),
    exchange: exchange(get('/')),
    check: () => (passes ? [] : [{ message: 'it does not hold' }]),
  };
}

function run(cases: readonly ConformanceCase[], skips: readonly CaseSkip[] = []) {
  return runConformance({ open, cases, skips, waitMs: 3000 });
}

describe('a declared skip', () => {
  const cases = [caseOf('one', 'forwarding', true), caseOf('two', 'forwarding', false)];

  test('is taken, with its reason, and not counted as passed', async () => {
    const result = await run(cases, [{ case: 'two', reason: 'a named limit' }]);
    expect(result.cases[1]).toMatchObject({ status: 'skipped', reason: 'a named limit' });
    expect(result.tiers).toEqual({ forwarding: { passed: 1, failed: 0, skipped: 1 } });
  });

  test('of an unknown case is refused', async () => {
    await expect(run(cases, [{ case: 'three', reason: 'x' }])).rejects.toThrow(
      /'three'.*not exist/,
    );
  });

  test('of a case that exists beyond the selection is accepted', async () => {
    const skips = [{ case: 'three', reason: 'x' }];
    const options = { open, cases, skips, knownIds: ['three'], waitMs: 3000 };
    await expect(runConformance(options)).resolves.toBeDefined();
  });

  test('of a required case is refused', async () => {
    const required = [caseOf('one', 'forwarding', true, true)];
    await expect(run(required, [{ case: 'one', reason: 'x' }])).rejects.toThrow(
      /cannot be skipped/,
    );
  });

  test('without a reason is refused', async () => {
    await expect(run(cases, [{ case: 'one', reason: ' ' }])).rejects.toThrow(/without a reason/);
  });
});

test('the highest tier is the last one up to which nothing failed', async () => {
  const highest = async (...passes: readonly boolean[]): Promise<Tier | null> => {
    const tiers = ['forwarding', 'strict', 'policy'] as const;
    const cases = passes.map((pass, i) => caseOf(`case-${i}`, tiers[i] ?? 'policy', pass));
    return (await run(cases)).highestTier;
  };
  expect(await highest(true, true, true)).toBe('policy');
  expect(await highest(true, false, true)).toBe('forwarding');
  expect(await highest(false, true, true)).toBeNull();
  expect(await highest(true)).toBe('forwarding');
});

test('results come in the order of the cases, each told as it is known', async () => {
  const cases = [
    caseOf('a', 'strict', true),
    { ...caseOf('b', 'strict', true), policy: { drop: { default: true } } },
    caseOf('c', 'strict', true),
  ];
  const told: string[] = [];
  const onProgress = ({
    done,
    total,
    latest,
  }: {
    done: number;
    total: number;
    latest: { id: string };
  }) => void told.push(`${done}/${total} ${latest.id}`);
  const result = await runConformance({ open, cases, skips: [], onProgress });
  expect(result.cases.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  expect(told).toEqual(['1/3 a', '2/3 c', '3/3 b']);
});

test('a check that throws is a failure of its case', async () => {
  const broken: ConformanceCase = {
    ...caseOf('broken', 'strict', true),
    check: () => {
      throw new Error('oh');
    },
  };
  const result = await run([broken]);
  expect(result.cases[0]).toMatchObject({ failures: ['the check could not be made: oh'] });
});

describe('the event board', () => {
  test('tells a wait that was in vain what was awaited and what was seen', async () => {
    const board = new EventBoard();
    board.raise('origin-request');
    const wait = board.until('origin-request', 2, 10);
    await expect(wait).rejects.toThrow('waited 10 ms for 2 complete requests at the origin; saw 1');
  });

  test('ends its waits when it is closed', async () => {
    const board = new EventBoard();
    const wait = board.until('client-head', 1, 60_000);
    board.close();
    await expect(wait).rejects.toThrow();
  });
});
