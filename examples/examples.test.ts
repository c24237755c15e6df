import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Origin } from '../impls/baseline/fixtures/origin.ts';
import { RunningProxy } from '../impls/baseline/fixtures/running-proxy.ts';
import { createPolicy } from '../impls/policy/load.ts';
import { resolveImplementation } from '../impls/registry.ts';

const cwd = fileURLToPath(new URL('.', import.meta.url));
const CLOSE = 'Connection: close';
const ANSWER = 'HTTP/1.1 201 Made\r\nX-B: 1\r\nx-a: 2\r\nX-b: 3\r\nContent-Length: 2\r\n\r\nok';

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

async function start(module: string): Promise<void> {
  proxy = await RunningProxy.start(await resolveImplementation(module, { cwd }), origin);
}

const post = (body: string, ...fields: string[]): string =>
  [
    'POST /p?q HTTP/1.1',
    'Host: a.example',
    'X-One: 1',
    'x-one: 2',
    ...fields,
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');

describe.each([
  ['./node-listener-proxy.ts', 'node-listener-proxy', ['forwarding']],
  ['./node-http-proxy.ts', 'node-http', ['forwarding']],
])('%s', (module, name, capabilities) => {
  test('is resolved by its path, with a name and the tiers that it claims', async () => {
    const implementation = await resolveImplementation(module, { cwd });
    expect(implementation).toMatchObject({ name, capabilities });
    await start(module);
  });

  test('forwards requests on one connection, whole and in order', async () => {
    await start(module);
    const client = proxy.connect();
    client.send(post('one'));
    await client.until(/ok$/);
    client.send(post('second', CLOSE));
    await client.until(/ok[\s\S]*ok$/);
    client.socket.end();
    expect(origin.requests).toHaveLength(2);
    expect(origin.requests[0]).toMatch(
      /^POST \/p\?q HTTP\/1\.1\r\nHost: a\.example\r\nX-One: 1\r\nx-one: 2\r\n[\s\S]*one$/,
    );
    expect(origin.requests[1]).toMatch(/second$/);
    expect(client.received).toMatch(
      /^HTTP\/1\.1 201 Made\r\nX-B: 1\r\nx-a: 2\r\nX-b: 3\r\nContent-Length: 2\r\n/,
    );
    expect(origin.connections).toBe(1);
  });

  test('a client that goes away takes its upstream request with it', async () => {
    await start(module);
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    origin.answers = [(socket) => void socket.once('close', () => resolve())];
    const client = proxy.connect();
    client.send(post('x'));
    await origin.received(1);
    client.socket.resetAndDestroy();
    await ended;
  });

  test('an answer that breaks off does not end cleanly', async () => {
    await start(module);
    origin.answers = [
      (socket) => socket.write(ANSWER.slice(0, -1), () => socket.resetAndDestroy()),
    ];
    const client = proxy.connect();
    client.send(post('x'));
    await client.ended();
    expect(client.received).not.toMatch(/ok/);
  });

  test('what is left at the deadline of a drain is destroyed', async () => {
    await start(module);
    origin.answers = [() => {}];
    const client = proxy.connect();
    client.send(post('x'));
    await origin.received(1);
    expect(await proxy.handler.drain(10)).toEqual({ finished: 0, destroyed: 1 });
    await client.ended();
  });

  test('an upstream that is not there costs the connection or is answered 502', async () => {
    const gone = await Origin.start();
    const { port } = gone;
    await gone.close();
    proxy = await RunningProxy.start(await resolveImplementation(module, { cwd }), { port });
    expect(await proxy.exchange(post('x', CLOSE))).toMatch(/^$|^HTTP\/1\.1 502 /);
  });
});

test.each(['./node-listener-proxy.ts'])(
  '%s refuses an https upstream when it is created',
  async (module) => {
    await start(module);
    const implementation = await resolveImplementation(module, { cwd });
    const create = async () =>
      implementation.create({
        upstream: { protocol: 'https:', host: 'localhost', port: origin.port },
        policy: createPolicy(),
        log: { write: (_lines, done) => done(null) },
        clock: { nowMs: () => 0, monotonicMs: () => 0 },
      });
    await expect(create()).rejects.toThrow('http upstream');
  },
);
