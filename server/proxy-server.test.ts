import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createPolicy } from '../impls/policy/load.ts';
import { openAdmin } from './admin.ts';
import { ProxyServer, type ServerEvent, type ServerOptions } from './proxy-server.ts';

const CRASHES = fileURLToPath(new URL('./fixtures/crashes-on-request.ts', import.meta.url));
const CANNOT = fileURLToPath(new URL('./fixtures/cannot-create.ts', import.meta.url));

let origin: Server;
/** Requests that the origin answers when it is told to. */
const held: (() => void)[] = [];
let onHeld: (() => void) | null = null;

beforeAll(async () => {
  origin = createServer((request, response) => {
    if (request.url !== '/held') {
      response.end('ok');
      return;
    }
    held.push(() => response.end('at last'));
    onHeld?.();
  });
  origin.listen(0, '127.0.0.1');
  await once(origin, 'listening');
});
afterAll(() => origin.close());

/** Started by the test that runs. */
let running: ProxyServer | null = null;
afterEach(async () => {
  await running?.kill();
  running = null;
  held.length = 0;
});

const events: ServerEvent[] = [];
const watchers = new Set<() => void>();

async function start(options: Partial<ServerOptions> = {}): Promise<ProxyServer> {
  events.length = 0;
  watchers.clear();
  running = await ProxyServer.start({
    spec: 'optimized',
    policy: createPolicy({ logging: { default: true } }),
    upstream: {
      protocol: 'http:',
      host: '127.0.0.1',
      port: (origin.address() as AddressInfo).port,
    },
    host: '127.0.0.1',
    port: 0,
    workers: 2,
    logPath: null,
    output: new PassThrough().resume(),
    onEvent: (event) => {
      events.push(event);
      for (const look of watchers) look();
    },
    ...options,
  });
  return running;
}

/** Resolves when an event of this kind has come so often. */
function seen(kind: ServerEvent['kind'], count = 1): Promise<void> {
  return new Promise((done) => {
    const look = (): void => {
      if (events.filter((event) => event.kind === kind).length < count) return;
      watchers.delete(look);
      done();
    };
    watchers.add(look);
    look();
  });
}

/** The answer to one request on a connection of its own, or how the connection ended. */
async function ask({ port }: { port: number }, target: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.write(`GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
  let received = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    received += text;
  });
  const how = await new Promise<string>((done) => {
    socket.once('error', (error) => done(error.message));
    socket.once('end', () => done('ended'));
  });
  socket.destroy();
  return received === '' ? how : received.replace(/^.*\r\n\r\n/s, '');
}

describe('workers', () => {
  test('share a port, and their counters are those of one proxy', async () => {
    const server = await start({ workers: 3 });
    const { port, workers, workersWanted, restarts } = server.state();
    expect({ count: workers.length, workersWanted, restarts }).toEqual({
      count: 3,
      workersWanted: 3,
      restarts: 0,
    });
    expect(new Set(workers.map(({ pid }) => pid)).size).toBe(3);
    for (let index = 0; index < 60; index += 1) expect(await ask({ port }, '/a')).toBe('ok');
    expect(await server.counters()).toMatchObject({ requests: 60, responses: { '2xx': 60 } });
    const { counters, destroyed } = await server.drain(10_000);
    expect({ counters, destroyed }).toMatchObject({
      counters: { requests: 60, log: { written: 60, dropped: 0 } },
      destroyed: 0,
    });
    // One request at a time: each worker that served has opened one connection of its own.
    expect(counters?.upstream.opened).toBeGreaterThan(1);
  });

  test('one that ends is started anew, and what it had counted last is not forgotten', async () => {
    const server = await start({ spec: CRASHES });
    const { port, workers } = server.state();
    expect(await ask({ port }, '/a')).toBe('ok');
    expect((await server.counters())?.requests).toBe(1);
    await ask({ port }, '/crash');
    await seen('worker-started');
    expect(events[0]).toMatchObject({ kind: 'worker-ended', how: 'code 7' });
    const now = server.state();
    expect(now.restarts).toBe(1);
    expect(now.workers).toHaveLength(2);
    expect(now.workers.filter(({ pid }) => workers.some((old) => old.pid === pid))).toHaveLength(1);
    expect(await ask({ port }, '/b')).toBe('ok');
    expect((await server.counters())?.requests).toBe(2);
  });

  test('that end again and again make the server give up, which says so', async () => {
    const server = await start({ spec: CRASHES, workers: 1, restartMs: 1 });
    const { port } = server.state();
    const gaveUp = seen('gave-up');
    let crashes = 0;
    const crashAgain = async (): Promise<void> => {
      crashes += 1;
      await ask({ port }, '/crash');
      await seen('worker-started', crashes);
      await crashAgain();
    };
    void crashAgain();
    await gaveUp;
    expect(events.at(-1)).toMatchObject({ error: { message: /6 workers in a row ended/ } });
  });
});

describe('a policy', () => {
  const dropping = createPolicy({
    drop: {
      rules: [{ name: 'x', match: { path: { patterns: ['^/x$'] } }, response: { body: 'no' } }],
    },
  });

  test('is put in force in every worker, and in those that are started later', async () => {
    const server = await start({ spec: CRASHES });
    const { port } = server.state();
    expect(await ask({ port }, '/x')).toBe('ok');
    expect(await server.reload(dropping)).toMatchObject({ rules: 1 });
    await ask({ port }, '/crash');
    await seen('worker-started');
    const answers = await Promise.all(Array.from({ length: 30 }, () => ask({ port }, '/x')));
    expect(new Set(answers)).toEqual(new Set(['no']));
  });

  test('that a worker refuses leaves the old one in force in all', async () => {
    const server = await start({ spec: CRASHES });
    const { port } = server.state();
    await server.reload(dropping);
    await expect(server.reload(createPolicy({ limits: { headers: 13 } }))).rejects.toThrow(
      'thirteen is refused',
    );
    expect(await ask({ port }, '/x')).toBe('no');
  });
});

describe('a drain', () => {
  test('lets what is in flight finish, takes no more, and is not ready meanwhile', async () => {
    const server = await start();
    const { port } = server.state();
    const admin = await openAdmin(server, '127.0.0.1', 0);
    const ready = async (): Promise<number> =>
      (await fetch(`http://127.0.0.1:${admin.port}/ready`)).status;
    expect(await ready()).toBe(200);
    const inFlight = new Promise<void>((done) => {
      onHeld = done;
    });
    const answer = ask({ port }, '/held');
    await inFlight;
    const drained = server.drain(30_000);
    expect(await ready()).toBe(503);
    await refusesConnections(port);
    held[0]?.();
    expect(await answer).toBe('at last');
    expect(await drained).toMatchObject({ destroyed: 0, counters: { requests: 1 } });
    admin.close();
  });

  test('breaks at its deadline what has not finished', async () => {
    const server = await start({ workers: 1 });
    const inFlight = new Promise<void>((done) => {
      onHeld = done;
    });
    const answer = ask(server.state(), '/held');
    await inFlight;
    expect(await server.drain(50)).toMatchObject({ destroyed: 1 });
    expect(await answer).not.toBe('at last');
  });
});

describe('a server that cannot start leaves nothing and says why', () => {
  test('because somebody listens there', async () => {
    const other = createTcpServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(start({ port })).rejects.toThrow(`somebody listens on 127.0.0.1:${port} already`);
    other.close();
  });

  test('because another server does, which would share its port', async () => {
    const { port } = (await start()).state();
    const first = running;
    await expect(start({ port })).rejects.toThrow('already');
    await first?.kill();
  });

  test('because the proxy cannot be made', async () => {
    await expect(start({ spec: CANNOT })).rejects.toThrow('there is no such thing');
  });

  test('because there is no such proxy', async () => {
    await expect(start({ spec: 'optimised' })).rejects.toMatchObject({ isUsage: true });
  });

  test('because the address is not of this machine', async () => {
    await expect(start({ host: '192.0.2.1', port: 8080 })).rejects.toMatchObject({ isUsage: true });
  });
});

test('an admin answers what it knows, and nothing else', async () => {
  const server = await start({ workers: 1 });
  const admin = await openAdmin(server, '127.0.0.1', 0);
  const at = (path: string): string => `http://127.0.0.1:${admin.port}${path}`;
  await ask(server.state(), '/a');
  expect(await (await fetch(at('/counters?x=1'))).json()).toMatchObject({
    schemaVersion: 1,
    server: { name: 'optimized', workersWanted: 1, draining: false },
    counters: { requests: 1 },
  });
  const scraped = await (await fetch(at('/metrics'))).text();
  expect(scraped.split('\n')).toEqual(
    expect.arrayContaining([
      '# TYPE hopmark_requests_total counter',
      'hopmark_requests_total 1',
      'hopmark_workers 1',
      'hopmark_responses_total{class="2xx"} 1',
      'hopmark_cache_lookups_total{cache="decision",result="hit"} 0',
      'hopmark_duration_seconds_count{of="request"} 1',
      'hopmark_duration_seconds_count{of="upstream"} 1',
    ]),
  );
  expect((await fetch(at('/else'))).status).toBe(404);
  expect((await fetch(at('/ready'), { method: 'POST' })).status).toBe(405);
  await expect(openAdmin(server, '127.0.0.1', admin.port)).rejects.toMatchObject({
    remedy: 'Give another one with --admin.',
  });
  admin.close();
});

/** Resolves when connecting is refused: closing the listeners takes the workers a moment. */
async function refusesConnections(port: number): Promise<void> {
  const refused = await new Promise<boolean>((done) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('error', () => done(true));
    socket.once('close', () => done(true));
    socket.once('connect', () => {
      socket.destroy();
      done(false);
    });
  });
  if (!refused) await refusesConnections(port);
}
