import { Buffer } from 'node:buffer';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import type { LoadExchange } from './answer-reader.ts';
import { saturate } from './saturation.ts';

const exchange = (method: string, target: string, body: string, sent = ''): LoadExchange => ({
  method,
  target,
  requestBytes: Buffer.from(
    `${method} ${target} HTTP/1.1\r\nHost: www.example.com\r\nX-Own: 1\r\n${sent === '' ? '' : `Content-Length: ${sent.length}\r\n`}\r\n${sent}`,
  ),
  answer: { status: 200, body: Buffer.from(body) },
});
const stream = {
  exchanges: [
    exchange('GET', '/a', 'first'),
    exchange('POST', '/b', 'second', 'sent'),
    exchange('HEAD', '/c', ''),
  ],
  order: Uint32Array.of(0, 1, 2),
};

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ label: string; host: string; port: number }> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { label: 'a server', host: '127.0.0.1', port: address.port };
}

const never = new AbortController().signal;

test('sends the requests of the stream, HEAD left out, and gives rate and service times', async () => {
  const seen = new Set<string>();
  const target = await serve((request, response) => {
    seen.add(
      `${request.method} ${request.url} ${request.headers.host} ${request.headers['x-own']}`,
    );
    request.resume();
    response.end(request.url === '/a' ? 'first' : 'second');
  });
  const seconds: number[] = [];
  const result = await saturate({
    target,
    stream,
    connections: 10,
    durationMs: 1000,
    signal: never,
    onSecond: (answered) => seconds.push(answered),
  });
  expect([...seen].sort()).toEqual(['GET /a www.example.com 1', 'POST /b www.example.com 1']);
  expect(result.failures).toEqual({});
  expect(result.requests).toBeGreaterThan(10);
  expect(result.requestsPerSecond).toBeGreaterThan(10);
  expect(result.serviceMaxMs).toBeGreaterThanOrEqual(result.serviceP50Ms);
  expect(seconds.length).toBeGreaterThan(0);
});

describe('wrong answers are counted by kind', () => {
  test.each([
    ['wrong-status', 500, 'first'],
    ['wrong-length', 200, 'firs'],
    ['wrong-body', 200, 'FIRST'],
  ])('%s', async (kind, status, body) => {
    const target = await serve((request, response) => {
      request.resume();
      response.statusCode = request.url === '/a' ? status : 200;
      response.end(request.url === '/a' ? body : 'second');
    });
    const options = { target, stream, connections: 2, durationMs: 200, signal: never };
    const { failures } = await saturate(options);
    expect(Object.keys(failures)).toEqual([kind]);
    expect(failures[kind]).toBeGreaterThan(0);
  });
});

test('a server that is not there gives connection failures and no request', async () => {
  const target = { label: 'nobody', host: '127.0.0.1', port: 1 };
  const options = { target, stream, connections: 2, durationMs: 200, signal: never };
  const result = await saturate(options);
  expect(result.requests).toBe(0);
  expect(result.failures.connection).toBeGreaterThan(0);
});

test('ends soon when it is told to', async () => {
  const target = await serve((_, response) => response.end('first'));
  const controller = new AbortController();
  const options = { target, stream, connections: 2, durationMs: 600_000 };
  const result = await saturate({
    ...options,
    signal: controller.signal,
    onSecond: () => controller.abort(),
  });
  expect(result.requests).toBeGreaterThan(0);
});
