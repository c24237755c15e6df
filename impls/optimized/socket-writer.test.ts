import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SocketWriter } from './socket-writer.ts';

let server: Server;
const accepted: Socket[] = [];
const opened: Socket[] = [];

beforeEach(async () => {
  server = createServer((socket) => accepted.push(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  for (const socket of [...opened.splice(0), ...accepted.splice(0)]) socket.destroy();
  await new Promise((closed) => server.close(closed));
});

/** Another kind of socket: what it does with its writes is its own. */
class OtherSocket extends Socket {}

/** Both ends of a connection, the first of the kind. */
async function pair(Kind: typeof Socket = Socket): Promise<[near: Socket, far: Socket]> {
  const { port } = server.address() as AddressInfo;
  const near = new Kind().on('error', () => undefined).connect(port, '127.0.0.1');
  opened.push(near);
  await Promise.all([once(near, 'connect'), once(server, 'connection')]);
  const far = accepted.at(-1);
  if (far === undefined) throw new Error('nobody came');
  return [near, far];
}

async function read(from: Socket, bytes: number): Promise<string> {
  let text = '';
  from.setEncoding('latin1').on('data', (part) => {
    text += part;
  });
  while (text.length < bytes) await once(from, 'data');
  return text;
}

/** `once` would take its error for a failure. */
function closed(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once('close', resolve));
}

/** This Node's streams have shown how they write, if they are to. */
async function taught(): Promise<void> {
  const [near, far] = await pair();
  new SocketWriter(near, () => undefined).write(Buffer.from('first'));
  expect(await read(far, 5)).toBe('first');
}

describe.each([
  ['past the stream', Socket],
  ['by the stream', OtherSocket],
])('%s', (_, Kind) => {
  test('bytes arrive in order, those that wait among them, and it is told when they are gone', async () => {
    await taught();
    const [near, far] = await pair(Kind);
    const drained = vi.fn();
    const writer = new SocketWriter(near, drained);
    const parts: string[] = [];
    let open = true;
    // More than the kernel takes for a far end that does not read.
    for (let index = 0; open; index += 1) {
      const part = `${index},`.padEnd(64 * 1024, 'x');
      parts.push(part);
      open = writer.write(Buffer.from(part, 'latin1'));
    }
    expect(writer.waits).toBe(true);
    for (const part of ['behind', 'them']) {
      parts.push(part);
      writer.write(Buffer.from(part, 'latin1'));
    }
    expect(drained).not.toHaveBeenCalled();
    const whole = parts.join('');
    expect(await read(far, whole.length)).toBe(whole);
    await vi.waitFor(() => expect(writer.waits).toBe(false));
    expect(drained).toHaveBeenCalled();
    parts.length = 0;
    expect(writer.write(Buffer.from('afterwards'))).toBe(true);
    far.removeAllListeners('data');
    expect(await read(far, 10)).toBe('afterwards');
  });

  test('what is written before it is connected arrives', async () => {
    await taught();
    const { port } = server.address() as AddressInfo;
    const near = new Kind().connect(port, '127.0.0.1');
    opened.push(near);
    const writer = new SocketWriter(near, () => undefined);
    writer.write(Buffer.from('early'));
    expect(writer.waits).toBe(true);
    await once(server, 'connection');
    expect(await read(accepted.at(-1) ?? near, 5)).toBe('early');
  });

  test('what waits when the far end breaks off ends the socket', async () => {
    await taught();
    const [near, far] = await pair(Kind);
    const writer = new SocketWriter(near, () => undefined);
    while (writer.write(Buffer.alloc(64 * 1024)));
    far.resetAndDestroy();
    await closed(near);
    expect(near.destroyed).toBe(true);
  });

  test('writing to a socket that is gone is no error', async () => {
    await taught();
    const [near, far] = await pair(Kind);
    const writer = new SocketWriter(near, () => undefined);
    writer.write(Buffer.from('x'));
    far.resetAndDestroy();
    await closed(near);
    writer.write(Buffer.from('y'));
  });

  test('all that waits goes out before the end', async () => {
    await taught();
    const [near, far] = await pair(Kind);
    const writer = new SocketWriter(near, () => undefined);
    let bytes = 0;
    do bytes += 64 * 1024;
    while (writer.write(Buffer.alloc(64 * 1024, 'z')));
    near.end();
    expect(await read(far, bytes)).toHaveLength(bytes);
    await once(far, 'end');
  });
});

test('who puts a write of his own in its place sees all writes', async () => {
  await taught();
  const [near, far] = await pair();
  const { write } = near;
  const seen: string[] = [];
  near.write = (chunk: Uint8Array | string) => {
    seen.push(String(chunk));
    return write.call(near, chunk);
  };
  const writer = new SocketWriter(near, () => undefined);
  writer.write(Buffer.from('one'));
  writer.write(Buffer.from('two'));
  expect(await read(far, 6)).toBe('onetwo');
  expect(seen).toEqual(['one', 'two']);
});

test('a small write does not go through the stream, once the stream has shown how it writes', async () => {
  await taught();
  const [near, far] = await pair();
  const byStream = vi.spyOn(Socket.prototype, 'write');
  new SocketWriter(near, () => undefined).write(Buffer.from('direct'));
  expect(await read(far, 6)).toBe('direct');
  expect(byStream).not.toHaveBeenCalled();
  byStream.mockRestore();
});
