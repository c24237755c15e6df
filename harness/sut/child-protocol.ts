/**
 * What the harness and the process of a system under test say to each other. The channel is
 * silent while a wave runs.
 */
import type { Tier, Upstream } from '../../impls/contract.ts';
import type { Policy } from '../../impls/policy/policy.ts';

/** From the harness. `id` ties an answer to its question. */
export type ChildRequest =
  | { readonly type: 'start'; readonly options: ChildStart }
  | { readonly type: 'counters'; readonly id: number }
  | { readonly type: 'memory'; readonly id: number }
  | { readonly type: 'reload'; readonly id: number; readonly policy: Policy };

/** What a child needs to serve. */
export interface ChildStart {
  /** A built-in name or an absolute module path. */
  readonly spec: string;
  readonly upstream: Upstream;
  readonly policy: Policy;
  /** File to which log lines are appended. */
  readonly logPath: string;
  /** Time given to requests in flight after SIGTERM. */
  readonly drainDeadlineMs: number;
}

/** From the child. */
export type ChildMessage =
  | { readonly type: 'ready'; readonly port: number; readonly identity: ChildIdentity }
  | {
      readonly type: 'failed';
      readonly code: string;
      /** True if a wrong name or file explains it, rather than a proxy that fails. */
      readonly usersFault: boolean;
      readonly message: string;
      readonly remedy: string;
    }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'answer-failed'; readonly id: number; readonly message: string };

/** What an implementation says of itself. */
export interface ChildIdentity {
  readonly name: string;
  readonly version: string | null;
  readonly capabilities: readonly Tier[];
  readonly skips: readonly { readonly case: string; readonly reason: string }[];
}

/** A reading of a child's memory. Bytes, cumulative where it says so. */
export interface MemoryReading {
  /** Resident set, before the collection that the other figures follow. */
  readonly rssBytes: number;
  /**
   * Heap bytes ever allocated, or null on a Node that does not count them. V8 counts whole
   * allocation buffers, so a bare reading is off by up to one (about 10 to 300 KB); a full
   * collection just before it closes them all.
   */
  readonly allocatedBytes: number | null;
  /** What such a collection with its reading adds to the count itself: some 800 KB, very steady. */
  readonly readingCostBytes: number;
  readonly heapUsedBytes: number;
  readonly externalBytes: number;
  /** Cumulative time in garbage collection, milliseconds, forced collections left out. */
  readonly gcTimeMs: number;
}

/** Collections with a reading from one {@link MemoryReading} to the next: each makes two. */
const READINGS_BETWEEN = 2;

/** Heap bytes allocated between two readings, without what reading them cost. Null if unknown. */
export function allocatedBetween(before: MemoryReading, after: MemoryReading): number | null {
  if (before.allocatedBytes === null || after.allocatedBytes === null) return null;
  const cost = READINGS_BETWEEN * after.readingCostBytes;
  return after.allocatedBytes - before.allocatedBytes - cost;
}
