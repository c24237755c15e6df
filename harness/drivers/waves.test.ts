import { Buffer } from 'node:buffer';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { LoadExchange } from './answer-reader.ts';
import type { LoadTarget } from './load-error.ts';
import type { LoadOpening } from './opening.ts';
import { type RequestStream, WaveClient } from './waves.ts';

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const exchange: LoadExchange = {
  method: 'GET',
  target: '/ok',
  requestBytes: Buffer.from('GET /ok HTTP/1.1\r\nHost: a\r\n\r\n'),
  answer: { status: 200, body: Buffer.from('ok') },
};
const stream: RequestStream = { exchanges: [exchange], order: new Uint32Array(4) };

const open: { server: Server; sockets: Set<Socket>; client: WaveClient }[] = [];

afterEach(async () => {
  for (const { server, sockets, client } of open.splice(0)) {
    client.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A server that calls `answer` for each request, with the number of requests before it. */
async function serve(
  answer: (socket: Socket, index: number, bytes: Buffer) => void,
  sent: RequestStream = stream,
): Promise<{ client: WaveClient; accepted: () => number }> {
  let requests = 0;
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes: Buffer) => answer(socket, requests++, bytes));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const target: LoadTarget = { label: 'a proxy', host: '127.0.0.1', port: address.port };
  const client = new WaveClient(target, sent);
  open.push({ server, sockets, client });
  return { client, accepted: () => connections };
}

describe('a sequential wave', () => {
  test('times each request and keeps to one connection', async () => {
    const { client, accepted } = await serve((socket) => socket.write(ANSWER));
    const times = new Float64Array(20);
    await client.sequential(0, 16, times, 2);
    expect(times.slice(2, 18).every((us) => us > 0)).toBe(true);
    expect([times[0], times[1], times[18], times[19]]).toEqual([0, 0, 0, 0]);
    expect(accepted()).toBe(1);
  });

  test('opens a connection again that the server closes, and loses no request', async () => {
    const { client, accepted } = await serve((socket, index) => {
      if (index % 5 === 4) socket.end(ANSWER.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
      else socket.write(ANSWER);
    });
    const times = new Float64Array(16);
    await client.sequential(0, 16, times, 0);
    expect(times.every((us) => us > 0)).toBe(true);
    expect(accepted()).toBe(4);
  });

  test('sends a request again once if the connection was closed under it', async () => {
    const { client } = await serve((socket, index) => {
      if (index === 3) socket.destroy();
      else socket.write(ANSWER);
    });
    const times = new Float64Array(8);
    await client.sequential(0, 8, times, 0);
    expect(times.every((us) => us > 0)).toBe(true);
  });

  test('fails if a server closes without an answer twice running', async () => {
    const { client } = await serve((socket, index) => {
      if (index < 3) socket.write(ANSWER);
      else socket.destroy();
    });
    await expect(client.sequential(0, 8, new Float64Array(8), 0)).rejects.toMatchObject({
      kind: 'no-answer',
      code: 'unanswered',
    });
  });
});

describe('a loaded wave', () => {
  test('keeps W in flight and counts only the middle', async () => {
    let inFlight = 0;
    let most = 0;
    const { client, accepted } = await serve((socket) => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      setImmediate(() => {
        inFlight -= 1;
        socket.write(ANSWER);
      });
    });
    const wave = await client.loaded(0, 8, 64);
    expect(wave).toMatchObject({ requests: 64, counted: 48 });
    expect(wave.countedMs).toBeGreaterThan(0);
    expect(wave.countedMs).toBeLessThan(wave.totalMs);
    expect(most).toBeLessThanOrEqual(8);
    expect(accepted()).toBe(8);
  });

  test.each([
    ['wrong-body', ANSWER.replace('ok', 'no').replace(/ok$/, 'no')],
    ['wrong-status', ANSWER.replace('200', '500')],
    ['truncated', ANSWER.slice(0, -1)],
  ])('stops at the first answer that is %s, even one in many', async (kind, broken) => {
    const { client } = await serve((socket, index) => {
      if (index !== 40) socket.write(ANSWER);
      else if (kind === 'truncated') socket.end(broken);
      else socket.write(broken);
    });
    await expect(client.loaded(0, 8, 64)).rejects.toMatchObject({
      kind,
      code: 'wrong-answer',
      message: expect.stringContaining('GET /ok'),
    });
  });

  test('survives connections that the server closes between answers', async () => {
    const { client } = await serve((socket, index) => {
      socket.write(ANSWER);
      if (index % 10 === 9) socket.end();
    });
    expect((await client.loaded(0, 4, 64)).requests).toBe(64);
    expect(client.reopened).toBeGreaterThan(0);
  });
});

test('bytes after a complete answer are noticed before the connection is used again', async () => {
  const { client } = await serve((socket, index) => {
    socket.write(ANSWER);
    if (index === 7) setImmediate(() => socket.write('!'));
  });
  await client.sequential(0, 8, new Float64Array(8), 0);
  await expect(
    (async () => {
      // The byte is on its way: some request soon meets it.
      for (let wave = 0; wave < 100; wave += 1)
        await client.sequential(0, 1, new Float64Array(1), 0);
    })(),
  ).rejects.toMatchObject({
    code: 'wrong-answer',
    kind: expect.stringMatching(/surplus|malformed/),
  });
});

test('a server that is not there is named', async () => {
  const client = new WaveClient({ label: 'nobody', host: '127.0.0.1', port: 1 }, stream);
  await expect(client.ensureOpen(1)).rejects.toMatchObject({
    kind: 'connect-failed',
    message: expect.stringContaining('nobody'),
  });
});

describe('with a connection for each request', () => {
  const each: RequestStream = { ...stream, conditions: { connections: 'one-each' } };

  test('a sequential wave times them from their opening on, one after the other', async () => {
    const { client, accepted } = await serve((socket) => socket.end(ANSWER), each);
    const times = new Float64Array(5);
    await client.sequential(0, 5, times, 0);
    expect(times.every((us) => us > 0)).toBe(true);
    expect(accepted()).toBe(5);
  });

  test('a loaded wave opens as many as it has requests, even if the server would keep them', async () => {
    const { client, accepted } = await serve((socket) => socket.write(ANSWER), each);
    await client.ensureOpen(4);
    expect(accepted()).toBe(0);
    const wave = await client.loaded(0, 4, 24);
    expect(wave.requests).toBe(24);
    expect(accepted()).toBe(24);
    expect(client.answered).toBe(24);
  });
});

describe('with an opening', () => {
  const opening: LoadOpening = {
    method: 'GET',
    target: '/rooms',
    requestBytes: Buffer.from('GET /rooms HTTP/1.1\r\n\r\n'),
    status: 101,
    fields: [['Sec-WebSocket-Accept', 'abc=']],
  };
  const message: LoadExchange = {
    ...exchange,
    requestBytes: Buffer.from('ping'),
    answer: { status: 200, body: Buffer.from('pong') },
    framing: 'raw',
  };
  const opened: RequestStream = { exchanges: [message], order: new Uint32Array(4), opening };
  const UPGRADED = 'HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept: ABC=\r\n\r\n';
  const respond =
    (answer: string, echo = 'pong') =>
    (socket: Socket, _index: number, bytes: Buffer): void => {
      socket.write(bytes.toString().startsWith('GET') ? answer : echo);
    };

  test('every connection begins with it, and what follows is no HTTP', async () => {
    const { client, accepted } = await serve(respond(UPGRADED), opened);
    const wave = await client.loaded(0, 3, 12);
    expect(wave.requests).toBe(12);
    expect(accepted()).toBe(3);
  });

  test.each([
    ['another status', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'instead of 101'],
    ['a missing field', 'HTTP/1.1 101 S\r\nUpgrade: x\r\n\r\n', 'no Sec-WebSocket-Accept: abc='],
    ['bytes after it', `${UPGRADED}hello`, '5 bytes after the head'],
  ])('%s is a wrong answer', async (_, answer, message) => {
    const { client } = await serve(respond(answer), opened);
    await expect(client.ensureOpen(1)).rejects.toThrow(message);
  });

  test('a message that comes back changed is a wrong answer', async () => {
    const { client } = await serve(respond(UPGRADED, 'pomg'), opened);
    await expect(client.sequential(0, 1, new Float64Array(1), 0)).rejects.toThrow('byte 2 of 4');
  });

  test('a connection that is closed instead gives no answer', async () => {
    const { client } = await serve((socket) => socket.destroy(), opened);
    await expect(client.ensureOpen(1)).rejects.toThrow(/no answer to GET \/rooms/);
  });
});
