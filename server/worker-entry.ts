/**
 * The process of a worker: loads one implementation, listens, hands every connection to the handler,
 * and answers what the server asks. It ends after a drain, and at once when the server has gone;
 * signals of the terminal are the server's to judge.
 */
import { createServer, type Server } from 'node:net';
import type { ProxyHandler } from '../impls/contract.ts';
import { RegistryError, resolveImplementation } from '../impls/registry.ts';
import { type LogDestination, openLogDestination } from './log-destination.ts';
import type { FromWorker, ToWorker, WorkerQuestion, WorkerStart } from './worker-messages.ts';

const BACKLOG = 4096;
/** The system calls of listening. */
const LISTENING: ReadonlySet<string> = new Set(['listen', 'bind', 'getaddrinfo']);

interface Serving {
  readonly server: Server;
  readonly handler: ProxyHandler;
  readonly log: LogDestination;
}

/** The message has left when the promise resolves. */
function say(message: FromWorker): Promise<void> {
  return new Promise((resolve) => process.send?.(message, () => resolve()));
}

async function start(options: WorkerStart): Promise<Serving> {
  const implementation = await resolveImplementation(options.spec);
  const log = openLogDestination(options.logPath);
  const handler = await implementation.create({
    upstream: options.upstream,
    policy: options.policy,
    log,
    clock: { nowMs: Date.now, monotonicMs: () => performance.now() },
  });
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
    handler.handle(socket),
  );
  const port = await listen(server, options);
  const { name, version = null } = implementation;
  await say({ type: 'ready', port, name, version });
  return { server, handler, log };
}

function listen(server: Server, { host, port, sharesPort }: WorkerStart): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: BACKLOG, reusePort: sharesPort }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

async function answer(serving: Serving, { id, ...question }: { id: number } & WorkerQuestion) {
  try {
    await say({ type: 'answer', id, value: await answerTo(serving, question) });
  } catch (error) {
    await say({ type: 'refused', id, message: messageOf(error) });
  }
  if (question.type === 'drain') process.exit(0);
}

async function answerTo(serving: Serving, question: WorkerQuestion): Promise<unknown> {
  const { server, handler, log } = serving;
  switch (question.type) {
    case 'counters':
      return handler.counters();
    case 'reload': {
      log.reopen();
      return await handler.reload(question.policy);
    }
    case 'drain': {
      server.close();
      const report = await handler.drain(question.deadlineMs);
      // What is queued for the log is written.
      await handler.close();
      return { ...report, counters: handler.counters() };
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The code of an error with which listening fails, an address that is unknown included. */
function listenCode(error: unknown): string | null {
  if (!(error instanceof Error && 'code' in error && 'syscall' in error)) return null;
  return LISTENING.has(String(error.syscall)) ? String(error.code) : null;
}

async function fail(error: unknown): Promise<never> {
  await say({
    type: 'failed',
    message: messageOf(error),
    remedy: error instanceof RegistryError ? error.remedy : '',
    code: listenCode(error),
    isUsage: error instanceof RegistryError,
  });
  process.exit(1);
}

process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('SIGHUP', () => {});
process.on('disconnect', () => process.exit(1));

process.once('message', (message: ToWorker) => {
  if (!('start' in message)) throw new Error('a worker is told first what to serve');
  start(message.start).then(
    (serving) =>
      process.on('message', (next: { id: number } & WorkerQuestion) => void answer(serving, next)),
    fail,
  );
});
