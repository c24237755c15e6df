/**
 * The counters of several workers as those of one proxy. Pure.
 */
import type { DurationCounts, HitCounts, ProxyCounters } from '../impls/contract.ts';

/**
 * The sums, field by field. What none of them counts stays left out, so that nothing that is not
 * counted becomes a zero; of no worker at all there are no counts: null.
 */
export function mergeCounters(all: readonly ProxyCounters[]): ProxyCounters | null {
  const [first, ...others] = all;
  return first === undefined ? null : others.reduce(add, first);
}

function add(one: ProxyCounters, other: ProxyCounters): ProxyCounters {
  return {
    requests: one.requests + other.requests,
    responses: {
      '1xx': one.responses['1xx'] + other.responses['1xx'],
      '2xx': one.responses['2xx'] + other.responses['2xx'],
      '3xx': one.responses['3xx'] + other.responses['3xx'],
      '4xx': one.responses['4xx'] + other.responses['4xx'],
      '5xx': one.responses['5xx'] + other.responses['5xx'],
    },
    dropped: one.dropped + other.dropped,
    errors: addRecords(one.errors, other.errors, (a, b) => a + b),
    caches: addRecords(one.caches, other.caches, addHits),
    pools: addRecords(one.pools, other.pools, addHits),
    log: {
      written: one.log.written + other.log.written,
      dropped: one.log.dropped + other.log.dropped,
    },
    upstream: {
      opened: one.upstream.opened + other.upstream.opened,
      reused: one.upstream.reused + other.upstream.reused,
      retried: one.upstream.retried + other.upstream.retried,
    },
    ...addDurations(one.durations, other.durations),
  };
}

function addDurations(
  one: ProxyCounters['durations'],
  other: ProxyCounters['durations'],
): Pick<ProxyCounters, 'durations'> {
  if (one === undefined && other === undefined) return {};
  return { durations: addRecords(one ?? {}, other ?? {}, addHistograms) };
}

function addHistograms(one: DurationCounts, other: DurationCounts): DurationCounts {
  const counts = new Map(one.ranges);
  for (const [belowUs, count] of other.ranges) {
    counts.set(belowUs, (counts.get(belowUs) ?? 0) + count);
  }
  return { ranges: [...counts].sort(([a], [b]) => a - b), sumUs: one.sumUs + other.sumUs };
}

function addHits(one: HitCounts, other: HitCounts): HitCounts {
  return { hits: one.hits + other.hits, misses: one.misses + other.misses };
}

function addRecords<T>(
  one: Readonly<Record<string, T>>,
  other: Readonly<Record<string, T>>,
  sum: (a: T, b: T) => T,
): Readonly<Record<string, T>> {
  const sums = new Map(Object.entries(one));
  for (const [name, value] of Object.entries(other)) {
    const known = sums.get(name);
    sums.set(name, known === undefined ? value : sum(known, value));
  }
  return Object.fromEntries(sums);
}
