/**
 * The origin in a process of its own.
 */
import type { Scenario } from '../model/scenario.ts';
import { entryPath } from './entry-path.ts';
import type { LoopbackAddress } from './loopback-address.ts';
import type { OriginRequest } from './origin-protocol.ts';
import type { OriginCounters } from './origin-server.ts';
import { Child } from './process.ts';

/** A running origin. */
export interface OriginProcess {
  readonly pid: number;
  readonly host: string;
  readonly port: number;
  /** Cumulative; asked between waves. */
  counters(): Promise<OriginCounters>;
  /** Throws if it ended by itself. */
  assertAlive(): void;
  stop(): Promise<void>;
}

const READY_TIMEOUT_MS = 20_000;

/**
 * Starts an origin that answers a scenario's traffic, on any free port or where it is told to. Throws
 * a HopmarkError with side `origin`, or with side `user` if that address is in use.
 */
export async function startOriginProcess(
  scenario: Scenario,
  seed: number,
  at?: LoopbackAddress,
): Promise<OriginProcess> {
  const start: OriginRequest = {
    type: 'start',
    scenario,
    seed,
    ...(at === undefined ? {} : { at }),
  };
  const { child, ready } = await Child.start({
    label: 'the origin',
    side: 'origin',
    entry: entryPath('origin-entry', import.meta.url),
    execArgv: ['--disable-warning=ExperimentalWarning'],
    start,
    readyTimeoutMs: READY_TIMEOUT_MS,
  });
  return {
    pid: child.pid,
    host: at?.host ?? '127.0.0.1',
    port: Number(ready.port),
    counters: async () => (await child.ask({ type: 'counters' })) as OriginCounters,
    assertAlive: () => child.assertAlive(),
    stop: async () => {
      await child.terminate();
    },
  };
}
