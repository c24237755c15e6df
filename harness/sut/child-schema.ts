/**
 * Checks what a proxy's process sends: its counters come from code that is not ours. Used in the
 * harness's process alone, so that the proxy's loads nothing of it.
 */
import { z } from 'zod';
import type { ProxyCounters } from '../../impls/contract.ts';
import { HopmarkError } from '../model/error.ts';
import type { ChildIdentity, MemoryReading, SettledMemory } from './child-protocol.ts';

const count = z.number().min(0);
const hitCounts = z.object({ hits: count, misses: count });

const countersSchema: z.ZodType<ProxyCounters> = z.object({
  requests: count,
  responses: z.object({ '1xx': count, '2xx': count, '3xx': count, '4xx': count, '5xx': count }),
  dropped: count,
  errors: z.record(z.string(), count),
  caches: z.record(z.string(), hitCounts),
  pools: z.record(z.string(), hitCounts),
  log: z.object({ written: count, dropped: count }),
  upstream: z.object({ opened: count, reused: count, retried: count }),
  durations: z
    .record(z.string(), z.object({ ranges: z.array(z.tuple([count, count])), sumUs: count }))
    .exactOptional(),
});

const memorySchema: z.ZodType<MemoryReading> = z.object({
  rssBytes: count,
  allocatedBytes: z.number(),
  heapUsedBytes: count,
  externalBytes: count,
  gcTimeMs: count,
  collections: z.array(z.object({ endedAtMs: count, ms: count })),
});

const settledSchema: z.ZodType<SettledMemory> = z.object({
  rssBytes: count,
  heldBytes: count.nullable(),
  settledRssBytes: count,
});

const readySchema: z.ZodType<{ readonly port: number; readonly identity: ChildIdentity }> =
  z.object({
    port: z.number().int().min(1).max(65_535),
    identity: z.object({
      kind: z.enum(['module', 'command']),
      name: z.string(),
      version: z.string().nullable(),
      capabilities: z.array(z.enum(['forwarding', 'strict', 'policy'])),
      skips: z.array(z.object({ case: z.string(), reason: z.string() })),
    }),
  });

/** The counters of a proxy. Throws a HopmarkError that names the field that is wrong. */
export function checkCounters(label: string, value: unknown): ProxyCounters {
  return check(countersSchema, label, 'counters()', value);
}

/** A reading of its memory. */
export function checkMemory(label: string, value: unknown): MemoryReading {
  return check(memorySchema, label, 'its memory', value);
}

/** The bytes that a command has written to its output. */
export function checkOutput(label: string, value: unknown): number {
  return check(count, label, 'its output', value);
}

/** A reading of it after forced collections. */
export function checkSettledMemory(label: string, value: unknown): SettledMemory {
  return check(settledSchema, label, 'its settled memory', value);
}

/** The message with which it says that it is ready. */
export function checkReady(
  label: string,
  value: unknown,
): { readonly port: number; readonly identity: ChildIdentity } {
  return check(readySchema, label, 'the ready message', value);
}

function check<T>(schema: z.ZodType<T>, label: string, what: string, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`;
  throw new HopmarkError(
    'sut',
    'wrong-shape',
    `${label}: ${what} is not what impls/contract.ts says${where}: ${issue?.message ?? 'unknown'}`,
  );
}
