import { expect, test } from 'vitest';
import { readSettledMemory } from './settled-memory.ts';

const held = async (): Promise<number> => (await readSettledMemory()).heldBytes ?? Number.NaN;

test('counts what is still held, on the heap and beside it, and no garbage', async () => {
  const before = await held();
  let kept: unknown[] = Array.from({ length: 100_000 }, (_, at) => ({ at }));
  kept.push(Buffer.alloc(8_000_000, 1));
  const holding = await held();
  expect(kept).toHaveLength(100_001);
  expect(holding - before).toBeGreaterThan(8_000_000 + 100_000 * 20);
  kept = [];
  // Garbage by now: of it nothing may count.
  for (let at = 0; at < 100; at += 1) Buffer.alloc(1_000_000);
  expect(Math.abs((await held()) - before)).toBeLessThan(2_000_000);
  const after = await readSettledMemory();
  expect(after.rssBytes).toBeGreaterThan(0);
  expect(after.settledRssBytes).toBeGreaterThan(0);
});
