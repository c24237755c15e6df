import { describe, expect, it } from 'vitest';
import { AllocationCounter, type HeapSource } from './allocation-count.ts';

/** A heap whose collections are told by hand. */
function fakeHeap(): HeapSource & { used: number; collect(toBytes: number): void } {
  let seen: { cost: number; before: number; after: number }[] = [];
  return {
    used: 1000,
    usedBytes() {
      return this.used;
    },
    collect(toBytes) {
      seen.push({ cost: 250, before: this.used, after: toBytes });
      this.used = toBytes;
    },
    watch: () => {
      seen = [];
      return () => ({
        statistics: seen.map(({ cost, before, after }) => ({
          cost,
          beforeGC: { heapStatistics: { usedHeapSize: before } },
          afterGC: { heapStatistics: { usedHeapSize: after } },
        })),
      });
    },
  };
}

describe('AllocationCounter', () => {
  it('counts what was allocated across collections, and the time they took', () => {
    const heap = fakeHeap();
    const counter = new AllocationCounter(heap);
    heap.used += 5000;
    heap.collect(1200);
    heap.used += 300;
    heap.collect(1200);
    heap.used += 7;
    expect(counter.read()).toEqual({ allocatedBytes: 5307, gcTimeMs: 0.5 });
    expect(counter.read().allocatedBytes).toBe(5307);
  });

  it('agrees with what was really allocated, collected or not', () => {
    const counter = new AllocationCounter();
    const before = counter.read().allocatedBytes;
    let kept: unknown[] = [];
    for (let index = 0; index < 2_000_000; index += 1) {
      if (index % 10_000 === 0) kept = [];
      kept.push({ index });
    }
    const perObject = (counter.read().allocatedBytes - before) / 2_000_000;
    // An object of one field and its place in a growing array, by any compiler tier.
    expect(perObject).toBeGreaterThan(16);
    expect(perObject).toBeLessThan(120);
  });
});
