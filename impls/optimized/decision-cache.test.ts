import { describe, expect, test } from 'vitest';
import { HitCounter } from './counters.ts';
import { DecisionCache } from './decision-cache.ts';

function makeCache(maxEntries = 8): {
  cache: DecisionCache<string>;
  counts: HitCounter;
  decided: string[];
} {
  const decided: string[] = [];
  const counts = new HitCounter();
  const decide = (key: string): string => {
    decided.push(key);
    return key.toUpperCase();
  };
  return { cache: new DecisionCache(decide, counts, maxEntries, 1024), counts, decided };
}

describe('the decision cache', () => {
  test('answers as the decision does, and asks it no more from the third time on', () => {
    const { cache, counts, decided } = makeCache();
    for (let i = 0; i < 5; i += 1) expect(cache.get('get /a')).toBe('GET /A');
    expect(decided).toEqual(['get /a', 'get /a']);
    expect({ ...counts }).toEqual({ hits: 3, misses: 2 });
  });

  test('keeps nothing of a flood of keys that come once, and loses nothing for it', () => {
    const { cache, decided } = makeCache();
    cache.get('hot');
    cache.get('hot');
    for (let i = 0; i < 5000; i += 1) cache.get(`once ${i}`);
    expect(cache.size).toBeLessThan(20);
    const before = decided.length;
    cache.get('hot');
    expect(decided.length).toBe(before);
  });

  test('is bounded in entries and in characters', () => {
    const { cache } = makeCache();
    for (let i = 0; i < 100; i += 1) for (let again = 0; again < 3; again += 1) cache.get(`k${i}`);
    expect(cache.size).toBeLessThanOrEqual(16);
    for (let i = 0; i < 100; i += 1) {
      for (let again = 0; again < 3; again += 1) cache.get(`${i}${'x'.repeat(300)}`);
    }
    expect(cache.size).toBeLessThanOrEqual(6);
  });

  test('does not keep keys that are too long', () => {
    const { cache, counts } = makeCache();
    const key = 'k'.repeat(600);
    for (let i = 0; i < 4; i += 1) cache.get(key);
    expect({ ...counts }).toEqual({ hits: 0, misses: 4 });
  });

  test('an entry in use outlives others', () => {
    const { cache, decided } = makeCache(4);
    cache.get('hot');
    cache.get('hot');
    for (let i = 0; i < 40; i += 1) {
      for (let again = 0; again < 2; again += 1) cache.get(`k${i}`);
      cache.get('hot');
    }
    expect(decided.filter((key) => key === 'hot')).toHaveLength(2);
  });
});
