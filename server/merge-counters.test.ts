import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DurationCounts, ProxyCounters } from '../impls/contract.ts';
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

const histogram: fc.Arbitrary<DurationCounts> = fc.record({
  ranges: fc
    .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 20 }), count), { selector: ([below]) => below })
    .map((ranges) => ranges.toSorted(([a], [b]) => a - b)),
  sumUs: count,
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

test('a duration is below a bound in the whole as often as in all workers together', () => {
  const below = ({ ranges }: DurationCounts, bound: number): number =>
    ranges.reduce((sum, [belowUs, count]) => (belowUs <= bound ? sum + count : sum), 0);
  const timed = fc.tuple(counters, fc.option(fc.dictionary(names, histogram), { nil: undefined }));
  fc.assert(
    fc.property(fc.array(timed, { minLength: 1, maxLength: 4 }), (all) => {
      const merged = mergeCounters(
        all.map(([one, durations]) => ({ ...one, ...(durations && { durations }) })),
      );
      const parts = all.flatMap(([, durations]) => Object.entries(durations ?? {}));
      expect(merged?.durations === undefined).toBe(all.every(([, durations]) => !durations));
      for (const [name, whole] of Object.entries(merged?.durations ?? {})) {
        const bounds = whole.ranges.map(([belowUs]) => belowUs);
        expect(bounds).toEqual(bounds.toSorted((a, b) => a - b));
        const own = parts.filter(([other]) => other === name).map(([, part]) => part);
        expect(whole.sumUs).toBe(own.reduce((sum, { sumUs }) => sum + sumUs, 0));
        for (const bound of bounds) {
          expect(below(whole, bound)).toBe(own.reduce((sum, one) => sum + below(one, bound), 0));
        }
      }
    }),
  );
});

test('of nobody there are no counts', () => {
  expect(mergeCounters([])).toBeNull();
});
