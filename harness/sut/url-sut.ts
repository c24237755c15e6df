/**
 * A proxy that runs already, behind a URL. Nothing of it is known but its address: it is not started,
 * not asked, not pinned and never ended.
 */
import { connect } from 'node:net';
import { HopmarkError } from '../model/error.ts';
import { formatAddress, type LoopbackAddress, parseProxyUrl } from './loopback-address.ts';
import type { SystemUnderTest } from './system-under-test.ts';

const CONNECT_TIMEOUT_MS = 5000;

/** Finds it there. Rejects with a HopmarkError if the URL is wrong or nothing listens. */
export async function reachUrl(spec: string, label: string): Promise<SystemUnderTest> {
  const address = parseProxyUrl(spec);
  await reach(address, label);
  const cannot = (): Promise<never> =>
    Promise.reject(new Error(`${label} cannot be asked for this`));
  return {
    label,
    ...address,
    kind: 'url',
    name: formatAddress(address),
    version: null,
    capabilities: ['forwarding'],
    skips: [],
    exited: new Promise(() => {}),
    processes: () => [],
    counters: async () => null,
    memory: async () => ({
      rssBytes: null,
      allocatedBytes: null,
      gcTimeMs: null,
      collections: null,
    }),
    outputBytes: async () => null,
    reload: cannot,
    settledMemory: cannot,
    startProfile: cannot,
    stopProfile: cannot,
    assertAlive: () => {},
    terminate: async () => ({ exitCode: 0, signal: null, killed: false }),
    kill: async () => ({ exitCode: 0, signal: null }),
  };
}

function reach({ host, port }: LoopbackAddress, label: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: CONNECT_TIMEOUT_MS });
    const fail = (why: string): void => {
      socket.destroy();
      const message = `nothing can be reached at ${label}: ${why}`;
      const remedy = 'Start the proxy first; it stays yours and is not ended.';
      reject(new HopmarkError('sut', 'unreachable', message, { remedy }));
    };
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('timeout', () => fail(`no connection within ${CONNECT_TIMEOUT_MS / 1000} s`));
    socket.once('error', ({ message }) => fail(message));
  });
}
