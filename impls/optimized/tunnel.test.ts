import { afterEach, describe, expect, test } from 'vitest';
import type { ProxyHandler } from '../contract.ts';
import { type Peer, type RunningProxy, runProxy } from './fixtures/running-proxy.ts';

let proxy: RunningProxy | null = null;
afterEach(async () => {
  await proxy?.close();
  proxy = null;
});

const UPGRADE = 'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: ws\r\nConnection: Upgrade\r\n\r\n';
const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: ws\r\nConnection: Upgrade\r\n\r\n';
/** More than the sockets between both ends hold. */
const FLOOD_BYTES = 24 * 1024 * 1024;

/** Both ends of a tunnel that stands. */
async function open(): Promise<{ peer: Peer; upstream: Peer; handler: ProxyHandler }> {
  proxy = await runProxy();
  const peer = proxy.client({ allowHalfOpen: true });
  peer.send(UPGRADE);
  const upstream = await proxy.origin.connection(0);
  await upstream.untilText('\r\n\r\n');
  upstream.send(SWITCHED);
  await peer.untilText('\r\n\r\n');
  return { peer, upstream, handler: proxy.handler };
}

describe('a tunnel', () => {
  test.each(['client', 'upstream'])(
    'waits for a %s that does not read, and loses nothing',
    async (slow) => {
      const { peer, upstream } = await open();
      const [from, to] = slow === 'client' ? [upstream, peer] : [peer, upstream];
      const before = to.received.length;
      to.socket.pause();
      let flushed = false;
      from.socket.write(Buffer.alloc(FLOOD_BYTES, 'x'), () => {
        flushed = true;
      });
      // The other way is open meanwhile.
      to.send('still here');
      await from.untilText('still here');
      expect(flushed).toBe(false);
      to.socket.resume();
      await to.until((end) => end.received.length === before + FLOOD_BYTES);
      to.send('and now');
      await from.untilText('and now');
    },
  );

  test('ends for the upstream if the client had ended before it stood', async () => {
    proxy = await runProxy();
    const peer = proxy.client({ allowHalfOpen: true });
    peer.socket.end(UPGRADE);
    const upstream = await proxy.origin.connection(0);
    await upstream.untilText('\r\n\r\n');
    upstream.send(SWITCHED);
    await upstream.until((end) => end.ended);
    upstream.socket.end('bye');
    await peer.until((end) => end.ended);
    expect(peer.received).toBe(`${SWITCHED}bye`);
  });

  test('breaks off for the client if the upstream breaks off', async () => {
    const { peer, upstream } = await open();
    upstream.socket.resetAndDestroy();
    await peer.untilClosed();
    expect(peer.failed).toBe(true);
  });
});
