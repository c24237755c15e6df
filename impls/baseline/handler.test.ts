import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPolicy, type PolicyInput } from '../policy/load.ts';
import { Origin } from './fixtures/origin.ts';
import { RunningProxy } from './fixtures/running-proxy.ts';
import { baseline } from './index.ts';

let origin: Origin;
let proxy: RunningProxy;

beforeEach(async () => {
  origin = await Origin.start();
});

afterEach(async () => {
  await proxy.close();
  await origin.close();
});

async function start(policy: PolicyInput = {}): Promise<void> {
  proxy = await RunningProxy.start(baseline, origin, policy);
}

const get = (target: string, ...fields: string[]): string =>
  [
    'GET ',
    target,
    ' HTTP/1.1\r\nHost: a.example\r\n',
    ...fields.map((f) => `${f}\r\n`),
    '\r\n',
  ].join('');
const CLOSE = 'Connection: close';

describe('forwarding', () => {
  test('the names, the order and the number of fields are kept both ways', async () => {
    await start({ forwarded: { xForwarded: false, via: null } });
    origin.answers = [
      'HTTP/1.1 200 Fine\r\nX-B: 1\r\nx-a: 2\r\nX-b: 3\r\nContent-Length: 0\r\n\r\n',
    ];
    const answer = await proxy.exchange(get('/p?q=%2f', 'X-B: 1', 'x-a: 2', 'X-b: 3', CLOSE));
    expect(origin.requests).toEqual([
      'GET /p?q=%2f HTTP/1.1\r\nhost: a.example\r\nconnection: keep-alive\r\nX-B: 1\r\nx-a: 2\r\nX-b: 3\r\n\r\n',
    ]);
    expect(answer).toBe(
      'HTTP/1.1 200 Fine\r\nX-B: 1\r\nx-a: 2\r\nX-b: 3\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
    );
  });

  test('what the host has read already comes first', async () => {
    await start();
    const bytes = Buffer.from(get('/begun', CLOSE));
    const front = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
      proxy.handler.handle(socket, bytes.subarray(0, 9));
      socket.resume();
    }).listen(0, '127.0.0.1');
    await once(front, 'listening');
    const address = front.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const client = connect(port, '127.0.0.1');
    client.write(bytes.subarray(9));
    const [answer] = await once(client, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(origin.requests[0]).toMatch(/^GET \/begun HTTP/);
    client.destroy();
    front.close();
  });

  test('exchanges on one connection leave nothing on its socket', async () => {
    await start();
    const { promise: accepted, resolve } = Promise.withResolvers<Socket>();
    const front = createServer({ allowHalfOpen: true }, (socket) => {
      resolve(socket);
      proxy.handler.handle(socket);
    }).listen(0, '127.0.0.1');
    await once(front, 'listening');
    const address = front.address();
    const client = connect(typeof address === 'object' && address !== null ? address.port : 0);
    const socket = await accepted;
    const listeners = (): number[] =>
      socket.eventNames().map((name) => socket.listenerCount(name.toString()));
    const counts: number[][] = [];
    for (let i = 0; i < 20; i++) {
      client.write(get('/'));
      await once(client, 'data');
      counts.push(listeners());
    }
    expect(counts.at(-1)).toEqual(counts[1]);
    client.destroy();
    front.close();
  });

  test('a client that goes away ends its upstream request', async () => {
    await start();
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    origin.answers = [(socket) => void socket.once('close', resolve)];
    const client = proxy.connect();
    client.send(get('/silent'));
    await origin.received(1);
    client.socket.resetAndDestroy();
    await ended;
  });

  test('a request on a reused connection that breaks is sent again once, if it is idempotent', async () => {
    await start();
    const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
    origin.answers = [ok, (socket) => socket.resetAndDestroy(), ok];
    const client = proxy.connect();
    client.send(get('/one'));
    await client.until(/ok$/);
    client.send(get('/two', CLOSE));
    await client.ended();
    expect(client.received.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200']);
    expect(origin.requests.map((text) => text.slice(0, 8))).toEqual([
      'GET /one',
      'GET /two',
      'GET /two',
    ]);
    expect(proxy.handler.counters().upstream).toEqual({ opened: 2, reused: 1, retried: 1 });
  });

  test('a GET on a fresh connection that breaks is answered 502, and not sent again', async () => {
    await start();
    origin.answers = [(socket) => socket.resetAndDestroy()];
    expect(await proxy.exchange(get('/', CLOSE))).toMatch(/^HTTP\/1\.1 502 Bad Gateway/);
    expect(origin.requests).toHaveLength(1);
  });

  test('a POST on a reused connection that breaks is answered 502', async () => {
    await start();
    origin.answers = [
      'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
      (socket) => socket.resetAndDestroy(),
    ];
    const post = `POST /two HTTP/1.1\r\nHost: a.example\r\n${CLOSE}\r\nContent-Length: 1\r\n\r\nx`;
    const client = proxy.connect();
    client.send(get('/one'));
    await client.until(/\r\n\r\n$/);
    client.send(post);
    await client.ended();
    expect(client.received).toContain('HTTP/1.1 502 Bad Gateway');
    expect(proxy.handler.counters().upstream).toEqual({ opened: 1, reused: 1, retried: 0 });
    expect(origin.requests).toHaveLength(2);
  });

  test('an answer that would switch protocols unasked is none', async () => {
    await start();
    origin.answers = ['HTTP/1.1 101 Sure\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'];
    expect(await proxy.exchange(get('/', CLOSE))).toMatch(/^HTTP\/1\.1 502 /);
  });

  test.each([
    'HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nX: a\x01b\r\nContent-Length: 0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nX@: a\r\nContent-Length: 0\r\n\r\n',
    'HTTP/1.1 103 Hints\r\nX: a\x01b\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
  ])(
    'an answer that node:http could not write costs its own connection at most: %j',
    async (bytes) => {
      await start();
      origin.answers = [bytes, 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'];
      expect(await proxy.exchange(get('/', CLOSE))).toMatch(/^$|^HTTP\/1\.1 502 /);
      expect(await proxy.exchange(get('/', CLOSE))).toMatch(/^HTTP\/1\.1 200 OK/);
    },
  );

  test('an answer with two lengths is none', async () => {
    await start();
    origin.answers = ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'];
    expect(await proxy.exchange(get('/', CLOSE))).toMatch(/^HTTP\/1\.1 502 /);
  });

  test('an answer that breaks off breaks the connection, without a clean answer', async () => {
    await start();
    origin.answers = [(socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort')];
    expect(await proxy.exchange(get('/'))).toBe('');
    expect(proxy.handler.counters().errors).toEqual({ 'upstream-truncated': 1 });
  });

  test('a flood of pipelined requests is held back while the first is not answered', async () => {
    await start();
    origin.answers = [() => {}];
    const client = proxy.connect();
    client.send(get('/first'));
    await origin.received(1);
    const flood = get('/more').repeat(500_000);
    client.send(flood);
    // Time enough to read all of it, told by other exchanges and not by a clock.
    origin.answers = ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'];
    for (let i = 0; i < 50; i++) await proxy.exchange(get('/other', CLOSE));
    expect(client.socket.writableLength).toBeGreaterThan(0);
    expect(origin.requests.filter((text) => text.startsWith('GET /more'))).toEqual([]);
    client.socket.destroy();
  });

  test('an upstream that says nothing in time is a 504', async () => {
    await start({ limits: { firstByteTimeout: '20ms' } });
    origin.answers = [() => {}];
    expect(await proxy.exchange(get('/', CLOSE))).toMatch(/^HTTP\/1\.1 504 Gateway Timeout\r\n/);
  });
});

describe('time limits', () => {
  test('a node:http server that is fed sockets waits for ever, whatever its timeouts (the trap)', async () => {
    await start({ limits: { headTimeout: '40ms' } });
    const fed = createHttpServer({
      headersTimeout: 20,
      requestTimeout: 20,
      connectionsCheckingInterval: 5,
    });
    const front = createServer((socket) => void fed.emit('connection', socket)).listen(
      0,
      '127.0.0.1',
    );
    await once(front, 'listening');
    const address = front.address();
    const trapped = connect(
      typeof address === 'object' && address !== null ? address.port : 0,
      '127.0.0.1',
    );
    let ended = false;
    trapped.once('end', () => {
      ended = true;
    });
    trapped.write('GET / HT');
    await once(trapped, 'connect');
    // Twice the time in which the baseline, which started later, has answered.
    for (let i = 0; i < 2; i++) {
      expect(await proxy.exchange('GET / HT')).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    }
    expect(ended).toBe(false);
    trapped.destroy();
    front.close();
    expect(proxy.handler.counters().errors).toEqual({ 'head-timeout': 2 });
  });

  test('a body that stops coming is answered 408, and nothing is forwarded', async () => {
    await start({ limits: { bodyTimeout: '30ms' } });
    const begun = 'POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 9\r\n\r\nhalf';
    expect(await proxy.exchange(begun)).toMatch(/^HTTP\/1\.1 408 /);
    expect(origin.requests).toEqual([]);
  });

  test('an idle connection is closed without a word', async () => {
    await start({ limits: { idleTimeout: '30ms' } });
    expect(await proxy.exchange('')).toBe('');
    const client = proxy.connect();
    client.send(get('/'));
    await client.ended();
    expect(client.received).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nok$/);
  });
});

describe('reload', () => {
  test('the next head sees the new policy, on the same connection', async () => {
    await start();
    const client = proxy.connect();
    client.send(get('/'));
    await client.until(/ok$/);
    const report = await proxy.handler.reload(createPolicy({ drop: { default: true } }));
    expect(report).toEqual({ rules: 0, patternsKept: 0, patternsCompiled: 0 });
    client.send(get('/', CLOSE));
    await client.ended();
    expect(client.received).toContain('HTTP/1.1 403 Forbidden');
  });

  test('a request in flight is finished under the policy it began with', async () => {
    await start();
    const { promise: held, resolve } = Promise.withResolvers<void>();
    origin.answers = [
      (socket) =>
        void held.then(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')),
    ];
    const client = proxy.connect();
    client.send(get('/', CLOSE));
    await origin.received(1);
    await proxy.handler.reload(
      createPolicy({ drop: { default: true }, responseLogging: { default: true } }),
    );
    resolve();
    await client.ended();
    expect(client.received).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(proxy.logLines).toEqual([]);
  });
});

describe('drain', () => {
  test('idle connections are closed, and a request in flight is answered with Connection: close', async () => {
    await start();
    const { promise: held, resolve } = Promise.withResolvers<void>();
    origin.answers = [
      (socket) =>
        void held.then(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')),
    ];
    const [idle, busy] = [proxy.connect(), proxy.connect()];
    await once(idle.socket, 'connect');
    busy.send(get('/'));
    await origin.received(1);
    const drained = proxy.handler.drain(30_000);
    await idle.ended();
    idle.socket.end();
    resolve();
    await busy.ended();
    busy.socket.end();
    expect(busy.received).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*Connection: close\r\n\r\nok$/);
    expect(await drained).toEqual({ finished: 2, destroyed: 0 });
  });

  test('what is left at the deadline is destroyed', async () => {
    await start();
    origin.answers = [() => {}];
    const client = proxy.connect();
    client.send(get('/'));
    await origin.received(1);
    expect(await proxy.handler.drain(10)).toEqual({ finished: 0, destroyed: 1 });
    await client.ended();
  });
});

test('counters are plain, and have no caches and pools', async () => {
  await start({ drop: { rules: [{ name: 'no', match: { methods: ['DELETE'] } }] } });
  await proxy.exchange(get('/', CLOSE));
  await proxy.exchange(`DELETE / HTTP/1.1\r\nHost: a.example\r\n${CLOSE}\r\n\r\n`);
  await proxy.exchange('nonsense\r\n\r\n');
  expect(proxy.handler.counters()).toEqual({
    requests: 2,
    responses: { '1xx': 0, '2xx': 1, '3xx': 0, '4xx': 2, '5xx': 0 },
    dropped: 1,
    errors: { 'bad-request': 1 },
    caches: {},
    pools: {},
    log: { written: 0, dropped: 0 },
    upstream: { opened: 1, reused: 0, retried: 0 },
  });
});
