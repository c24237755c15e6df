/**
 * What the conformance runner needs of a proxy, wherever it runs: in this process, in a child, or
 * behind a URL. Types only.
 */
import type { ProxyCounters, Upstream } from '../../impls/contract.ts';
import type { Policy } from '../../impls/policy/policy.ts';

/** Starts a proxy that is ready for connections. Rejects if it cannot. */
export type OpenProxy = (policy: Policy, upstream: Upstream) => Promise<ProxyUnderTest>;

/** A running proxy. */
export interface ProxyUnderTest {
  readonly host: string;
  readonly port: number;
  /** All lines logged since it was opened, in order. */
  logLines(): Promise<readonly string[]>;
  /** Null where it does not count. */
  counters(): Promise<ProxyCounters | null>;
  /** Absent where a running proxy cannot be given another policy. */
  reload?(policy: Policy): Promise<void>;
  /** SIGTERM, or the like: it drains and exits. Resolves when it has exited. */
  terminate(): Promise<{ readonly exitCode: number | null }>;
  /** Ends it at once, whatever it is doing. Resolves when nothing of it is left. */
  kill(): Promise<void>;
  /** Resolves when it has exited, by whatever cause. */
  readonly exited: Promise<{ readonly exitCode: number | null }>;
}
