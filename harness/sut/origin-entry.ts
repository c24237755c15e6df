/**
 * The origin's process, started with `child_process.fork` and told what to do in the messages of
 * `origin-protocol.ts`. It ends when told to, and when its parent is gone, however that happened.
 */
import { prepareTraffic } from '../scenarios/traffic.ts';
import { keepCompiledCode } from './code-cache.ts';
import type { OriginReply } from './origin-protocol.ts';
import { originRequestSchema } from './origin-protocol.ts';
import type { OriginServer } from './origin-server.ts';
import { startOrigin } from './origin-server.ts';

let origin: OriginServer | undefined;

// Ctrl-C reaches the whole foreground group: the parent decides when the origin goes.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(0));
process.on('message', (message) => {
  handle(message).catch((error: unknown) => {
    process.send?.(failure(error) satisfies OriginReply, () => process.exit(1));
  });
});

async function handle(message: unknown): Promise<void> {
  const request = originRequestSchema.parse(message);
  if (request.type === 'stop') {
    await origin?.close();
    process.disconnect?.();
  } else if (request.type === 'counters') {
    if (origin === undefined) throw new Error('asked for counters before it was started');
    reply({ type: 'answer', id: request.id, value: origin.counters() });
  } else {
    if (origin !== undefined) throw new Error('started twice');
    const { scenario, seed, at } = request;
    const traffic = prepareTraffic(scenario, seed);
    origin = await startOrigin({ traffic, ...(at === undefined ? {} : { at }) });
    keepCompiledCode();
    reply({ type: 'ready', port: origin.port });
  }
}

function failure(error: unknown): Extract<OriginReply, { type: 'failed' }> {
  const message = error instanceof Error ? error.message : String(error);
  const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  return inUse
    ? {
        type: 'failed',
        code: 'origin-in-use',
        message: `the origin cannot listen there: ${message}`,
        usersFault: true,
        remedy: ORIGIN_IN_USE,
      }
    : { type: 'failed', code: 'start-failed', message, usersFault: false, remedy: '' };
}

const ORIGIN_IN_USE =
  'Stop what listens there: during a run hopmark is itself the origin that the proxy forwards to.';

function reply(message: OriginReply): void {
  process.send?.(message);
}
