import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Field } from '../model/scenario.ts';
import type { Exchange, Traffic } from '../scenarios/exchange.ts';
import { bodySource, encodeAnswer, encodeRequest, makeAnswer } from '../scenarios/exchange.ts';
import { FIXED_1KB } from '../scenarios/fixed-scenarios.ts';
import { prepareTraffic } from '../scenarios/traffic.ts';
import { WEB_MIX } from '../scenarios/web-mix.ts';
import { WEBSOCKET_ECHO } from '../scenarios/websocket-echo.ts';
import type { OriginServer } from './origin-server.ts';
import { startOrigin } from './origin-server.ts';

const FIELDS: readonly Field[] = [['Content-Type', 'text/plain']];
const bodies = bodySource(7);
const exchanges = [
  exchange(0, 'GET', '/', 200, 10, 0),
  exchange(1, 'HEAD', '/', 200, 10, 0),
  exchange(2, 'GET', '/large', 200, 65_536, 0),
  exchange(3, 'GET', '/old', 304, 0, 0),
  exchange(4, 'POST', '/form', 200, 3, 500),
];
const traffic: Traffic = { exchanges, order: new Uint32Array(8) };
const SPLITS = exchanges.map((item) => item.requestBytes);

let origin: OriginServer;
beforeAll(async () => {
  origin = await startOrigin({ traffic });
});
afterAll(() => origin.close());

describe('the origin', () => {
  test('gives every exchange of the scenario its exact answer on one kept connection', async () => {
    const all = Buffer.concat(exchanges.map((item) => encodeAnswer(item.answer)));
    const { received, socket } = await talk(async (client) => {
      for (const item of exchanges) {
        client.write(item.requestBytes);
        await new Promise((resolve) => setImmediate(resolve));
      }
    }, all.length);
    expect(received.equals(all)).toBe(true);
    expect(socket.readableEnded).toBe(false);
  });

  test('answers pipelined requests in order', async () => {
    const all = Buffer.concat(exchanges.map((item) => encodeAnswer(item.answer)));
    const { received } = await talk(
      (client) => client.write(Buffer.concat(exchanges.map((item) => item.requestBytes))),
      all.length,
    );
    expect(received.equals(all)).toBe(true);
  });

  test('reads a message that comes one byte at a time', async () => {
    const messages = Buffer.concat([...SPLITS, chunked('/form', body(4), ['a;x=1', '1ea'])]);
    const expected = Buffer.concat([
      ...exchanges.map((item) => encodeAnswer(item.answer)),
      answerOf(4),
    ]);
    const { received } = await talk(async (client) => {
      for (const byte of messages) {
        await new Promise<void>((resolve) => client.write(Buffer.of(byte), () => resolve()));
      }
    }, expected.length);
    expect(received.equals(expected)).toBe(true);
  });

  test('keeps half a head whole while another connection speaks', async () => {
    const message = exchanges[0]?.requestBytes ?? body(0);
    const { received } = await talk(async (client) => {
      client.write(message.subarray(0, 9));
      for (let i = 0; i < 3; i++) await untilEnd('GET /nowhere HTTP/1.0\r\nHost: x\r\n\r\n');
      client.write(message.subarray(9));
    }, answerOf(0).length);
    expect(received.equals(answerOf(0))).toBe(true);
  });

  test('reads a chunked body with extensions and trailers, and the request after it', async () => {
    const { received } = await talk(
      (client) =>
        client.write(
          Buffer.concat([
            chunked('/form', body(4), ['1f4']),
            exchanges[0]?.requestBytes ?? body(0),
          ]),
        ),
      answerOf(4).length + answerOf(0).length,
    );
    expect(received.equals(Buffer.concat([answerOf(4), answerOf(0)]))).toBe(true);
  });

  test('reads a length and an end of connection whatever the case and spacing of their fields', async () => {
    const message = Buffer.concat([
      Buffer.from('POST /form HTTP/1.1\r\ncOntent-LENGTH:500  \r\nCONNECTION: x, Close\r\n\r\n'),
      body(4),
    ]);
    const text = await untilEnd(message);
    expect(text.equals(answerOf(4))).toBe(true);
  });

  test('answers 404 with a named reason to a target it does not know, and counts it', async () => {
    const before = origin.counters();
    const text = await untilEnd('GET /nowhere HTTP/1.0\r\nHost: x\r\n\r\n');
    expect(text.toString()).toContain('404 Not Found\r\nX-Origin-Error: unknown-target\r\n');
    expect(origin.counters().unknown - before.unknown).toBe(1);
    expect(origin.counters().requests - before.requests).toBe(1);
  });

  test.each([
    ['cut by a byte', Buffer.concat([post(499), body(4).subarray(0, 499)])],
    [
      'changed in its last byte',
      Buffer.concat([post(500), body(4).subarray(0, 499), Buffer.of(1)]),
    ],
    ['too long', Buffer.concat([post(501), body(4), Buffer.of(1)])],
    ['missing', Buffer.from('POST /form HTTP/1.1\r\nConnection: close\r\n\r\n')],
  ])('says so when a body is %s', async (_, message) => {
    const before = origin.counters().wrongBody;
    expect((await untilEnd(message)).toString()).toContain(
      '400 Bad Request\r\nX-Origin-Error: body',
    );
    expect(origin.counters().wrongBody - before).toBe(1);
  });

  test.each([
    'GET\r\n\r\n',
    'GET / HTTP/2.0\r\n\r\n',
    'POST /form HTTP/1.1\r\nContent-Length: +5\r\n\r\n',
    'POST /form HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n',
    'POST /form HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'POST /form HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n',
  ])('refuses a message whose end it cannot find and closes: %j', async (message) => {
    const before = origin.counters().malformed;
    expect((await untilEnd(message)).toString()).toContain('X-Origin-Error: malformed');
    expect(origin.counters().malformed - before).toBe(1);
  });

  test('still answers a client that has half-closed', async () => {
    const client = connect({ port: origin.port, host: '127.0.0.1', allowHalfOpen: true });
    client.end(exchanges[2]?.requestBytes ?? body(0));
    expect((await collect(client)).equals(answerOf(2))).toBe(true);
  });

  test('gives every request of web-mix its answer, byte for byte', async () => {
    const mix = prepareTraffic(WEB_MIX, 3);
    const server = await startOrigin({ traffic: mix });
    const client = connect({ port: server.port, host: '127.0.0.1', noDelay: true });
    try {
      const answers = readAnswers(client);
      for (const item of mix.exchanges) {
        client.write(item.requestBytes);
        const expected = encodeAnswer(item.answer);
        const received = await answers(expected.length);
        expect(received.equals(expected), `${item.method} ${item.target}`).toBe(true);
      }
      expect(server.counters()).toMatchObject({
        requests: mix.exchanges.length,
        ...{ unknown: 0, malformed: 0, wrongBody: 0, connections: 1 },
      });
    } finally {
      client.destroy();
      await server.close();
    }
  });

  test('refuses a scenario that answers one request in two ways', async () => {
    const twice: Traffic = {
      exchanges: [exchange(0, 'GET', '/', 200, 10, 0), exchange(1, 'GET', '/', 200, 11, 0)],
      order: new Uint32Array(1),
    };
    await expect(startOrigin({ traffic: twice })).rejects.toThrow('GET / in two ways');
  });
});

function exchange(
  id: number,
  method: string,
  target: string,
  status: number,
  answerBytes: number,
  requestBytes: number,
): Exchange {
  const request = encodeRequest(method, target, { host: 'h' }, [], bodies(100 + id, requestBytes));
  const answer = makeAnswer(method, status, FIELDS, bodies(id, answerBytes));
  return { id, method, target, client: 'test', ...request, answer };
}

function body(id: number): Buffer {
  return exchanges[id]?.requestBody ?? Buffer.alloc(0);
}

function answerOf(id: number): Buffer {
  const item = exchanges[id];
  if (item === undefined) throw new Error(`no exchange ${id}`);
  return encodeAnswer(item.answer);
}

function post(length: number): Buffer {
  return Buffer.from(
    `POST /form HTTP/1.1\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n`,
  );
}

/** Chunk sizes are given as they are written, in hex, with their extensions. */
function chunked(target: string, whole: Buffer, sizes: readonly string[]): Buffer {
  const parts: Buffer[] = [
    Buffer.from(`POST ${target} HTTP/1.1\r\ntransfer-encoding: Chunked\r\n\r\n`),
  ];
  let at = 0;
  for (const size of sizes) {
    const next = at + Number.parseInt(size, 16);
    parts.push(Buffer.from(`${size}\r\n`), whole.subarray(at, next), Buffer.from('\r\n'));
    at = next;
  }
  return Buffer.concat([...parts, Buffer.from('0\r\nX-Trailer: 1\r\n\r\n')]);
}

/** Opens a connection, speaks, and waits until `bytes` bytes have come. */
async function talk(
  speak: (client: Socket) => unknown,
  bytes: number,
  port = origin.port,
): Promise<{ received: Buffer; socket: Socket }> {
  const client = connect({ port, host: '127.0.0.1', noDelay: true });
  const parts: Buffer[] = [];
  let size = 0;
  const whole = new Promise<void>((resolve, reject) => {
    client.on('data', (part: Buffer) => {
      parts.push(part);
      size += part.length;
      if (size >= bytes) resolve();
    });
    client.on('error', reject);
    client.on('close', () => reject(new Error(`closed after ${size} of ${bytes} bytes`)));
  });
  await Promise.all([speak(client), whole]);
  const received = Buffer.concat(parts);
  client.destroy();
  return { received, socket: client };
}

/** A function that waits for the next so many bytes. */
function readAnswers(client: Socket): (bytes: number) => Promise<Buffer> {
  const chunks = client[Symbol.asyncIterator]();
  let held = Buffer.alloc(0);
  return async (bytes) => {
    while (held.length < bytes) {
      const next = await chunks.next();
      if (next.done === true) throw new Error(`ended after ${held.length} of ${bytes} bytes`);
      held = Buffer.concat([held, next.value]);
    }
    const answer = held.subarray(0, bytes);
    held = held.subarray(bytes);
    return answer;
  };
}

async function untilEnd(message: string | Buffer): Promise<Buffer> {
  const client = connect({ port: origin.port, host: '127.0.0.1' });
  client.write(message);
  return collect(client);
}

async function collect(client: Socket): Promise<Buffer> {
  const parts: Buffer[] = [];
  client.on('data', (part: Buffer) => parts.push(part));
  await once(client, 'end');
  client.destroy();
  return Buffer.concat(parts);
}

describe('an upgraded connection', () => {
  const messages = prepareTraffic(WEBSOCKET_ECHO, 11);
  const { opening } = messages;
  const request = opening?.requestBytes ?? Buffer.alloc(0);
  const frames = messages.exchanges.slice(0, 3);
  let server: OriginServer;
  beforeAll(async () => {
    server = await startOrigin({ traffic: messages });
  });
  afterAll(() => server.close());

  test('is opened, and gives each message back unmasked, whole or byte by byte', async () => {
    const head = upgradedHead();
    const echoes = Buffer.concat(frames.map(({ answer }) => answer.body));
    const { received } = await talk(
      async (client) => {
        client.write(request);
        await once(client, 'data');
        for (const byte of frames[0]?.requestBytes ?? []) {
          await new Promise<void>((resolve) => client.write(Buffer.of(byte), () => resolve()));
        }
        client.write(Buffer.concat(frames.slice(1).map((frame) => frame.requestBytes)));
      },
      head.length + echoes.length,
      server.port,
    );
    expect(received.toString('latin1')).toBe(Buffer.concat([head, echoes]).toString('latin1'));
    expect(server.counters().requests).toBe(3);
  });

  test.each([
    ['an unmasked frame', Buffer.from([0x81, 2, 104, 105])],
    ['a control frame', Buffer.from([0x89, 0x80, 0, 0, 0, 0])],
    ['a frame of more than 65,535 bytes', Buffer.from([0x81, 0xff, 0, 0])],
  ])('%s ends it', async (_, frame) => {
    const before = server.counters().malformed;
    const { received } = await talk(
      async (client) => {
        client.write(request);
        await once(client, 'data');
        client.write(frame);
        await once(client, 'end');
      },
      upgradedHead().length,
      server.port,
    );
    expect(received.toString('latin1')).toContain('X-Origin-Error: malformed');
    expect(server.counters().malformed).toBe(before + 1);
  });

  test('a request without a key is refused', async () => {
    const bare = request.toString('latin1').replace(/Sec-WebSocket-Key: .*\r\n/, '');
    const { received } = await talk((client) => client.write(bare), 1, server.port);
    expect(received.toString('latin1')).toMatch(/^HTTP\/1\.1 400 /);
  });

  function upgradedHead(): Buffer {
    const fields = (opening?.fields ?? []).map(([name, value]) => `${name}: ${value}\r\n`);
    return Buffer.from(`HTTP/1.1 101 Switching Protocols\r\n${fields.join('')}\r\n`, 'latin1');
  }
});

test('an origin that takes its time answers no sooner than it should', async () => {
  const slow = prepareTraffic({ ...FIXED_1KB, conditions: { originDelayMs: 30 } }, 1);
  const [only] = slow.exchanges;
  const server = await startOrigin({ traffic: slow });
  try {
    const beganAt = performance.now();
    await talk((client) => client.write(only?.requestBytes ?? ''), 1024, server.port);
    // A timer may be early by the fraction of a millisecond that its clock cuts off.
    expect(performance.now() - beganAt).toBeGreaterThan(28);
  } finally {
    await server.close();
  }
});
