import { describe, expect, test } from 'vitest';
import type { ProxyCounters } from '../../impls/contract.ts';
import type { SutMemory } from '../sut/system-under-test.ts';
import type { Reading } from './contestant.ts';
import {
  ArmSamples,
  directFigures,
  proxyFigures,
  type Readings,
  type RelativeFigures,
  timeFigures,
} from './samples.ts';

const RELATIVE: RelativeFigures = { hopUs: 40, timeUs: 25, cpuUs: 10 };

/** Samples whose sequential waves are `cold` first and then `warm`. */
function samples(waves: number, warm: number, cold: number): ArmSamples {
  const collected = new ArmSamples(waves, 16);
  for (let wave = 0; wave < waves; wave += 1) {
    const offset = collected.nextOffset;
    collected.timesUs.fill(warm, offset, offset + 16);
    collected.timesUs[offset] = cold;
    collected.addSequential();
  }
  for (const [wave, countedMs] of [4, 5, 90].entries()) {
    const loaded = { requests: 256, counted: 200, countedMs, totalMs: 10 };
    collected.addLoaded(loaded, 2_560_000, wave * 100, wave * 100 + 50);
  }
  return collected;
}

function reading(allocatedBytes: number, decision?: { hits: number; misses: number }): Reading {
  const memory: SutMemory = {
    rssBytes: 1e8,
    allocatedBytes,
    gcTimeMs: allocatedBytes / 1e6,
    collections: [],
  };
  const counters: ProxyCounters = {
    requests: 0,
    responses: { '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0 },
    dropped: 0,
    errors: {},
    caches: decision === undefined ? {} : { decision },
    pools: {},
    log: { written: 0, dropped: 0 },
    upstream: { opened: 0, reused: 0, retried: 0 },
  };
  return { memory, counters };
}

const LOADED_REQUESTS = 768;

/** Readings in which all happens in the loaded phase. */
const readings = (begun: Reading, ended: Reading): Readings => ({
  begun,
  loaded: begun,
  ended,
  loadedRequests: LOADED_REQUESTS,
  unseen: 'not visible',
});

describe('the figures of one arm', () => {
  test('keep the first request of a wave apart from the warm ones', () => {
    const { values } = timeFigures(samples(144, 40, 90), RELATIVE);
    expect(values['hop-p50']).toBe(40);
    expect(values['hop-p99']).toBe(40);
    expect(values['hop-cold-p50']).toBe(90);
  });

  test('have no 99th percentile of fewer than 2,000 warm requests', () => {
    const { values, unavailable } = timeFigures(samples(133, 40, 90), RELATIVE);
    expect(values['hop-p99']).toBeUndefined();
    expect(unavailable['hop-p99']).toMatch(/2000/);
  });

  test('take those that are relative to other arms as given', () => {
    expect(timeFigures(samples(144, 41, 90), RELATIVE).values['hop-p50']).toBe(40);
    const figures = timeFigures(samples(144, 40, 90), RELATIVE);
    expect(figures.values['loaded-request-time']).toBe(25);
    expect(figures.values.throughput).toBe(40_000);
    expect(figures.values['cpu-per-request']).toBe(10);
    expect(figures.busyFraction).toBeCloseTo(0.256, 10);
    expect(figures.requests).toBe(144 * 16 + 3 * 256);
  });
});

test('without a clock there is no CPU time, and the reason is the one given', () => {
  const noClock = { hopUs: 40, timeUs: 25, cpuUs: null };
  const reason = (...why: string[]) =>
    timeFigures(samples(144, 40, 90), noClock, ...why).unavailable['cpu-per-request'];
  expect(reason()).toMatch(/this system does not count/);
  expect(reason('a URL')).toBe('a URL');
});

test('cycles that are left out are in no time, but in the count of requests', () => {
  const collected = samples(3, 40, 90);
  collected.timesUs.fill(900, 16, 32);
  collected.countOnly([true, false, true], [true, true, false]);
  expect([...new Set(collected.warmTimesUs())]).toEqual([40]);
  expect([...collected.coldTimesUs()]).toEqual([90, 90]);
  expect(collected.loadedUs()).toEqual([20, 25]);
  expect(collected.cpuUs()).toHaveLength(2);
  expect(collected.requests).toBe(3 * 16 + 3 * 256);
});

test('a collection belongs to the wave in which it ended, unless that is left out', () => {
  const collected = samples(3, 40, 90);
  const ended = (endedAtMs: number, ms: number) => ({ endedAtMs, ms });
  // Waves take 0 to 50, 100 to 150 and 200 to 250 ms.
  const collections = [ended(10, 2.56), ended(50, 2.56), ended(75, 100), ended(130, 1.28)];
  expect(collected.collectionUs(collections)).toEqual([20, 5, 0]);
  collected.countOnly([], [false, true, true]);
  expect(collected.collectionUs(collections)).toEqual([5, 0]);
});

describe('what only a proxy has', () => {
  const own = timeFigures(samples(144, 45, 90), { ...RELATIVE, hopUs: 45 });
  const direct = timeFigures(samples(144, 20, 30), { ...RELATIVE, hopUs: 20 });

  test('overhead is its percentile less the direct one', () => {
    const { values } = proxyFigures(own, direct, readings(reading(0), reading(1e8)));
    expect(values['overhead-p50']).toBe(25);
    expect(values['overhead-p99']).toBe(25);
  });

  test('allocations are those between the readings, a request', () => {
    const { values } = proxyFigures(
      own,
      direct,
      readings(reading(5e6), reading(5e6 + LOADED_REQUESTS * 2000)),
    );
    expect(values['allocated-per-request']).toBe(2000);
  });

  test('the hit rate is that of the measured phases alone', () => {
    const before = reading(0, { hits: 10, misses: 1000 });
    const after = reading(1e8, { hits: 310, misses: 1100 });
    expect(proxyFigures(own, direct, readings(before, after)).values['cache-hit-rate']).toBe(0.75);
  });

  test('no cache is no hit rate', () => {
    const figures = proxyFigures(own, direct, readings(reading(0), reading(1e8)));
    expect(figures.values['cache-hit-rate']).toBeUndefined();
    expect(figures.unavailable['cache-hit-rate']).toMatch(/no decision cache/);
  });

  test('what cannot be seen is n/a with its reason, never zero', () => {
    const unseen: Reading = {
      memory: { rssBytes: null, allocatedBytes: null, gcTimeMs: null, collections: null },
      counters: null,
    };
    const figures = proxyFigures(own, direct, readings(unseen, unseen));
    for (const metric of [
      'allocated-per-request',
      'gc-time-per-request',
      'memory-rss',
      'cache-hit-rate',
    ] as const) {
      expect(figures.values[metric]).toBeUndefined();
      expect(figures.unavailable[metric]).toBe('not visible');
    }
    expect(figures.values['overhead-p50']).toBe(25);
  });

  test('of a command the memory of its processes is seen, and nothing within', () => {
    const seen: Reading = {
      memory: { rssBytes: 5e6, allocatedBytes: null, gcTimeMs: null, collections: null },
      counters: null,
    };
    const { values, unavailable } = proxyFigures(own, direct, readings(seen, seen));
    expect(values['memory-rss']).toBe(5e6);
    expect(unavailable['allocated-per-request']).toBe('not visible');
  });

  test('the direct arm has none of it, and says why', () => {
    const { unavailable } = directFigures(direct);
    expect(unavailable['overhead-p50']).toMatch(/no proxy/);
    expect(unavailable['allocated-per-request']).toMatch(/no proxy/);
  });
});
