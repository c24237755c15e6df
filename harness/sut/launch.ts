/**
 * Starts one proxy implementation in a process of its own and gives the harness a handle on it.
 */
import { devNull } from 'node:os';
import type { CaseSkip, ProxyCounters, Tier, Upstream } from '../../impls/contract.ts';
import type { Policy } from '../../impls/policy/policy.ts';
import type { ChildStart, MemoryReading, SettledMemory } from './child-protocol.ts';
import { checkCounters, checkMemory, checkReady, checkSettledMemory } from './child-schema.ts';
import { entryPath } from './entry-path.ts';
import type { Injection } from './injection.ts';
import { Child, type ProcessExit } from './process.ts';
import type { ProfileKind } from './profiler.ts';

export interface SutOptions {
  /** A built-in name or a module path, absolute or from the working folder. */
  readonly spec: string;
  /** For messages, such as `optimized (candidate)`. */
  readonly label: string;
  readonly upstream: Upstream;
  readonly policy: Policy;
  /** Where log lines go; default: the null device, through the same writes. */
  readonly logPath?: string;
  /** Default 10 s. */
  readonly readyTimeoutMs?: number;
  /** Time given to requests in flight on SIGTERM; default 1 s. */
  readonly drainDeadlineMs?: number;
  /** Makes it slower on purpose. */
  readonly injection?: Injection;
  /** Gives up waiting for it when aborted. */
  readonly signal?: AbortSignal;
}

/** A proxy in a process of its own, ready for connections. */
export interface SystemUnderTest {
  readonly label: string;
  readonly pid: number;
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly version: string | null;
  readonly capabilities: readonly Tier[];
  readonly skips: readonly CaseSkip[];
  readonly exited: Promise<ProcessExit>;
  counters(): Promise<ProxyCounters>;
  /** Only between waves: it takes time. */
  memory(): Promise<MemoryReading>;
  /** The same after forced collections, which disturb what is measured meanwhile. */
  settledMemory(): Promise<SettledMemory>;
  reload(policy: Policy): Promise<void>;
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

const READY_TIMEOUT_MS = 10_000;
const DRAIN_DEADLINE_MS = 1000;

/** Starts a proxy. Throws a HopmarkError with side `sut` if it can't serve; nothing is left then. */
export async function launchSut(options: SutOptions): Promise<SystemUnderTest> {
  const start: ChildStart = {
    spec: options.spec,
    upstream: options.upstream,
    policy: options.policy,
    logPath: options.logPath ?? devNull,
    drainDeadlineMs: options.drainDeadlineMs ?? DRAIN_DEADLINE_MS,
    injection: options.injection ?? null,
  };
  const { child, ready } = await Child.start({
    label: options.label,
    side: 'sut',
    entry: entryPath('child-entry', import.meta.url),
    execArgv: ['--disable-warning=ExperimentalWarning'],
    start: { type: 'start', options: start },
    readyTimeoutMs: options.readyTimeoutMs ?? READY_TIMEOUT_MS,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const { label } = options;
  let checked: ReturnType<typeof checkReady>;
  try {
    checked = checkReady(label, ready);
  } catch (error) {
    await child.kill();
    throw error;
  }
  return {
    label,
    pid: child.pid,
    host: '127.0.0.1',
    port: checked.port,
    ...checked.identity,
    exited: child.exited,
    counters: async () => checkCounters(label, await child.ask({ type: 'counters' })),
    memory: async () => checkMemory(label, await child.ask({ type: 'memory' })),
    settledMemory: async () =>
      checkSettledMemory(label, await child.ask({ type: 'settled-memory' })),
    reload: async (policy) => {
      await child.ask({ type: 'reload', policy });
    },
    startProfile: async (kind) => {
      await child.ask({ type: 'profile-start', kind });
    },
    stopProfile: async (kind, path) => {
      await child.ask({ type: 'profile-stop', kind, path });
    },
    assertAlive: () => child.assertAlive(),
    terminate: (timeoutMs) => child.terminate(timeoutMs),
    kill: () => child.kill(),
  };
}
