import { describe, expect, test } from 'vitest';
import type { LoadReason, LoadVerdict, MemoryPoint } from '../model/load-report.ts';
import { createRandom } from '../model/random.ts';
import { figures, reading, soakReport } from '../report/fixtures/load-report.ts';
import { heavyTailed } from '../stats/noise.ts';
import { judgeLeak, judgeMemory, judgeSoak } from './soak.ts';

/**
 * Readings of a process that keeps `perRequest` bytes for each, grows by 3 MB while it warms up, and
 * whose held memory scatters by some 40 kB, as real ones do.
 */
function readings(
  perRequest: number,
  { count = 41, requests = 7500, seed = 1, of = 'held' as 'held' | 'rss' } = {},
): MemoryPoint[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, at) => {
    const bytes =
      22e6 +
      3e6 * (1 - Math.exp(-at / 3)) +
      perRequest * at * requests +
      40e3 * heavyTailed(random);
    return {
      atMs: at * 1500,
      requests: at * requests,
      heldBytes: of === 'held' ? bytes : null,
      rssBytes: 150e6,
      settledRssBytes: of === 'rss' ? bytes : 140e6,
    };
  });
}

describe('a leak', () => {
  // 40 stretches of 1.5 s at 5,000 a second: a minute.
  test.each([1000, 100, 16])('of %d bytes a request is found within a minute', (bytes) => {
    for (let seed = 0; seed < 20; seed += 1) {
      const leak = judgeLeak(readings(bytes, { seed }));
      expect(leak.verdict).toBe('leak');
      expect((leak.bytesPerRequest ?? 0) / bytes).toBeCloseTo(1, 0);
    }
  });

  test('that is none is hardly ever called one, and mostly ruled out', () => {
    let [leaks, cleared] = [0, 0];
    for (let seed = 0; seed < 200; seed += 1) {
      const { verdict } = judgeLeak(readings(0, { seed }));
      if (verdict === 'leak') leaks += 1;
      if (verdict === 'no-leak') cleared += 1;
    }
    expect(leaks).toBe(0);
    expect(cleared).toBeGreaterThan(190);
  });

  test('cannot be told from few readings, nor from few requests', () => {
    expect(judgeLeak(readings(0, { count: 9 })).verdict).toBe('cannot-tell');
    expect(judgeLeak([]).verdict).toBe('cannot-tell');
    expect(judgeLeak(readings(0, { requests: 20 })).verdict).toBe('cannot-tell');
  });

  test('is not seen in what caches and compiled code still take over few requests', () => {
    // As an honest proxy grew over 30,000 requests, a little ever more slowly.
    const growing = Array.from({ length: 41 }, (_, at) => ({
      ...reading(at, 24.5e6 + 400e3 * (1 - Math.exp(-at / 20))),
      requests: at * 750,
    }));
    const leak = judgeLeak(growing);
    expect(leak.interval?.[0]).toBeGreaterThan(4);
    expect(leak.verdict).toBe('cannot-tell');
  });

  test('is not seen in the growth of the beginning', () => {
    // All growth lies in the first quarter of the readings.
    const warmed = readings(0).map((point, at) => ({
      ...point,
      heldBytes: 22e6 + 9e6 * Math.min(1, at / 10),
    }));
    expect(judgeLeak(warmed).verdict).toBe('no-leak');
  });

  test('is looked for in resident memory where held memory cannot be had', () => {
    const leak = judgeLeak(readings(1000, { of: 'rss' }));
    expect(leak).toMatchObject({ verdict: 'leak', of: 'rss' });
    expect(leak.rssBytesPerRequest).toBe(leak.bytesPerRequest);
  });

  test('in resident memory alone is shown and not judged', () => {
    const points = readings(0).map((point) => ({
      ...point,
      settledRssBytes: 140e6 + point.requests * 50,
    }));
    const leak = judgeLeak(points);
    expect(leak.verdict).toBe('no-leak');
    expect(leak.rssBytesPerRequest).toBeCloseTo(50);
  });
});

test('memory is held against what it adds to the idle process, at its largest', () => {
  const points = [reading(0, null), { ...reading(1, null), rssBytes: 190e6 }, reading(2, null)];
  const limits = { idleRssBytes: 108e6, maxMemoryBytes: 82e6 };
  expect(judgeMemory(points, limits)).toEqual({
    idleRssBytes: 108e6,
    largestRssBytes: 190e6,
    within: true,
  });
  expect(judgeMemory(points, { ...limits, maxMemoryBytes: 81e6 }).within).toBe(false);
});

describe('a soak', () => {
  const { leak, memory } = soakReport();
  const judge = (more: Partial<Parameters<typeof judgeSoak>[0]>) =>
    judgeSoak({ proxy: figures(), leak, memory, complete: true, smoke: false, ...more });

  test.each<[string, Parameters<typeof judge>[0], LoadVerdict, LoadReason[]]>([
    ['without a leak and within its limit is met', {}, 'met', ['no-leak', 'memory-within']],
    ['with a leak is missed', { leak: { ...leak, verdict: 'leak' } }, 'missed', ['leak']],
    [
      'names everything that is wrong',
      {
        leak: { ...leak, verdict: 'leak' },
        memory: { ...memory, within: false },
        proxy: figures({ failures: { timeout: 1 } }),
      },
      'missed',
      ['requests-failed', 'leak', 'memory-exceeded'],
    ],
    [
      'that leaked before it was interrupted is missed',
      { leak: { ...leak, verdict: 'leak' }, complete: false },
      'missed',
      ['leak'],
    ],
    [
      'that was interrupted otherwise is not decided',
      { complete: false },
      'inconclusive',
      ['ended-early'],
    ],
    [
      'of which nothing can be told is not decided',
      { leak: { ...leak, verdict: 'cannot-tell' } },
      'inconclusive',
      ['leak-undecided', 'memory-within'],
    ],
    ['in smoke is not decided', { smoke: true }, 'inconclusive', ['smoke']],
  ])('%s', (_, given, verdict, reasons) => {
    expect(judge(given)).toEqual({ verdict, reasons });
  });
});
