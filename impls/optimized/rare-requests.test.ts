/** What clients and upstreams seldom do, seen from both of them. */
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { ProxyHandler } from '../contract.ts';
import type { Policy } from '../policy/policy.ts';
import { testPolicy } from './fixtures/policy.ts';
import { type RunningProxy, runProxy } from './fixtures/running-proxy.ts';

let proxy: RunningProxy | null = null;
afterEach(async () => {
  await proxy?.close();
  proxy = null;
});

interface Setting {
  readonly policy?: Policy;
  readonly upstreamPort?: number;
  readonly handOver?: (handler: ProxyHandler, socket: Socket) => void;
}

async function start({ policy, upstreamPort, handOver }: Setting = {}): Promise<RunningProxy> {
  proxy = await runProxy(policy, upstreamPort, undefined, handOver);
  return proxy;
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
const CAPTURE = { method: true, path: true, headers: true, body: true, timing: true };

describe("an upstream's answer", () => {
  test.each([
    ['without a reason', 'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok', OK],
    [
      'without a reason, of a status that has no name',
      'HTTP/1.1 299\r\nContent-Length: 2\r\n\r\nok',
      OK.replace('200 OK', '299 '),
    ],
    ['with zeros before its length', 'HTTP/1.1 200 OK\r\nContent-Length: 002\r\n\r\nok', OK],
    [
      'that has no body, with zeros before its length',
      'HTTP/1.1 204 No Content\r\nContent-Length: 002\r\n\r\n',
      'HTTP/1.1 204 No Content\r\n\r\n',
    ],
  ])('%s is mended', async (_, answer, received) => {
    const { client, origin } = await start();
    origin.answerAll(answer);
    const peer = client();
    peer.send(GET);
    await peer.until((end) => end.received.length >= received.length);
    expect(peer.received).toBe(received);
  });
});

describe('a client', () => {
  test('may send a long target in pieces without an end in sight', async () => {
    const policy = testPolicy({ limits: { headBytes: 32_768, targetBytes: 16_384 } });
    const { client, origin } = await start({ policy });
    origin.answerAll(OK);
    const peer = client();
    const target = `/${'a'.repeat(9000)}`;
    const request = GET.replace('/', target);
    for (let from = 0; from < request.length; from += 1500) {
      await new Promise<void>((resolve) => {
        peer.socket.write(request.slice(from, from + 1500), 'latin1', () => resolve());
      });
      // So that each piece is a read of its own.
      await new Promise(setImmediate);
    }
    await peer.untilText('ok');
    expect(origin.connections[0]?.received).toBe(request);
  });

  test('that floods after it was refused is cut off', async () => {
    const { client } = await start();
    const peer = client({ allowHalfOpen: true });
    peer.send('GET / HTTP/9.9\r\n\r\n');
    await peer.until((end) => end.ended);
    const flood = 'x'.repeat(64 * 1024);
    while (!peer.closed && peer.socket.writable) {
      await new Promise<void>((resolve) => peer.socket.write(flood, () => resolve()));
    }
    await peer.untilClosed();
    expect(peer.received).toMatch(/^HTTP\/1\.1 505 /);
  });

  test('that ends within its second request gets its first answer and is told', async () => {
    const { client, origin } = await start();
    const peer = client({ allowHalfOpen: true });
    peer.socket.end(`${GET}GET /half`);
    const upstream = await origin.connection(0);
    await upstream.untilText('\r\n\r\n');
    upstream.send(OK);
    await peer.until((end) => end.ended);
    expect(peer.received.startsWith(OK)).toBe(true);
    expect(peer.received.slice(OK.length)).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('that goes away while its request is held for a rule leaves nothing behind', async () => {
    const match = { body: { patterns: [{ source: 'secret', flags: '' }] } };
    const response = { statusCode: 403, body: '', headers: {} };
    const policy = testPolicy({
      drop: { default: false, rules: [{ name: 'r', match, response }] },
    });
    const { accepted, client, handler, origin } = await start({ policy });
    const peer = client();
    const request = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\nhalf';
    peer.send(request);
    while ((accepted[0]?.bytesRead ?? 0) < request.length) await new Promise(setImmediate);
    peer.socket.resetAndDestroy();
    await new Promise<void>((resolve) => {
      if (accepted[0]?.closed === true) resolve();
      else accepted[0]?.once('close', () => resolve());
    });
    expect(origin.connections).toEqual([]);
    expect(await handler.drain(60_000)).toEqual({ finished: 0, destroyed: 0 });
  });
});

describe('a connection that is handed over', () => {
  test('with bytes that were read from it is served from these on', async () => {
    const { client, origin } = await start({
      handOver: (handler, socket) => handler.handle(socket, Buffer.from('GET /first')),
    });
    origin.answerAll(OK);
    const peer = client();
    peer.send(' HTTP/1.1\r\nHost: x\r\n\r\n');
    await peer.untilText('ok');
    expect(origin.connections[0]?.received).toBe('GET /first HTTP/1.1\r\nHost: x\r\n\r\n');
  });

  test('with none of them, as usual', async () => {
    const { client, origin } = await start({
      handOver: (handler, socket) => handler.handle(socket, new Uint8Array()),
    });
    origin.answerAll(OK);
    const peer = client();
    peer.send(GET);
    await peer.untilText('ok');
  });

  test('when it is gone already is let go', async () => {
    const { client, handler } = await start({
      handOver: (to, socket) => {
        socket.destroy();
        to.handle(socket);
      },
    });
    await client().untilClosed();
    expect(handler.counters().requests).toBe(0);
  });

  test('while the proxy drains is closed, if it has asked for nothing', async () => {
    const running = await start();
    const busy = running.client();
    busy.send(GET);
    const upstream = await running.origin.connection(0);
    await upstream.untilText('\r\n\r\n');
    const drained = running.handler.drain(60_000);
    await running.client().untilClosed();
    upstream.send(OK);
    await busy.untilClosed();
    expect(await drained).toMatchObject({ destroyed: 0 });
  });

  test('by TLS says so to the upstream, and is broken off without a reset', async () => {
    const policy = testPolicy({ forwarded: { xForwarded: true, forwarded: true, via: null } });
    const { client, origin } = await start({
      policy,
      handOver: (handler, socket) => handler.handle(Object.assign(socket, { encrypted: true })),
    });
    const peer = client();
    peer.send(GET);
    const upstream = await origin.connection(0);
    await upstream.untilText('\r\n\r\n');
    expect(upstream.received).toContain('X-Forwarded-Proto: https\r\n');
    expect(upstream.received).toContain('Forwarded: for=127.0.0.1;proto=https;host="x"\r\n');
    upstream.socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe');
    await peer.untilClosed();
    expect(peer.received.endsWith('he')).toBe(true);
  });

  test('of an IPv6 peer is named in brackets and quotes, and an empty Host not at all', async () => {
    const policy = testPolicy({ forwarded: { xForwarded: true, forwarded: true, via: null } });
    const { client, origin } = await start({
      policy,
      handOver: (handler, socket) =>
        handler.handle(Object.defineProperty(socket, 'remoteAddress', { value: '::1' })),
    });
    origin.answerAll(OK);
    const peer = client();
    peer.send('GET / HTTP/1.1\r\nHost:\r\n\r\n');
    await peer.until((end) => end.received.length > 0);
    const upstream = await origin.connection(0);
    expect(upstream.received).toContain('Forwarded: for="[::1]";proto=http\r\n');
    expect(upstream.received).not.toContain('X-Forwarded-Host');
  });
});

describe('the log', () => {
  const linesOf = async (running: RunningProxy): Promise<readonly Record<string, unknown>[]> => {
    await running.handler.close();
    return running.lines.map((line) => JSON.parse(line));
  };

  test('has no line of a request whose body no rule is about', async () => {
    const match = { body: { patterns: [{ source: 'secret', flags: '' }] } };
    const rules = [{ name: 'bodies', match, capture: CAPTURE }];
    const running = await start({ policy: testPolicy({ logging: { default: false, rules } }) });
    running.origin.answerAll(OK);
    const peer = running.client();
    for (const [body, times] of [
      ['plain!', 1],
      ['secret', 2],
    ] as const) {
      peer.send(`POST /${body} HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\n${body}`);
      await peer.until((end) => end.received === OK.repeat(times));
    }
    const lines = await linesOf(running);
    expect(lines).toHaveLength(1);
    expect(JSON.stringify(lines)).toContain('/secret');
  });

  test('has the line of a request with an empty line before it', async () => {
    const policy = testPolicy({ logging: { default: true, rules: [] } });
    const running = await start({ policy });
    running.origin.answerAll(OK);
    const peer = running.client();
    peer.send(`\r\n${GET.replace('/', '/after')}`);
    await peer.untilText('ok');
    expect(JSON.stringify(await linesOf(running))).toContain('/after');
  });

  test('has an answer of our own without fields', async () => {
    const match = { statusCodes: [[500, 599] as const] };
    const rules = [
      { name: 'failures', match, capture: { headers: true, body: true, timing: true } },
    ];
    const policy = testPolicy({ responseLogging: { default: false, rules } });
    // Nothing listens there.
    const running = await start({ policy, upstreamPort: 1 });
    const peer = running.client();
    peer.send(GET);
    await peer.untilText(' 502 ');
    const lines = await linesOf(running);
    expect(lines).toHaveLength(1);
    expect(JSON.stringify(lines)).toContain('failures');
  });

  test('is decided by the beginning of a header that is longer than patterns see', async () => {
    const limits = { headBytes: 64 * 1024 };
    const pattern = { source: 'x$', flags: '' };
    const rules = [{ name: 'long', match: { headers: { 'x-long': pattern } }, capture: CAPTURE }];
    const running = await start({
      policy: testPolicy({ limits, logging: { default: false, rules } }),
    });
    running.origin.answerAll(OK);
    const peer = running.client();
    // Its end would not match, and where it is cut off does.
    peer.send(`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(40_000)}y\r\n\r\n`);
    await peer.untilText('ok');
    expect(await linesOf(running)).toHaveLength(1);
  });
});
