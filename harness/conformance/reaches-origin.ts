/**
 * Whether a proxy that runs already forwards to where it is said to: one request, and a server that
 * waits for it there. It checks nothing else.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import type { OriginAddress } from './test-upstreams.ts';

/**
 * Sends a request to `proxy` and resolves to whether it arrived at `origin` within `boundMs`. Rejects
 * with the system's error if nothing can listen there.
 */
export async function reachesOrigin(
  proxy: OriginAddress,
  origin: OriginAddress,
  boundMs: number,
): Promise<boolean> {
  const target = `/.hopmark-${randomUUID()}`;
  let arrived = false;
  const server = createServer((request, response) => {
    arrived ||= request.url === target;
    response.end();
  });
  server.listen(origin.port, origin.host);
  await once(server, 'listening');
  try {
    await request(proxy, target, boundMs);
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
  return arrived;
}

/** Resolves when there is an answer, or none in time. */
function request(proxy: OriginAddress, path: string, boundMs: number): Promise<void> {
  return new Promise((resolve) => {
    const sent = get({ ...proxy, path, agent: false, timeout: boundMs }, (response) => {
      response.resume();
      response.once('close', resolve);
    });
    sent.once('timeout', () => sent.destroy());
    sent.once('error', () => resolve());
  });
}
