/**
 * What the harness can do with a proxy, however that runs. Types only; `launch.ts` gives one. What
 * cannot be seen is null, never zero.
 */
import type { CaseSkip, ProxyCounters, Tier } from '../../impls/contract.ts';
import type { Policy } from '../../impls/policy/policy.ts';
import type { SettledMemory } from './child-protocol.ts';
import type { Collection } from './collection-log.ts';
import type { ProcessExit } from './process.ts';
import type { ProfileKind } from './profiler.ts';

/** How a proxy runs: served by a process of ours, as a command, or somewhere behind a URL. */
export type SutKind = 'module' | 'command' | 'url';

/** What a proxy uses of memory. Null: not visible. */
export interface SutMemory {
  /** Of all its processes. */
  readonly rssBytes: number | null;
  /** Heap bytes allocated since it began, without what readings like this one cost. */
  readonly allocatedBytes: number | null;
  /** Time in garbage collection since it began, milliseconds. */
  readonly gcTimeMs: number | null;
  /** The collections since the reading before. */
  readonly collections: readonly Collection[] | null;
}

/** A proxy in processes of its own, ready for connections. */
export interface SystemUnderTest {
  readonly label: string;
  readonly kind: SutKind;
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly version: string | null;
  readonly capabilities: readonly Tier[];
  readonly skips: readonly CaseSkip[];
  readonly exited: Promise<ProcessExit>;
  /** The processes that do its work, as they are now; none behind a URL. Takes a while. */
  processes(): readonly number[];
  /** Null where it cannot be asked. */
  counters(): Promise<ProxyCounters | null>;
  /** Only between waves: it takes time. */
  memory(): Promise<SutMemory>;
  /** What a command has written to its output; null for others. */
  outputBytes(): Promise<number | null>;
  /** This and what follows: modules only; rejects for others. */
  reload(policy: Policy): Promise<void>;
  /** Its memory after forced collections, which disturb what is measured meanwhile. */
  settledMemory(): Promise<SettledMemory>;
  /** Slows it down until it is stopped: never while anything is measured. */
  startProfile(kind: ProfileKind): Promise<void>;
  /** Writes the profile to an absolute path. */
  stopProfile(kind: ProfileKind, path: string): Promise<void>;
  /** Throws if the process ended by itself. */
  assertAlive(): void;
  /** SIGTERM with a drain, SIGKILL if that hangs. */
  terminate(timeoutMs?: number): Promise<ProcessExit & { readonly killed: boolean }>;
  kill(): Promise<ProcessExit>;
}
