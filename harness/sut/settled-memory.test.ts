import { expect, test } from 'vitest';
import { readSettledMemory } from './settled-memory.ts';

test('counts what is still held, on the heap and beside it, and no garbage', async () => {
  const before = await readSettledMemory();
  let kept: unknown[] = Array.from({ length: 100_000 }, (_, at) => ({ at }));
  kept.push(Buffer.alloc(8_000_000, 1));
  const holding = await readSettledMemory();
  expect(kept).toHaveLength(100_001);
  expect(holding.heldBytes - before.heldBytes).toBeGreaterThan(8_000_000 + 100_000 * 20);
  kept = [];
  // Garbage by now: of it nothing may count.
  for (let at = 0; at < 100; at += 1) Buffer.alloc(1_000_000);
  const after = await readSettledMemory();
  expect(Math.abs(after.heldBytes - before.heldBytes)).toBeLessThan(2_000_000);
  expect(after.rssBytes).toBeGreaterThan(0);
  expect(after.settledRssBytes).toBeGreaterThan(0);
});
