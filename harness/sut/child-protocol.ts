/**
 * What the harness and the process of a system under test say to each other. The channel is
 * silent while a wave runs.
 */
import type { Tier, Upstream } from '../../impls/contract.ts';
import type { Policy } from '../../impls/policy/policy.ts';
import type { Collection } from './collection-log.ts';
import type { Injection } from './injection.ts';
import type { ProfileKind } from './profiler.ts';

/** From the harness. `id` ties an answer to its question. */
export type ChildRequest =
  | { readonly type: 'start'; readonly options: ChildStart }
  | { readonly type: 'counters'; readonly id: number }
  | { readonly type: 'memory'; readonly id: number }
  | { readonly type: 'output'; readonly id: number }
  | { readonly type: 'settled-memory'; readonly id: number }
  | { readonly type: 'reload'; readonly id: number; readonly policy: Policy }
  | { readonly type: 'profile-start'; readonly id: number; readonly kind: ProfileKind }
  | {
      readonly type: 'profile-stop';
      readonly id: number;
      readonly kind: ProfileKind;
      /** The file to write: a profile is too long for the channel. */
      readonly path: string;
    };

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
  /** What is added to it on purpose; null: nothing, and nothing stands around the handler. */
  readonly injection: Injection | null;
  /** The policy is put in force again so often, in milliseconds; null: never. */
  readonly reloadEveryMs: number | null;
  /** The id of the tree whose processes a command's are: `process-tree.ts`. */
  readonly treeId: string;
  /** True if a command is to be asked for its version, which costs a process. */
  readonly wantsVersion: boolean;
}

/** From the child. */
export type ChildMessage =
  | { readonly type: 'ready'; readonly port: number; readonly identity: ChildIdentity }
  /** Before `ready`, from one that starts a command: it sees itself to a bound, which is this. */
  | { readonly type: 'starting'; readonly boundMs: number }
  /** After `ready`: its command has ended by itself. It ends what is left, and then itself. */
  | { readonly type: 'ended'; readonly message: string }
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
  /** An implementation in this very process, or a command that it has started. */
  readonly kind: 'module' | 'command';
  readonly name: string;
  readonly version: string | null;
  readonly capabilities: readonly Tier[];
  readonly skips: readonly { readonly case: string; readonly reason: string }[];
}

/** A reading of a child's memory. Bytes. */
export interface MemoryReading {
  readonly rssBytes: number;
  readonly heapUsedBytes: number;
  readonly externalBytes: number;
  /** Heap bytes allocated since the process began, without what readings like this one cost. */
  readonly allocatedBytes: number;
  /** Time in garbage collection since the process began, milliseconds. */
  readonly gcTimeMs: number;
  /** Those since the reading before. */
  readonly collections: readonly Collection[];
}

/** A child's memory after forced collections, and before. Bytes. */
export interface SettledMemory {
  /** Resident, before. */
  readonly rssBytes: number;
  /** Heap and external memory that is still in use; null where that cannot be had. */
  readonly heldBytes: number | null;
  /** Resident, after. */
  readonly settledRssBytes: number;
}
