/** What the server and its workers say to each other, over the channel of a forked process. */
import type { DrainReport, ProxyCounters, ReloadReport, Upstream } from '../impls/contract.ts';
import type { Policy } from '../impls/policy/policy.ts';

/** What a worker is started with. */
export interface WorkerStart {
  /** An implementation as the registry takes it; a path is absolute. */
  readonly spec: string;
  readonly policy: Policy;
  readonly upstream: Upstream;
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Others listen on the same port, and the kernel spreads connections (SO_REUSEPORT). */
  readonly sharesPort: boolean;
  /** Log lines are appended to this file; null: to standard output. */
  readonly logPath: string | null;
}

/** To a worker. Each of those with an id has one answer. */
export type ToWorker =
  | { readonly type: 'start'; readonly start: WorkerStart }
  | ({ readonly id: number } & WorkerQuestion);

/** What a worker is asked for. */
export type WorkerQuestion =
  | { readonly type: 'counters' }
  /** Puts a policy in force, and opens the log file anew. */
  | { readonly type: 'reload'; readonly policy: Policy }
  /** Takes no more connections and ends when none is left, or after so many milliseconds. */
  | { readonly type: 'drain'; readonly deadlineMs: number };

/** What it answers to each. */
export interface WorkerAnswers {
  readonly counters: ProxyCounters;
  readonly reload: ReloadReport;
  readonly drain: DrainReport & { readonly counters: ProxyCounters };
}

/** From a worker. */
export type FromWorker =
  | {
      readonly type: 'ready';
      readonly port: number;
      readonly name: string;
      readonly version: string | null;
    }
  /** It cannot start; it ends after this. */
  | ({ readonly type: 'failed' } & StartFailure)
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'refused'; readonly id: number; readonly message: string };

/** Why a worker could not start. */
export interface StartFailure {
  readonly message: string;
  /** What to do about it, a sentence, or empty. */
  readonly remedy: string;
  /** Why it could not listen, such as `EADDRINUSE`; null if that was not what failed. */
  readonly code: string | null;
  /** What was asked for cannot be served, as opposed to what could not be done here. */
  readonly isUsage: boolean;
}
