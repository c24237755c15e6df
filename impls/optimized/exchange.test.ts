import { afterEach, describe, expect, test } from 'vitest';
import type { Policy } from '../policy/policy.ts';
import { testPolicy } from './fixtures/policy.ts';
import { type RunningProxy, runProxy } from './fixtures/running-proxy.ts';

let proxy: RunningProxy | null = null;

afterEach(async () => {
  await proxy?.close();
  proxy = null;
});

async function start(policy?: Policy, port?: number): Promise<RunningProxy> {
  proxy = await runProxy(policy, port);
  return proxy;
}

/** A length that is no divisor of any buffer's: a piece out of place shows. */
const PATTERN = Array.from({ length: 1021 }, (_, i) => String.fromCharCode(33 + (i % 89))).join('');
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const GET = 'GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n';

/** How much of a message has come behind its head. */
function bodyBytes(received: string): number {
  const end = received.indexOf('\r\n\r\n');
  return end === -1 ? 0 : received.length - end - 4;
}

describe('forwarding', () => {
  test('a request and its answer arrive unchanged, over connections that are used again', async () => {
    const { client, origin, handler } = await start();
    origin.answerAll(OK);
    const peer = client();
    for (const times of [1, 2, 3]) {
      peer.send(GET);
      await peer.until((p) => p.received === OK.repeat(times));
    }
    expect(origin.connections.map((p) => p.received)).toEqual([GET.repeat(3)]);
    expect(handler.counters().upstream).toEqual({ opened: 1, reused: 2, retried: 0 });
  });

  test('pipelined requests are answered in order, one upstream request at a time', async () => {
    const { client, origin } = await start();
    const peer = client();
    peer.send(GET.repeat(3));
    const upstream = await origin.connection(0);
    for (const times of [1, 2, 3]) {
      await upstream.until((p) => p.received.length >= GET.length * times);
      expect(upstream.received).toBe(GET.repeat(times));
      upstream.send(`HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${times}`);
      await peer.until((p) => p.received.endsWith(`\r\n\r\n${times}`));
    }
  });

  test('a chunked body goes on as chunked, without extensions and with its allowed trailers', async () => {
    const { client, origin } = await start();
    origin.answerAll(OK);
    const peer = client();
    const head = 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
    peer.send(`${head}3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 1\r\nHost: evil\r\n\r\n`);
    await peer.untilText('ok');
    expect(origin.connections[0]?.received).toBe(`${head}5\r\nabcde\r\n0\r\nX-Sum: 1\r\n\r\n`);
  });

  test('a body of known length sent byte by byte arrives whole', async () => {
    const { client, origin } = await start();
    const peer = client();
    const request = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello';
    for (const byte of request) {
      peer.send(byte);
      await new Promise(setImmediate);
    }
    const upstream = await origin.connection(0);
    await upstream.untilText('hello');
    expect(upstream.received).toBe(request);
  });

  test('an answer sent byte by byte arrives whole', async () => {
    const { client, origin } = await start();
    const peer = client();
    peer.send(GET);
    const upstream = await origin.connection(0);
    await upstream.untilText('\r\n\r\n');
    for (const byte of OK) {
      upstream.send(byte);
      await new Promise(setImmediate);
    }
    await peer.untilText('ok');
    expect(peer.received).toBe(OK);
  });

  test('hop-by-hop fields and those that Connection names stay here', async () => {
    const { client, origin } = await start();
    origin.answerAll(
      'HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nX-End: 1\r\nContent-Length: 2\r\n\r\nok',
    );
    const peer = client();
    peer.send(
      'GET / HTTP/1.1\r\nHost: x\r\nconnection: X-Mine, Host\r\nX-Mine: 1\r\nProxy-Authorization: s\r\nX-Kept: 1\r\n\r\n',
    );
    await peer.untilText('ok');
    expect(origin.connections[0]?.received).toBe('GET / HTTP/1.1\r\nHost: x\r\nX-Kept: 1\r\n\r\n');
    expect(peer.received).toBe('HTTP/1.1 200 OK\r\nX-End: 1\r\nContent-Length: 2\r\n\r\nok');
  });

  test('what an untrusted peer says of forwarding is replaced, what a trusted one says is kept', async () => {
    const forwarded = { xForwarded: true, forwarded: true, via: 'hop' };
    const request =
      'GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Port: 1\r\nVia: 1.0 a\r\n\r\n';
    const { client, origin, handler } = await start(testPolicy({ forwarded }));
    origin.answerAll(OK);
    const peer = client();
    peer.send(request);
    await peer.untilText('ok');
    const first = origin.connections[0]?.received ?? '';
    expect(first).toContain('\r\nX-Forwarded-For: 127.0.0.1\r\n');
    expect(first).toContain('\r\nX-Forwarded-Host: x\r\n');
    expect(first).toContain('\r\nX-Forwarded-Proto: http\r\n');
    expect(first).toContain('\r\nForwarded: for=127.0.0.1;proto=http;host="x"\r\n');
    expect(first).toContain('\r\nVia: 1.0 a, 1.1 hop\r\n');
    expect(first).not.toContain('Port');
    await handler.reload(testPolicy({ forwarded, trustForwardedFrom: ['127.0.0.0/8'] }));
    peer.send(request);
    await peer.until((p) => p.received === OK + OK);
    const second = (origin.connections[0]?.received ?? '').slice(first.length);
    expect(second).toContain('\r\nX-Forwarded-For: 9.9.9.9, 127.0.0.1\r\n');
    expect(second).toContain('\r\nX-Forwarded-Port: 1\r\n');
  });

  test('an answer that ends with its connection goes to a 1.1 client as chunked', async () => {
    const { client, origin } = await start();
    const peer = client();
    peer.send(GET);
    const upstream = await origin.connection(0);
    await upstream.untilText('\r\n\r\n');
    upstream.send('HTTP/1.1 200 OK\r\n\r\nabc');
    await peer.untilText('abc');
    upstream.socket.end('de');
    await peer.untilText('0\r\n\r\n');
    expect(peer.received).toBe(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
    );
  });

  test('large bodies pass both ways with bounded memory in between', async () => {
    const { client, origin } = await start(testPolicy({ limits: { bodyBytes: 64 * 1024 * 1024 } }));
    const size = 32_768 * PATTERN.length;
    const peer = client();
    peer.send(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${size}\r\n\r\n`);
    peer.socket.write(Buffer.alloc(size, PATTERN));
    const upstream = await origin.connection(0);
    await upstream.until((p) => p.received.length > size && bodyBytes(p.received) >= size);
    expect(upstream.received.endsWith(PATTERN.repeat(size / PATTERN.length))).toBe(true);
    upstream.send(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
    peer.socket.pause();
    upstream.socket.write(Buffer.alloc(size, PATTERN));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(upstream.socket.writableLength).toBeGreaterThan(0);
    peer.socket.resume();
    await peer.until((p) => p.received.length > size && bodyBytes(p.received) >= size);
    expect(peer.received.endsWith(PATTERN.repeat(size / PATTERN.length))).toBe(true);
  });
});

describe('what cannot be forwarded', () => {
  test('no upstream is 502 and the connection stays open', async () => {
    const { client } = await start(undefined, 1);
    const peer = client();
    peer.send(GET);
    await peer.untilText('Bad Gateway\n');
    expect(peer.received).toMatch(/^HTTP\/1\.1 502 /);
    expect(peer.received).not.toContain('Connection: close');
    peer.send(GET);
    await peer.until((p) => p.received.match(/ 502 /g)?.length === 2);
  });

  test('an upstream that does not begin in time is 504', async () => {
    const { client, handler } = await start(testPolicy({ limits: { firstByteTimeoutMs: 30 } }));
    const peer = client();
    peer.send(GET);
    await peer.untilText('Gateway Timeout\n');
    expect(handler.counters().errors).toEqual({ 'upstream-timeout': 1 });
  });

  test('a body that ends short breaks the client connection', async () => {
    const { client, origin } = await start();
    const peer = client();
    peer.send(GET);
    const upstream = await origin.connection(0);
    await upstream.untilText('\r\n\r\n');
    upstream.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n');
    await peer.untilText('abc');
    upstream.socket.end();
    await peer.untilClosed();
    expect(peer.received.endsWith('0\r\n\r\n')).toBe(false);
    expect(peer.failed).toBe(true);
  });

  test('a request on a reused connection that breaks unanswered is sent again once', async () => {
    const { client, origin, handler } = await start();
    const peer = client();
    peer.send(GET);
    const first = await origin.connection(0);
    await first.untilText('\r\n\r\n');
    first.send(OK);
    await peer.untilText('ok');
    first.socket.on('data', () => first.socket.resetAndDestroy());
    peer.send(GET);
    const second = await origin.connection(1);
    await second.untilText('\r\n\r\n');
    expect(second.received).toBe(GET);
    second.send(OK);
    await peer.until((p) => p.received === OK + OK);
    expect(handler.counters().upstream).toEqual({ opened: 2, reused: 1, retried: 1 });
  });

  test('a POST is not sent again', async () => {
    const { client, origin } = await start();
    const peer = client();
    const request = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n';
    peer.send(request);
    const first = await origin.connection(0);
    await first.untilText('\r\n\r\n');
    first.send(OK);
    await peer.untilText('ok');
    first.socket.on('data', () => first.socket.resetAndDestroy());
    peer.send(request);
    await peer.untilText(' 502 ');
    expect(origin.connections.length).toBe(1);
  });

  test('an idle upstream connection that speaks is not used', async () => {
    const { client, origin } = await start();
    const peer = client();
    peer.send(GET);
    const first = await origin.connection(0);
    await first.untilText('\r\n\r\n');
    first.send(`${OK}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`);
    await peer.untilText('ok');
    peer.send(GET);
    const second = await origin.connection(1);
    await second.untilText('\r\n\r\n');
    second.send(OK);
    await peer.until((p) => p.received === OK + OK);
  });

  test('a client that resets its connection ends its upstream request', async () => {
    const { client, origin, handler } = await start();
    const peer = client();
    peer.send(GET);
    const upstream = await origin.connection(0);
    await upstream.untilText('\r\n\r\n');
    peer.socket.resetAndDestroy();
    await upstream.until((p) => p.ended || p.closed);
    expect(handler.counters().errors).toEqual({ 'client-aborted': 1 });
  });

  test('a client that half-closes still gets its answer', async () => {
    const { client, origin } = await start();
    const peer = client({ allowHalfOpen: true });
    peer.socket.end(GET);
    const upstream = await origin.connection(0);
    await upstream.untilText('\r\n\r\n');
    await new Promise(setImmediate);
    upstream.send(OK);
    await peer.until((p) => p.ended);
    expect(peer.received).toBe(OK);
  });

  test.each([
    ['414', `GET /${'a'.repeat(2000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
    ['431', `GET / HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(5000)}\r\n\r\n`],
    ['431', `GET / HTTP/1.1\r\nHost: x\r\n${'A: a\r\n'.repeat(41)}\r\n`],
    ['413', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n'],
    ['417', 'POST / HTTP/1.1\r\nHost: x\r\nExpect: much\r\nContent-Length: 1\r\n\r\nx'],
    ['405', 'CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['400', 'GET / HTTP/1.1\r\n\r\n'],
  ])('%s closes the connection and nothing behind it is a request', async (status, request) => {
    const { client, origin } = await start();
    const peer = client();
    peer.send(request + GET);
    await peer.until((p) => p.ended);
    expect(peer.received).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(peer.received).toContain('Connection: close\r\n');
    expect(peer.received.match(/HTTP\/1/g)).toHaveLength(1);
    expect(origin.connections).toHaveLength(0);
  });

  test('a head and a body that come too slowly are 408', async () => {
    const limits = { headTimeoutMs: 30, bodyTimeoutMs: 30 };
    const { client } = await start(testPolicy({ limits }));
    for (const slow of ['GET / HT', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na']) {
      const peer = client();
      peer.send(slow);
      await peer.until((p) => p.ended);
      expect(peer.received).toMatch(/^HTTP\/1\.1 408 /);
    }
  });
});

describe('rules', () => {
  const capture = { method: true, path: true, headers: false, body: false, timing: false };
  const bodyRule = {
    name: 'body',
    match: { body: { patterns: [{ source: 'attack', flags: '' }] } },
    response: { statusCode: 418, body: 'no', headers: { 'X-Why': 'rule' } },
  };

  test('a dropped request never reaches the upstream and the connection goes on', async () => {
    const rule = {
      name: 'admin',
      match: { path: { patterns: [{ source: '^/admin', flags: '' }] } },
      response: { statusCode: 403, body: '', headers: {} },
    };
    const { client, origin, handler } = await start(
      testPolicy({ drop: { default: false, rules: [rule] } }),
    );
    origin.answerAll(OK);
    const peer = client();
    peer.send(`GET //x/../%61dmin HTTP/1.1\r\nHost: x\r\n\r\n${GET}`);
    await peer.untilText('ok');
    expect(peer.received).toBe(`HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n${OK}`);
    expect(origin.connections[0]?.received).toBe(GET);
    expect(handler.counters().dropped).toBe(1);
  });

  test('a body rule holds the request until the body says whether it is dropped', async () => {
    const { client, origin } = await start(
      testPolicy({ drop: { default: false, rules: [bodyRule] } }),
    );
    origin.answerAll(OK);
    const peer = client();
    const head = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n';
    peer.send(`${head}at`);
    await new Promise(setImmediate);
    peer.send('tack!!');
    await peer.untilText('no');
    expect(peer.received).toContain('418 ');
    expect(origin.connections).toHaveLength(0);
    peer.send(`${head}harm`);
    await new Promise(setImmediate);
    peer.send('less');
    await peer.untilText('ok');
    expect(origin.connections[0]?.received).toBe(`${head}harmless`);
  });

  test('a held request with Expect is answered 100 once, and goes on without it', async () => {
    const { client, origin } = await start(
      testPolicy({ drop: { default: false, rules: [bodyRule] } }),
    );
    origin.answerAll(`HTTP/1.1 100 Continue\r\n\r\n${OK}`);
    const peer = client();
    peer.send('POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n');
    await peer.untilText('100 Continue');
    peer.send('hi');
    await peer.untilText('ok');
    expect(peer.received.match(/100 Continue/g)).toHaveLength(1);
    expect(origin.connections[0]?.received).not.toContain('Expect');
  });

  test('a line says what the rule captures, secrets left out', async () => {
    const { client, origin, lines, handler } = await start(
      testPolicy({
        logging: {
          default: false,
          rules: [{ name: 'all', match: {}, capture: { ...capture, headers: true, body: true } }],
        },
        responseLogging: {
          default: false,
          rules: [
            {
              name: 'good',
              match: {
                statusCodes: [[200, 299]],
                body: { patterns: [{ source: 'ok', flags: '' }] },
              },
              capture: { headers: false, body: false, timing: false },
            },
          ],
        },
      }),
    );
    origin.answerAll(OK);
    const peer = client();
    peer.send(
      'POST /a?token=s&b=1 HTTP/1.1\r\nHost: x\r\nAuthorization: s\r\nContent-Length: 2\r\n\r\nhi',
    );
    await peer.untilText('ok');
    await handler.close();
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        time: expect.any(String),
        rule: 'all',
        responseRule: 'good',
        client: '127.0.0.1',
        method: 'POST',
        target: '/a?token=[redacted]&b=1',
        status: 200,
        outcome: 'forwarded',
        requestBytes: 2,
        responseBytes: 2,
        requestHeaders: [
          ['Host', 'x'],
          ['Authorization', '[redacted]'],
          ['Content-Length', '2'],
        ],
        responseHeaders: [['Content-Length', '2']],
        requestBody: 'hi',
        responseBody: 'ok',
      },
    ]);
  });
});

describe('upgrades, drain and close', () => {
  test('a tunnel opens only after 101 and ends both ways', async () => {
    const { client, origin } = await start();
    const peer = client({ allowHalfOpen: true });
    const request = 'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: ws\r\n';
    peer.send(`${request}Connection: Upgrade\r\n\r\nearly`);
    const upstream = await origin.connection(0);
    await upstream.untilText('\r\n\r\n');
    expect(upstream.received).toBe(`${request}Connection: Upgrade\r\n\r\n`);
    upstream.send(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: ws\r\nConnection: upgrade\r\n\r\nhi',
    );
    await peer.untilText('hi');
    await upstream.untilText('early');
    peer.socket.end('last');
    await upstream.until((p) => p.ended);
    expect(upstream.received.endsWith('earlylast')).toBe(true);
    upstream.socket.end('bye');
    await peer.untilClosed();
    expect(peer.received.endsWith('hibye')).toBe(true);
  });

  test('what follows a 101 whose head came in pieces reaches the client whole', async () => {
    const { client, origin } = await start();
    const peer = client();
    peer.send('GET / HTTP/1.1\r\nHost: x\r\nUpgrade: ws\r\nConnection: Upgrade\r\n\r\n');
    const upstream = await origin.connection(0);
    await upstream.untilText('\r\n\r\n');
    upstream.send('HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 101 Switch');
    await peer.untilText('103 Early Hints\r\n\r\n');
    upstream.send('ing\r\nUpgrade: ws\r\nConnection: upgrade\r\n\r\nhi');
    await peer.untilText('101 Switching');
    upstream.socket.end('bye');
    await peer.untilText('bye');
    expect(peer.received).toBe(
      'HTTP/1.1 103 Early Hints\r\n\r\n' +
        'HTTP/1.1 101 Switching\r\nUpgrade: ws\r\nConnection: Upgrade\r\n\r\nhibye',
    );
  });

  test('drain closes idle connections and lets the others finish with Connection: close', async () => {
    const { client, origin, handler } = await start();
    const idle = client();
    idle.send(GET);
    const upstream = await origin.connection(0);
    await upstream.untilText('\r\n\r\n');
    upstream.send(OK);
    await idle.untilText('ok');
    const busy = client();
    busy.send(GET);
    await upstream.until((p) => p.received === GET + GET);
    const drained = handler.drain(60_000);
    await idle.untilClosed();
    upstream.send(OK);
    await busy.untilClosed();
    expect(busy.received).toContain('Connection: close\r\n');
    expect(await drained).toEqual({ finished: 2, destroyed: 0 });
  });

  test('a reload applies to the next request and keeps compiled patterns', async () => {
    const rule = (name: string) => ({
      name,
      match: { path: { patterns: [{ source: `^/${name}`, flags: 'i' }] } },
      response: { statusCode: 403, body: '', headers: {} },
    });
    const { client, origin, handler } = await start(
      testPolicy({ drop: { default: false, rules: [rule('b')] } }),
    );
    origin.answerAll(OK);
    const peer = client();
    peer.send(GET);
    await peer.untilText('ok');
    const report = await handler.reload(
      testPolicy({ drop: { default: false, rules: [rule('b'), rule('a')] } }),
    );
    expect(report).toEqual({ rules: 2, patternsKept: 1, patternsCompiled: 1 });
    peer.send(GET);
    await peer.untilText(' 403 ');
  });
});
