/**
 * The process of a system under test: loads one implementation, listens on a loopback port that
 * the system chooses, hands every connection to the handler, and answers questions about itself.
 * If what it loads is the definition of a program, it becomes that program's keeper instead
 * (`external-host.ts`). It measures nothing; it never writes to standard output.
 *
 * It ends on SIGTERM (after a drain), when its parent goes away, and on nothing else: the terminal
 * sends SIGINT to the whole group, and it is the parent who decides then.
 */
import { createWriteStream } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import type { LogSink, ProxyHandler } from '../../impls/contract.ts';
import { resolveAny } from '../../impls/registry.ts';
import { AllocationCounter } from './allocation-count.ts';
import type { ChildMessage, ChildRequest, ChildStart, MemoryReading } from './child-protocol.ts';
import { keepCompiledCode } from './code-cache.ts';
import { CollectionLog } from './collection-log.ts';
import type { ExternalSource } from './external-host.ts';
import { readSettledMemory } from './settled-memory.ts';
import { describeError, endWithFailure } from './start-failure.ts';
import { tierUpEarly } from './tier-up.ts';

const allocations = new AllocationCounter();
const collections = new CollectionLog();
/** What is done when the parent has gone. */
let leave = (): void => process.exit(0);

function send(message: ChildMessage): void {
  process.send?.(message);
}

async function start(options: ChildStart): Promise<void> {
  const resolved = await resolveAny(options.spec);
  if (resolved.kind === 'command') {
    if (options.reloadEveryMs !== null) {
      throw (await import('./reloading.ts')).cannotReload(options.spec);
    }
    return keep(resolved, options);
  }
  const { implementation } = resolved;
  const created = await implementation.create({
    upstream: options.upstream,
    policy: options.policy,
    log: openLog(options.logPath),
    clock: { nowMs: Date.now, monotonicMs: () => performance.now() },
  });
  const handler = await injected(created, options.injection);
  if (options.reloadEveryMs !== null) {
    const { reloadAgainAndAgain } = await import('./reloading.ts');
    reloadAgainAndAgain(handler, options.policy, options.reloadEveryMs);
  }
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket: Socket) =>
    handler.handle(socket),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was assigned');

  process.on('SIGTERM', () => {
    server.close();
    handler.drain(options.drainDeadlineMs).then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
  process.on('message', (message: ChildRequest) => {
    void answer(handler, message);
  });
  keepCompiledCode();
  tierUpEarly();
  send({
    type: 'ready',
    port: address.port,
    identity: {
      kind: 'module',
      name: implementation.name,
      version: implementation.version ?? null,
      capabilities: implementation.capabilities,
      skips: implementation.skips ?? [],
    },
  });
}

/** Loaded only where it is asked for, as the injection is. */
async function keep(source: ExternalSource, options: ChildStart): Promise<void> {
  const { ExternalHost } = await import('./external-host.ts');
  const host = new ExternalHost(source, options, send);
  leave = () => void host.leave();
  await host.start();
}

/** Loaded only where it is asked for: a process that is measured as it is holds nothing of it. */
async function injected(
  handler: ProxyHandler,
  injection: ChildStart['injection'],
): Promise<ProxyHandler> {
  if (injection === null) return handler;
  const { injectInto } = await import('./injection.ts');
  return injectInto(handler, injection);
}

/** Log lines leave through an ordinary append to a file, as they would in production. */
function openLog(path: string): LogSink {
  const stream = createWriteStream(path, { flags: 'a' });
  stream.on('error', () => {});
  return {
    write: (lines, done) => {
      stream.write(lines, (error) => done(error ?? null));
    },
  };
}

async function answer(handler: ProxyHandler, request: ChildRequest): Promise<void> {
  if (request.type === 'start') return;
  try {
    send({ type: 'answer', id: request.id, value: await answerTo(handler, request) });
  } catch (error) {
    send({ type: 'answer-failed', id: request.id, message: describeError(error).message });
  }
}

async function answerTo(
  handler: ProxyHandler,
  request: Exclude<ChildRequest, { type: 'start' }>,
): Promise<unknown> {
  switch (request.type) {
    case 'counters':
      return handler.counters();
    case 'memory':
      return readMemory();
    case 'output':
      throw new Error('only a command has output');
    case 'settled-memory':
      // What the counter keeps of collections is given back, not taken for the proxy's.
      allocations.read();
      collections.take();
      return readSettledMemory();
    case 'reload':
      await handler.reload(request.policy);
      return null;
    case 'profile-start':
      await (await import('./profiler.ts')).startProfile(request.kind);
      return null;
    case 'profile-stop':
      await (await import('./profiler.ts')).stopProfile(request.kind, request.path);
      return null;
  }
}

function readMemory(): MemoryReading {
  const count = allocations.read();
  const { rss, heapUsed, external } = process.memoryUsage();
  return {
    rssBytes: rss,
    heapUsedBytes: heapUsed,
    externalBytes: external,
    ...count,
    collections: collections.take(),
  };
}

process.on('SIGINT', () => {});
process.on('disconnect', () => leave());

process.once('message', (message: ChildRequest) => {
  if (message.type !== 'start') throw new Error(`expected a start message, got ${message.type}`);
  start(message.options).catch(endWithFailure);
});
