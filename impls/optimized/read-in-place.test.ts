import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, type ClientRequest, createServer, request, type Server } from 'node:http';
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  Socket,
  type Server as TcpServer,
} from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { ProxyHandler } from '../contract.ts';
import { testPolicy } from './fixtures/policy.ts';
import optimized from './index.ts';
import { readInPlace } from './read-in-place.ts';

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

async function listen<S extends Server | TcpServer>(server: S): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push(server);
  return (server.address() as AddressInfo).port;
}

/** Both ends of a connection; the accepted one is as a listener hands it over. */
async function pair<T>(take: (accepted: Socket) => T): Promise<{ taken: T; client: Socket }> {
  const server = createTcpServer({ allowHalfOpen: true });
  const taken = new Promise<T>((resolve) => {
    server.once('connection', (accepted) => resolve(take(accepted)));
  });
  const client = connect(await listen(server), '127.0.0.1');
  opened.push({ close: () => client.destroy() });
  return { taken: await taken, client };
}

/** Reads into four bytes, and keeps what came. */
function keep(socket: Socket): { readonly isInPlace: boolean; text: string; reads: number } {
  const memory = Buffer.alloc(4);
  const kept = { isInPlace: false, text: '', reads: 0 };
  kept.isInPlace = readInPlace(socket, {
    nextBuffer: () => memory,
    readBytes: (length) => {
      kept.text += memory.toString('latin1', 0, length);
      kept.reads += 1;
    },
  });
  opened.push({ close: () => socket.destroy() });
  return kept;
}

describe('reading in place', () => {
  test('brings everything in order, in memory of the given size, and then the end', async () => {
    const { taken, client } = await pair((accepted) => ({
      kept: keep(accepted),
      ended: once(accepted, 'end'),
    }));
    client.end('all that was sent');
    await taken.ended;
    expect(taken.kept).toMatchObject({ isInPlace: true, text: 'all that was sent' });
    expect(taken.kept.reads).toBeGreaterThan(4);
  });

  test('stops while the socket is paused', async () => {
    const { taken, client } = await pair((accepted) => ({ accepted, kept: keep(accepted) }));
    client.write('abcd');
    await expect.poll(() => taken.kept.text).toBe('abcd');
    taken.accepted.pause();
    client.write('efgh');
    // What a socket that reads would have by now, this one's own answer shows.
    const echo = once(client, 'data');
    taken.accepted.write('.');
    await echo;
    expect(taken.kept.text).toBe('abcd');
    taken.accepted.resume();
    await expect.poll(() => taken.kept.text).toBe('abcdefgh');
  });

  test('is refused where it cannot be, and the socket stays as it was', async () => {
    class Special extends Socket {}
    expect(keep(new Special()).isInPlace).toBe(false);
    expect(keep(new Socket()).isInPlace).toBe(false);
    const buffer = Buffer.alloc(1);
    expect(keep(new Socket({ onread: { buffer, callback: () => true } })).isInPlace).toBe(false);
    const { taken, client } = await pair((accepted) => {
      accepted.unshift('read already');
      return { accepted, kept: keep(accepted) };
    });
    expect(taken.kept.isInPlace).toBe(false);
    client.end();
    let received = '';
    for await (const bytes of taken.accepted) received += String(bytes);
    expect(received).toBe('read already');
  });

  test('is done once', async () => {
    const { taken } = await pair((accepted) => [keep(accepted), keep(accepted)] as const);
    expect(taken.map(({ isInPlace }) => isInPlace)).toEqual([true, false]);
  });
});

/** Bytes in which any damage shows, of another kind for each seed. */
function noise(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  for (let at = 0; at < length; at += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = state & 255;
  }
  return bytes;
}

/** Pieces that are smaller than what is read at once, each by itself. */
async function sendInPieces(outgoing: ClientRequest, body: Buffer): Promise<void> {
  for (let at = 0; at < body.length; at += PIECE_BYTES) {
    outgoing.write(body.subarray(at, at + PIECE_BYTES));
    await setImmediate();
  }
  outgoing.end();
}

const PIECE_BYTES = 20_000;
const SIZES = [1, 8191, 8192, 16_385, 65_536, 65_537, 200_000, 1_000_000, 8_000_000];

describe.each([
  ['in place', false],
  ['by data events', true],
])('bodies of many clients at once, read %s', (_, isSpecial) => {
  test.each([
    ['an origin that reads them', false],
    ['an origin that reads them late, when nothing more goes out', true],
  ])('arrive unchanged at %s', async (_origin, late) => {
    const origin = createServer(async (incoming, response) => {
      const hash = createHash('sha256');
      if (late) {
        incoming.pause();
        // By then the proxy has met a socket that takes no more, if the body is large.
        for (let turn = 0; turn < 400; turn += 1) await setImmediate();
      }
      for await (const bytes of incoming) hash.update(bytes);
      response.end(hash.digest('hex'));
    });
    const upstreamPort = await listen(origin);
    const handler: ProxyHandler = await optimized.create({
      upstream: { protocol: 'http:', host: '127.0.0.1', port: upstreamPort },
      policy: testPolicy({ limits: { bodyBytes: 10_000_000 } }),
      log: { write: (_lines, done) => done(null) },
      clock: { nowMs: Date.now, monotonicMs: () => performance.now() },
    });
    opened.push(handler);
    const proxy = createTcpServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      // As another kind of socket would be, such as that of TLS.
      if (isSpecial) Object.setPrototypeOf(socket, Object.create(Socket.prototype));
      handler.handle(socket);
    });
    const port = await listen(proxy);
    const agent = new Agent({ keepAlive: true, maxSockets: 12 });
    opened.push({ close: () => agent.destroy() });
    const send = (body: Buffer, chunked: boolean): Promise<string> =>
      new Promise((resolve, reject) => {
        const headers = chunked ? {} : { 'content-length': body.length };
        const outgoing = request({ port, agent, method: 'POST', path: '/', headers });
        outgoing.on('error', reject);
        outgoing.on('response', async (answer) => {
          let text = '';
          for await (const bytes of answer) text += String(bytes);
          resolve(text);
        });
        void sendInPieces(outgoing, body);
      });
    await Promise.all(
      Array.from({ length: 36 }, async (_item, index) => {
        const body = noise(SIZES[index % SIZES.length] ?? 0, index + 1);
        const hash = createHash('sha256').update(body).digest('hex');
        expect(await send(body, index % 3 === 0)).toBe(hash);
      }),
    );
  });
});
