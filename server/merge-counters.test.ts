import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ProxyCounters } from '../impls/contract.ts';
import { mergeCounters } from './merge-counters.ts';

const count = fc.nat(1000);
const names = fc.constantFrom('a', 'b', '__proto__');
const hits = fc.record({ hits: count, misses: count });
const counters: fc.Arbitrary<ProxyCounters> = fc.record({
  requests: count,
  responses: fc.record({ '1xx': count, '2xx': count, '3xx': count, '4xx': count, '5xx': count }),
  dropped: count,
  errors: fc.dictionary(names, count),
  caches: fc.dictionary(names, hits),
  pools: fc.dictionary(names, hits),
  log: fc.record({ written: count, dropped: count }),
  upstream: fc.record({ opened: count, reused: count, retried: count }),
});

/** Every number with the way to it. */
function numbers(value: unknown, way = ''): readonly (readonly [string, number])[] {
  if (typeof value === 'number') return [[way, value]];
  return Object.entries(value ?? {}).flatMap(([key, inner]) => numbers(inner, `${way}/${key}`));
}

test('every count of the whole is the sum of those of the workers that have it', () => {
  fc.assert(
    fc.property(fc.array(counters, { minLength: 1, maxLength: 5 }), (all) => {
      const sums = new Map<string, number>();
      for (const [way, value] of all.flatMap((one) => numbers(one))) {
        sums.set(way, (sums.get(way) ?? 0) + value);
      }
      expect(new Map(numbers(mergeCounters(all)))).toEqual(sums);
    }),
  );
});

test('of nobody there are no counts', () => {
  expect(mergeCounters([])).toBeNull();
});
