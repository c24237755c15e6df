/**
 * Starts one proxy implementation in processes of its own and gives the harness a handle on it,
 * whatever it is: a module that a process of ours serves, a command, or a URL behind which it runs
 * already. What cannot be seen of it is null.
 */
import { randomUUID } from 'node:crypto';
import { devNull } from 'node:os';
import type { Upstream } from '../../impls/contract.ts';
import type { Policy } from '../../impls/policy/policy.ts';
import type { ChildStart } from './child-protocol.ts';
import {
  checkCounters,
  checkMemory,
  checkOutput,
  checkReady,
  checkSettledMemory,
} from './child-schema.ts';
import { entryPath } from './entry-path.ts';
import type { Injection } from './injection.ts';
import { isUrl } from './loopback-address.ts';
import { Child } from './process.ts';
import { ProcessTree } from './process-tree.ts';
import { cannotReload } from './reloading.ts';
import type { SystemUnderTest } from './system-under-test.ts';
import { reachUrl } from './url-sut.ts';

export type { SystemUnderTest } from './system-under-test.ts';

export interface SutOptions {
  /** A built-in name, a module path, absolute or from the working folder, or a URL. */
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
  /** Puts the policy in force again so often, in milliseconds; default: never. */
  readonly reloadEveryMs?: number;
  /** Asks a command for its version, which costs a process; default: no. */
  readonly wantsVersion?: boolean;
  /** Gives up waiting for it when aborted. */
  readonly signal?: AbortSignal;
}

const READY_TIMEOUT_MS = 10_000;
const DRAIN_DEADLINE_MS = 1000;

/**
 * Starts a proxy, or finds one behind a URL. Rejects with a HopmarkError if it can't serve; nothing
 * is left of it then.
 */
export async function launchSut(options: SutOptions): Promise<SystemUnderTest> {
  const { spec, label } = options;
  const { reloadEveryMs = null } = options;
  if (isUrl(spec)) {
    if (reloadEveryMs !== null) throw cannotReload(spec);
    return reachUrl(spec, label);
  }
  const tree = new ProcessTree(randomUUID());
  const start: ChildStart = {
    spec,
    upstream: options.upstream,
    policy: options.policy,
    logPath: options.logPath ?? devNull,
    drainDeadlineMs: options.drainDeadlineMs ?? DRAIN_DEADLINE_MS,
    injection: options.injection ?? null,
    reloadEveryMs,
    treeId: tree.id,
    wantsVersion: options.wantsVersion ?? false,
  };
  const { child, ready } = await Child.start({
    label,
    side: 'sut',
    entry: entryPath('child-entry', import.meta.url),
    execArgv: ['--disable-warning=ExperimentalWarning'],
    start: { type: 'start', options: start },
    tree,
    readyTimeoutMs: options.readyTimeoutMs ?? READY_TIMEOUT_MS,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  let checked: ReturnType<typeof checkReady>;
  try {
    checked = checkReady(label, ready);
  } catch (error) {
    await child.kill();
    throw error;
  }
  if (checked.identity.kind === 'module') child.startsNothing();
  return {
    label,
    host: '127.0.0.1',
    port: checked.port,
    ...checked.identity,
    exited: child.exited,
    ...(checked.identity.kind === 'module' ? insideOf(child) : outsideOf(child, tree)),
    assertAlive: () => child.assertAlive(),
    terminate: (timeoutMs) => child.terminate(timeoutMs),
    kill: () => child.kill(),
  };
}

type Questions = Pick<
  SystemUnderTest,
  | 'processes'
  | 'counters'
  | 'memory'
  | 'outputBytes'
  | 'reload'
  | 'settledMemory'
  | 'startProfile'
  | 'stopProfile'
>;

/** What a process of ours that serves a module says of itself. */
function insideOf(child: Child): Questions {
  const { label, pid } = child;
  return {
    processes: () => [pid],
    counters: async () => checkCounters(label, await child.ask({ type: 'counters' })),
    memory: async () => checkMemory(label, await child.ask({ type: 'memory' })),
    settledMemory: async () =>
      checkSettledMemory(label, await child.ask({ type: 'settled-memory' })),
    outputBytes: async () => null,
    reload: async (policy) => {
      await child.ask({ type: 'reload', policy });
    },
    startProfile: async (kind) => {
      await child.ask({ type: 'profile-start', kind });
    },
    stopProfile: async (kind, path) => {
      await child.ask({ type: 'profile-stop', kind, path });
    },
  };
}

/** What is seen of a command's processes; its keeper serves nothing and does not count. */
function outsideOf(child: Child, tree: ProcessTree): Questions {
  const cannot = (): Promise<never> =>
    Promise.reject(new Error(`${child.label} is a command and cannot be asked for this`));
  return {
    processes: () => tree.members().map(({ pid }) => pid),
    counters: async () => null,
    memory: async () => ({
      rssBytes: tree.residentBytes(),
      allocatedBytes: null,
      gcTimeMs: null,
      collections: null,
    }),
    outputBytes: async () => checkOutput(child.label, await child.ask({ type: 'output' })),
    reload: cannot,
    settledMemory: cannot,
    startProfile: cannot,
    stopProfile: cannot,
  };
}
