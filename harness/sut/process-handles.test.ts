import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { readHandles } from './process-handles.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function listen(): Promise<{ port: number; accepted: Socket[] }> {
  const accepted: Socket[] = [];
  const server = createServer((socket) => accepted.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    for (const socket of accepted) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, accepted };
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port });
  await once(socket, 'connect');
  closing.push(() => socket.destroy());
  return socket;
}

test('tells connections of clients from those to the upstream and from the rest', async () => {
  const [front, upstream, other] = [await listen(), await listen(), await listen()];
  const ports = { listenPort: front.port, upstreamPort: upstream.port };
  const before = readHandles(process.pid, ports);
  if (before === null) throw new Error('this system has no /proc');
  // Both ends are this process: a connection to the front port has one end of a client's here.
  for (let at = 0; at < 3; at += 1) await open(front.port);
  for (let at = 0; at < 2; at += 1) await open(upstream.port);
  await open(other.port);
  await expect.poll(() => front.accepted.length + upstream.accepted.length).toBe(5);
  const during = readHandles(process.pid, ports);
  expect(during?.clientSockets).toBe(3);
  expect(during?.upstreamSockets).toBe(2);
  expect((during?.descriptors ?? 0) - before.descriptors).toBe(12);
  for (const socket of front.accepted) socket.destroy();
  await expect.poll(() => readHandles(process.pid, ports)?.clientSockets).toBe(0);
});

test('a process that is gone has none', () => {
  expect(readHandles(2 ** 30, { listenPort: 1, upstreamPort: 2 })).toBeNull();
});
