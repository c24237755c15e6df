import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ProxyHandler } from '../../impls/contract.ts';
import { createPolicy } from '../../impls/policy/load.ts';
import type { Policy } from '../../impls/policy/policy.ts';
import { reloadAgainAndAgain } from './reloading.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const policy = createPolicy();

/** A handler that says when a reload is done. */
function handlerOf(reload: (policy: Policy) => Promise<void>): ProxyHandler {
  return {
    handle: () => {},
    reload: async (next) => {
      await reload(next);
      return { rules: 0, patternsKept: 0, patternsCompiled: 0 };
    },
    counters: () => {
      throw new Error('not asked');
    },
    drain: async () => ({ finished: 0, destroyed: 0 }),
    close: async () => {},
  };
}

test('puts one of two policies in force in turn, the second its own', async () => {
  const seen: number[] = [];
  const handler = handlerOf(async ({ drop }) => {
    seen.push(drop.rules.length);
  });
  reloadAgainAndAgain(handler, policy, 100);
  await vi.advanceTimersByTimeAsync(450);
  expect(seen).toEqual([1, 0, 1, 0]);
});

test('waits for a reload that takes longer', async () => {
  let done = (): void => {};
  let count = 0;
  const handler = handlerOf(() => {
    count += 1;
    return new Promise((resolve) => {
      done = resolve;
    });
  });
  reloadAgainAndAgain(handler, policy, 100);
  await vi.advanceTimersByTimeAsync(1000);
  expect(count).toBe(1);
  done();
  await vi.advanceTimersByTimeAsync(100);
  expect(count).toBe(2);
});
