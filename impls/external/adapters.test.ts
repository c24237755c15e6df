/**
 * What the adapters owe as implementations, whatever their library does: taking over sockets,
 * counting, draining, closing. How they forward is `peers.test.ts`.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Origin } from '../baseline/fixtures/origin.ts';
import { Client, RunningProxy } from '../baseline/fixtures/running-proxy.ts';
import { createPolicy } from '../policy/load.ts';
import { NAMES_BY_KIND, resolveImplementation } from '../registry.ts';

const LIBRARIES = NAMES_BY_KIND['from npm'] ?? [];
const ADAPTERS = [...LIBRARIES, ...(NAMES_BY_KIND['a floor'] ?? [])];
const ANSWER = 'HTTP/1.1 201 Made\r\nContent-Length: 2\r\n\r\nok';
const GET = 'GET /p?q HTTP/1.1\r\nHost: a.example\r\n\r\n';

let origin: Origin;
let proxy: RunningProxy;

beforeEach(async () => {
  origin = await Origin.start();
  origin.answers = [ANSWER];
});

afterEach(async () => {
  await proxy.close();
  await origin.close();
});

async function start(name: string, port = origin.port): Promise<void> {
  proxy = await RunningProxy.start(await resolveImplementation(name), { port });
}

describe.each(ADAPTERS)('%s', (name) => {
  test('forwards requests on one connection, and keeps that to the upstream', async () => {
    await start(name);
    const client = proxy.connect();
    client.send(GET);
    await client.until(/ok$/);
    client.send(GET);
    await client.until(/ok[\s\S]*ok$/);
    client.socket.destroy();
    expect(origin.requests).toHaveLength(2);
    expect(origin.requests[0]).toMatch(/^GET \/p\?q HTTP\/1\.1\r\n/);
    expect(origin.connections).toBe(1);
  });

  test('reads first what the host has read from a connection', async () => {
    await start(name);
    const server = createServer({ allowHalfOpen: true }, (socket) =>
      proxy.handler.handle(socket, Buffer.from(GET.slice(0, 9))),
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const client = new Client(connect({ port, host: '127.0.0.1' }));
    client.send(GET.slice(9));
    await client.until(/ok$/);
    client.socket.destroy();
    server.close();
  });

  test('destroys what is left at the deadline of a drain', async () => {
    await start(name);
    origin.answers = [() => {}];
    const client = proxy.connect();
    client.send(GET);
    await origin.received(1);
    expect(await proxy.handler.drain(10)).toEqual({ finished: 0, destroyed: 1 });
    await client.ended();
  });

  test('refuses an https upstream when it is created', async () => {
    await start(name);
    const implementation = await resolveImplementation(name);
    const create = async () =>
      implementation.create({
        upstream: { protocol: 'https:', host: 'localhost', port: origin.port },
        policy: createPolicy(),
        log: { write: (_lines, done) => done(null) },
        clock: { nowMs: () => 0, monotonicMs: () => 0 },
      });
    await expect(create()).rejects.toThrow('http upstream');
  });
});

describe.each(LIBRARIES)('%s', (name) => {
  test('adds the forwarded fields', async () => {
    await start(name);
    const client = proxy.connect();
    client.send(GET);
    await client.until(/ok$/);
    client.socket.destroy();
    expect(origin.requests[0]).toMatch(/\r\nX-Forwarded-For: 127\.0\.0\.1\r\n/i);
    expect(origin.requests[0]).toMatch(/\r\nX-Forwarded-Host: a\.example\r\n/i);
    expect(origin.requests[0]).toMatch(/\r\nX-Forwarded-Proto: http\r\n/i);
  });

  test('closes idle connections in a drain and waits for answers', async () => {
    await start(name);
    const [idle, busy] = [proxy.connect(), proxy.connect()];
    idle.send(GET);
    await idle.until(/ok$/);
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>();
    origin.answers = [
      (socket) => {
        ask();
        void mayAnswer.then(() => socket.write(ANSWER));
      },
    ];
    busy.send(GET);
    await asked;
    const drained = proxy.handler.drain(30_000);
    await idle.ended();
    answer();
    await busy.until(/ok$/);
    await busy.ended();
    idle.socket.destroy();
    busy.socket.destroy();
    expect(await drained).toEqual({ finished: 2, destroyed: 0 });
  });

  test('counts requests, and answers for an upstream that is not there', async () => {
    const gone = await Origin.start();
    const { port } = gone;
    await gone.close();
    await start(name, port);
    const answer = await proxy.exchange(GET.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
    expect(answer).toMatch(/^HTTP\/1\.1 50[0-3] /);
    expect(proxy.handler.counters().requests).toBe(1);
    expect(proxy.handler.reload(createPolicy())).toMatchObject({ rules: 0 });
  });
});

test('the splice counts its connections and nothing that it does not see', async () => {
  await start('splice');
  const client = proxy.connect();
  client.send(GET);
  await client.until(/ok$/);
  client.socket.end();
  await once(client.socket, 'end');
  expect(proxy.handler.counters()).toMatchObject({
    requests: 0,
    errors: { 'upstream-failed': 0 },
    upstream: { opened: 1 },
  });
});

test('the splice breaks the client’s connection when an answer breaks off', async () => {
  await start('splice');
  origin.answers = [(socket) => socket.write(ANSWER.slice(0, -1), () => socket.resetAndDestroy())];
  const client = proxy.connect();
  client.send(GET);
  await client.ended();
  expect(client.received).not.toMatch(/ok/);
});
