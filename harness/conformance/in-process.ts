/**
 * Runs an implementation behind a listener in this process, for tests of implementations and of
 * the suite itself. A benchmark never does this: it gives each proxy a process.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { CONFORMANCE_CASES } from '../../impls/conformance/index.ts';
import type { LogSink, ProxyImplementation, Tier } from '../../impls/contract.ts';
import type { CaseResult } from '../model/conformance.ts';
import type { OpenProxy } from './proxy-under-test.ts';
import { type ConformanceOptions, runConformance } from './run-conformance.ts';

/** How long requests in flight may take when the proxy is told to end. */
const DRAIN_DEADLINE_MS = 500;

/** Opens the implementation as a host must by the contract, in this process. */
export function openInProcess(implementation: ProxyImplementation): OpenProxy {
  return async (policy, upstream) => {
    const log = new CollectedLog();
    const handler = await implementation.create({
      upstream,
      policy,
      log,
      clock: { nowMs: () => Date.now(), monotonicMs: () => performance.now() },
    });
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      handler.handle(socket),
    );
    server.listen({ port: 0, host: '127.0.0.1', backlog: 511 });
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port was bound');
    const { promise: exited, resolve: exit } = Promise.withResolvers<{ exitCode: number | null }>();
    return {
      host: '127.0.0.1',
      port: address.port,
      exited,
      logLines: async () => log.lines(),
      counters: async () => handler.counters(),
      reload: async (next) => {
        await handler.reload(next);
      },
      terminate: async () => {
        server.close();
        await handler.drain(DRAIN_DEADLINE_MS);
        await handler.close();
        exit({ exitCode: 0 });
        return { exitCode: 0 };
      },
      kill: async () => {
        server.close();
        await handler.close();
        exit({ exitCode: null });
      },
    };
  };
}

/** A sink that takes everything at once. */
class CollectedLog implements LogSink {
  #text = '';

  write(lines: Uint8Array, done: (error: Error | null) => void): void {
    this.#text += Buffer.from(lines).toString('utf8');
    queueMicrotask(() => done(null));
  }

  lines(): readonly string[] {
    const lines = this.#text.split('\n');
    lines.pop();
    return lines;
  }
}

/**
 * For an implementation's own tests: runs the cases of the tiers that it claims, or those that are
 * given, with its declared skips, and returns what failed, readable in an assertion's message.
 */
export async function failuresInProcess(
  implementation: ProxyImplementation,
  options: Partial<Pick<ConformanceOptions, 'cases' | 'waitMs'>> = {},
): Promise<readonly string[]> {
  const claimed: readonly Tier[] = implementation.capabilities;
  const result = await runConformance({
    open: openInProcess(implementation),
    cases: options.cases ?? CONFORMANCE_CASES.filter((one) => claimed.includes(one.tier)),
    skips: implementation.skips ?? [],
    knownIds: CONFORMANCE_CASES.map((one) => one.id),
    ...(options.waitMs === undefined ? {} : { waitMs: options.waitMs }),
  });
  return result.cases.flatMap(describeFailure);
}

function describeFailure(result: CaseResult): readonly string[] {
  return result.status === 'failed' ? [`${result.id}: ${result.failures.join('; ')}`] : [];
}
