import { describe, expect, test } from 'vitest';
import { HopmarkError } from '../model/error.ts';
import { METRICS } from '../model/metric.ts';
import { parseTargets } from './target-form.ts';

describe('targets of a configuration', () => {
  test.each([
    ['overhead-p50 < 200 µs', 'overhead-p50', 200],
    ['overhead-p99<0.8ms', 'overhead-p99', 800],
    ['memory-rss < 90 MB', 'memory-rss', 90 * 1024 ** 2],
    ['cache-hit-rate > 95 %', 'cache-hit-rate', 0.95],
    ['throughput > 10000', 'throughput', 10_000],
    ['throughput > 10000 /s', 'throughput', 10_000],
  ])('%s', (text, metric, limit) => {
    expect(parseTargets({ mine: text }, ['web-mix'])).toEqual([
      { name: 'mine', title: text, scenarios: ['web-mix'], metric, limit },
    ]);
  });

  test.each([
    [{ Mine: 'hop-p50 < 1 ms' }, 'the target "Mine" has no such name'],
    [{ mine: 'hop-p50 <= +5%' }, 'is no target'],
    [{ mine: 'hop-p51 < 5 µs' }, 'there is no metric "hop-p51"'],
    [{ mine: 'hop-p50 > 5 µs' }, 'on the wrong side: lower is better'],
    [{ mine: 'cache-hit-rate < 5 %' }, 'on the wrong side: higher is better'],
    [{ mine: 'hop-p50 < 5 MB' }, 'hop-p50 has no unit "MB"'],
    [{ mine: 'hop-p50 < 5' }, 'hop-p50 has no unit ""'],
    [{ mine: 'hop-p50 < 5 constructor' }, 'has no unit "constructor"'],
  ])('refuse %o', (entries, message) => {
    const parse = (): unknown => parseTargets(entries as Record<string, string>, []);
    expect(parse).toThrow(message);
    expect(parse).toThrow(expect.objectContaining({ side: 'user', code: 'bad-target' }));
    expect(parse).toThrow(HopmarkError);
  });

  test('know a unit for every metric', () => {
    for (const { name, unit, better } of METRICS) {
      const written = { us: 'µs', bytes: 'B', fraction: '%', 'requests/s': '/s' }[unit as string];
      const text = `${name} ${better === 'lower' ? '<' : '>'} 1 ${written}`;
      expect(parseTargets({ mine: text }, [])).toHaveLength(1);
    }
  });
});
