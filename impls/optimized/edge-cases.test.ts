import { afterEach, expect, test } from 'vitest';
import { type RunningProxy, runProxy } from './fixtures/running-proxy.ts';
import { equalsIgnoringCase } from './known-fields.ts';

let proxy: RunningProxy | null = null;

afterEach(async () => {
  await proxy?.close();
  proxy = null;
});

async function start(monotonicMs?: () => number): Promise<RunningProxy> {
  proxy = await runProxy(undefined, undefined, monotonicMs);
  return proxy;
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

/** A client whose upstream connection has served one request and is idle. */
async function withIdleUpstream({ client, origin }: RunningProxy) {
  const peer = client();
  peer.send(GET);
  const upstream = await origin.connection(0);
  await upstream.untilText('\r\n\r\n');
  upstream.send(OK);
  await peer.untilText('ok');
  return { peer, upstream };
}

test('slow clients get their own bytes, however their writes wait', async () => {
  const { client, origin } = await start();
  const size = 12 * 1024 * 1024;
  origin.onConnection = (upstream) => {
    upstream.socket.on('data', () => {
      const letter = /^GET \/(.)/.exec(upstream.received)?.[1] ?? '?';
      upstream.send(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
      upstream.socket.write(Buffer.alloc(size, letter));
    });
  };
  const letters = ['a', 'b', 'c', 'd'];
  const peers = letters.map((letter) => {
    const peer = client();
    peer.socket.pause();
    peer.send(GET.replace('/', `/${letter}`));
    return peer;
  });
  await origin.connection(3);
  for (const peer of peers) peer.socket.resume();
  for (const [i, peer] of peers.entries()) {
    await peer.until((p) => p.received.length > size);
    expect(peer.received.slice(-size).replaceAll(letters[i] ?? '', '')).toBe('');
  }
});

test('an answer that broke within its head is not asked for again', async () => {
  const running = await start();
  const { peer, upstream } = await withIdleUpstream(running);
  peer.send(GET);
  await upstream.until((p) => p.received === GET + GET);
  upstream.socket.end('HTTP/1.1 20');
  await peer.untilText(' 502 ');
  expect(running.handler.counters().upstream.retried).toBe(0);
});

test('a body that was not held whole is not sent again', async () => {
  const running = await start();
  const { peer, upstream } = await withIdleUpstream(running);
  peer.send('PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe');
  await upstream.until((p) => p.received.endsWith('he'));
  peer.send('llo');
  await upstream.until((p) => p.received.endsWith('llo'));
  upstream.socket.resetAndDestroy();
  await peer.untilText(' 502 ');
  expect(running.handler.counters().upstream.retried).toBe(0);
});

test('an idle upstream connection that speaks is closed', async () => {
  // The clock stands still, so that it is not the idle time that closes it.
  const { upstream } = await withIdleUpstream(await start(() => 1));
  await new Promise(setImmediate);
  upstream.send('HTTP/1.1 408 Request Timeout\r\n\r\n');
  await upstream.until((p) => p.ended || p.closed);
});

test('an upstream cannot go on with interim answers for ever', async () => {
  const { client, origin } = await start();
  origin.answerAll('HTTP/1.1 102 Processing\r\n\r\n'.repeat(1000));
  const peer = client();
  peer.send(GET);
  await peer.untilText(' 502 ');
  expect(peer.received.match(/ 102 /g)).toHaveLength(64);
});

test('what is read ahead of its turn is bounded', async () => {
  const { accepted, client, origin } = await start();
  const peer = client();
  peer.send(GET);
  await origin.connection(0);
  const flood = GET.repeat(2_000_000);
  peer.send(flood);
  // Time to read it all if nothing held it back; too short a time cannot make the test fail.
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(accepted[0]?.bytesRead).toBeLessThan(256 * 1024);
});

test('h2c is not an upgrade that goes on', async () => {
  const { client, origin } = await start();
  origin.answerAll(OK);
  const peer = client();
  peer.send(
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\nUpgrade: websocket\r\n\r\n',
  );
  await peer.untilText('ok');
  expect(origin.connections[0]?.received).toBe(GET);
});

test('names are compared exactly but for the case of letters', () => {
  const name = Buffer.from('x_a^b-1');
  const equals = (text: string) => equalsIgnoringCase(Buffer.from(text), 0, name);
  expect(['x_a^b-1', 'X_A^B-1', 'x\x7fa~b-1', 'x_a^b\r1', 'x-a^b-1'].map(equals)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
