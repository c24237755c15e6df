import { describe, expect, test } from 'vitest';
import type { ProxyImplementation } from './contract.ts';
import { resolveImplementation } from './registry.ts';
import { RegistryError } from './registry-error.ts';
import { withParts } from './registry-parts.ts';

/** Remembers which parts it was asked for. */
function withThree(): ProxyImplementation & { asked: (ReadonlySet<string> | undefined)[] } {
  const asked: (ReadonlySet<string> | undefined)[] = [];
  return {
    asked,
    contractVersion: 1,
    name: 'three',
    capabilities: ['forwarding'],
    parts: [
      { name: 'a', title: 'does a' },
      { name: 'b', title: 'does b', needs: ['a'] },
      { name: 'c', title: 'does c' },
    ],
    create: ({ parts }) => {
      asked.push(parts);
      throw new Error('not made');
    },
    components: (parts) => {
      asked.push(parts);
      throw new Error('not made');
    },
  };
}

function partsOf(choice: string): readonly string[] {
  const whole = withThree();
  const chosen = withParts(whole, choice);
  expect(() => chosen.components?.()).toThrow('not made');
  return [...(whole.asked[0] ?? [])];
}

test.each([
  ['only=a', ['a']],
  ['only=b,a', ['a', 'b']],
  ['only=c&only=a', ['a', 'c']],
  ['only=none', []],
  ['without=c', ['a', 'b']],
  // What rests on a part is off with it.
  ['without=a', ['c']],
])('%s leaves on %j', (choice, expected) => {
  expect(partsOf(choice)).toEqual(expected);
});

test('the choice reaches the proxy that is created, and names it', async () => {
  const whole = withThree();
  const chosen = withParts(whole, 'only=c');
  const { createPolicy } = await import('./policy/load.ts');
  const options = {
    upstream: { protocol: 'http:', host: 'x', port: 1 } as const,
    policy: createPolicy(),
    log: { write: () => {} },
    clock: { nowMs: () => 0, monotonicMs: () => 0 },
  };
  expect(() => chosen.create(options)).toThrow('not made');
  expect([...(whole.asked[0] ?? [])]).toEqual(['c']);
  expect(chosen.name).toBe('three-only-c');
});

describe('a choice that makes no sense is refused with what would', () => {
  const messageOf = (act: () => unknown): string => {
    try {
      act();
    } catch (error) {
      if (error instanceof RegistryError) return `${error.code}: ${error.message} ${error.remedy}`;
    }
    throw new Error('it was not refused');
  };

  test.each([
    ['only=d', /unknown-part: three has no part called 'd'.*a, b, c/],
    ['only=', /no part called ''/],
    ['without=none', /no part called 'none'/],
    ['only=b', /b of three does nothing without a.*three\?only=a,b/],
    ['only=a&without=b', /is no choice of parts.*\?without=PART/],
    ['a', /is no choice of parts/],
    ['', /is no choice of parts/],
  ])('%j', (choice, message) => {
    expect(messageOf(() => withParts(withThree(), choice))).toMatch(message);
  });

  test('a part of an implementation that has none', async () => {
    await expect(resolveImplementation('baseline?without=pools')).rejects.toMatchObject({
      code: 'unknown-part',
      message: 'baseline has no parts that can be left out',
    });
  });

  test('a part that is nearly one, and an implementation that is nearly one', async () => {
    const part = resolveImplementation('optimized?only=pool');
    await expect(part).rejects.toThrow("no part called 'pool'. Did you mean pools?");
    const name = resolveImplementation('optimised?only=pools');
    await expect(name).rejects.toThrow("called 'optimised'. Did you mean optimized?");
  });
});
