import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Origin } from './baseline/fixtures/origin.ts';
import { RunningProxy } from './baseline/fixtures/running-proxy.ts';
import type { ListenerFactory } from './contract.ts';
import type { PolicyInput } from './policy/load.ts';
import { wrapListener } from './registry-listener.ts';

type Listener = ReturnType<ListenerFactory>;

let origin: Origin;
let proxy: RunningProxy;

beforeEach(async () => {
  origin = await Origin.start();
});

afterEach(async () => {
  await proxy.close();
  await origin.close();
});

async function start(listener: Listener, policy: PolicyInput = {}): Promise<void> {
  proxy = await RunningProxy.start(
    wrapListener(() => listener, 'mine'),
    origin,
    policy,
  );
}

const GET = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
const KEEP = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

test('the implementation has the name given and claims forwarding alone', () => {
  const implementation = wrapListener(() => () => {}, 'mine');
  expect(implementation).toMatchObject({ name: 'mine', capabilities: ['forwarding'] });
  return start(() => {});
});

test('the factory gets the upstream, and the listener the requests', async () => {
  const ports: number[] = [];
  const factory: ListenerFactory = ({ upstream }) => {
    ports.push(upstream.port);
    return (request, response) => response.end(request.url);
  };
  proxy = await RunningProxy.start(wrapListener(factory, 'mine'), origin);
  expect(await proxy.exchange(GET)).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\n\/$/);
  expect(ports).toEqual([origin.port]);
  expect(proxy.handler.counters()).toMatchObject({ requests: 1, responses: { '2xx': 1 } });
});

describe('a listener that fails', () => {
  const throws: Listener = (_request, response) => {
    response.setHeader('X-Secret', 'no');
    throw new Error('not today');
  };
  const rejects: Listener = async () => {
    await Promise.resolve();
    throw new Error('not today');
  };

  test.each([
    ['throws', throws],
    ['rejects', rejects],
  ])(
    'because it %s is answered for with 500, counted, and serves the next request',
    async (_how, listener) => {
      await start(listener);
      for (let i = 0; i < 2; i++) {
        const answer = await proxy.exchange(KEEP);
        expect(answer).toMatch(
          /^HTTP\/1\.1 500 [\s\S]*Connection: close\r\n[\s\S]*\r\n\r\nthe listener failed\n$/,
        );
        expect(answer).not.toContain('X-Secret');
      }
      expect(proxy.handler.counters()).toMatchObject({
        errors: { 'listener-failed': 2 },
        responses: { '5xx': 2 },
      });
    },
  );

  test('within its answer has the connection broken', async () => {
    await start((_request, response) => {
      response.writeHead(200, { 'Content-Length': 9 });
      response.write('half');
      throw new Error('not today');
    });
    expect(await proxy.exchange(KEEP)).not.toMatch(/HTTP\/1\.1 500/);
    expect(proxy.handler.counters().errors).toEqual({ 'listener-failed': 1 });
  });
});

describe('time limits', () => {
  const drain: Listener = (request, response) => {
    request.resume().on('end', () => response.end('all'));
  };

  test('a head that stops coming is answered 408', async () => {
    await start(drain, { limits: { headTimeout: '30ms' } });
    expect(await proxy.exchange('GET / HT')).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  });

  test('a body that stops coming is answered 408', async () => {
    await start(drain, { limits: { bodyTimeout: '30ms' } });
    const begun = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf';
    expect(await proxy.exchange(begun)).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(proxy.handler.counters().errors).toEqual({ 'body-timeout': 1 });
  });

  test('a body that the listener has not read yet is waited for', async () => {
    const { promise: mayRead, resolve } = Promise.withResolvers<void>();
    const { promise: asked, resolve: isAsked } = Promise.withResolvers<void>();
    await start(
      (request, response) => {
        if (request.url === '/stalls') {
          drain(request, response);
          return;
        }
        isAsked();
        mayRead.then(() => drain(request, response));
      },
      { limits: { bodyTimeout: '100ms' } },
    );
    const size = 1_000_000;
    const waiting = proxy.exchange(
      `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size)}`,
    );
    await asked;
    // By then others that began later have run into the limit, twice.
    const stalled = 'POST /stalls HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf';
    for (let i = 0; i < 2; i++) expect(await proxy.exchange(stalled)).toMatch(/^HTTP\/1\.1 408 /);
    resolve();
    expect(await waiting).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*all$/);
  });

  test('an idle connection is closed without a word', async () => {
    await start(drain, { limits: { idleTimeout: '30ms' } });
    expect(await proxy.exchange('')).toBe('');
  });
});

test('bytes that are no request are answered 400, a head beyond the limit 431', async () => {
  await start((_request, response) => response.end(), { limits: { head: 512 } });
  expect(await proxy.exchange('nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  const large = `GET / HTTP/1.1\r\nHost: a\r\na: ${'b'.repeat(600)}\r\n\r\n`;
  expect(await proxy.exchange(large)).toMatch(/^HTTP\/1\.1 431 /);
});

test('a client that half-closes still gets its answer', async () => {
  const { promise: seen, resolve } = Promise.withResolvers<void>();
  await start((request, response) => {
    request.socket.once('end', () => {
      resolve();
      setImmediate(() => response.end('late'));
    });
  });
  const client = proxy.connect();
  client.socket.end(KEEP);
  await seen;
  await client.ended();
  expect(client.received).toMatch(/late/);
});

test('a drain closes idle connections and waits for answers', async () => {
  const pending: ServerResponse[] = [];
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  await start((_request, response) => {
    pending.push(response);
    resolve();
  });
  const [idle, busy] = [proxy.connect(), proxy.connect()];
  await once(idle.socket, 'connect');
  busy.send(KEEP);
  await asked;
  const drained = proxy.handler.drain(30_000);
  await idle.ended();
  idle.socket.end();
  pending[0]?.end('done');
  await busy.ended();
  busy.socket.end();
  expect(busy.received).toMatch(/^HTTP\/1\.1 200 OK/);
  expect(await drained).toEqual({ finished: 2, destroyed: 0 });
});

test('nonsense behind a request is refused after that request is answered', async () => {
  await start((_request, response) => setImmediate(() => response.end('first')));
  const answers = await proxy.exchange(`${KEEP}nonsense\r\n\r\n`);
  expect(answers).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*first[\s\S]*HTTP\/1\.1 400 Bad Request/);
});

test('what follows a request with Connection: close is ignored', async () => {
  await start((_request, response) => setImmediate(() => response.end('last')));
  expect(await proxy.exchange(GET + KEEP)).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*last[\s\S]{0,5}$/);
});
