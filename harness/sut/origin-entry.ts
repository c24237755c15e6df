/**
 * The origin's process, started with `child_process.fork` and told what to do in the messages of
 * `origin-protocol.ts`. It ends when told to, and when its parent is gone, however that happened.
 */
import { prepareTraffic } from '../scenarios/traffic.ts';
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
    const text = error instanceof Error ? error.message : String(error);
    process.send?.({ type: 'failed', message: text } satisfies OriginReply, () => process.exit(1));
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
    origin = await startOrigin({ traffic: prepareTraffic(request.scenario, request.seed) });
    reply({ type: 'ready', port: origin.port });
  }
}

function reply(message: OriginReply): void {
  process.send?.(message);
}
