import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Origin } from './fixtures/origin.ts';
import { RunningProxy } from './fixtures/running-proxy.ts';
import { baseline } from './index.ts';

let origin: Origin;
let proxy: RunningProxy;

beforeAll(async () => {
  origin = await Origin.start();
  proxy = await RunningProxy.start(baseline, origin, {
    limits: { target: 64, head: 512, headers: 5, body: 10 },
  });
});

afterAll(async () => {
  await proxy.close();
  await origin.close();
});

const HOST = 'Host: a.example\r\n';
const NEXT = `GET /smuggled HTTP/1.1\r\n${HOST}\r\n`;

describe('what node:http lets pass and the proxy refuses', () => {
  test.each([
    ['two Hosts', `GET / HTTP/1.1\r\n${HOST}Host: b.example\r\n\r\n`, 400],
    ['the same Host twice', `GET / HTTP/1.1\r\n${HOST}${HOST}\r\n`, 400],
    ['user information in Host', 'GET / HTTP/1.1\r\nHost: u@a\r\n\r\n', 400],
    ['a path in Host', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n', 400],
    ['a port alone in Host', 'GET / HTTP/1.1\r\nHost: :80\r\n\r\n', 400],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['a target that contradicts Host', `GET http://b.example/ HTTP/1.1\r\n${HOST}\r\n`, 400],
    ['user information in the target', `GET http://u@a.example/ HTTP/1.1\r\n${HOST}\r\n`, 400],
    ['a target of another scheme', `GET ftp://a.example/ HTTP/1.1\r\n${HOST}\r\n`, 400],
    ['a fragment', `GET /a#b HTTP/1.1\r\n${HOST}\r\n`, 400],
    ['* for another method than OPTIONS', `GET * HTTP/1.1\r\n${HOST}\r\n`, 400],
    [
      'Transfer-Encoding in HTTP/1.0',
      `POST / HTTP/1.0\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    [
      'another coding before chunked',
      `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    ['HTTP/2.0 in letters', `GET / HTTP/2.0\r\n${HOST}\r\n`, 400],
    ['HTTP/0.9 with a version', `GET / HTTP/0.9\r\n${HOST}\r\n`, 400],
    ['ICE', `SOURCE / ICE/1.0\r\n${HOST}\r\n`, 400],
    ['RTSP', `DESCRIBE / RTSP/1.0\r\n${HOST}\r\n`, 400],
    ['an unknown expectation', `GET / HTTP/1.1\r\n${HOST}Expect: tea\r\n\r\n`, 417],
    ['CONNECT', `CONNECT a.example:443 HTTP/1.1\r\n${HOST}\r\n`, 405],
    ['a target beyond the limit', `GET /${'a'.repeat(64)} HTTP/1.1\r\n${HOST}\r\n`, 414],
    ['more fields than the limit', `GET / HTTP/1.1\r\n${HOST}${'a: b\r\n'.repeat(5)}\r\n`, 431],
    ['a head beyond the limit', `GET / HTTP/1.1\r\n${HOST}a: ${'b'.repeat(480)}\r\n\r\n`, 431],
    ['a body beyond the limit', `POST / HTTP/1.1\r\n${HOST}Content-Length: 11\r\n\r\n`, 413],
    [
      'chunks beyond the limit',
      `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n`,
      413,
    ],
  ])('%s', async (_what, bytes, statusCode) => {
    const forwarded = origin.requests.length;
    const answer = await proxy.exchange(bytes + NEXT);
    expect(answer).toMatch(
      new RegExp(`^HTTP/1\\.1 ${statusCode} [\\s\\S]*\r\nConnection: close\r\n\r\n`),
    );
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(origin.requests).toHaveLength(forwarded);
  });
});

test('a refusal of HEAD has no body', async () => {
  const answer = await proxy.exchange('HEAD / HTTP/1.1\r\n\r\n');
  expect(answer).toMatch(
    /^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*Content-Length: \d+\r\n[\s\S]*\r\n\r\n$/,
  );
});

test.each([
  ['http://a.example/p?q', '/p?q'],
  ['HTTP://A.example:80', '/'],
  ['http://a.example?q', '/?q'],
  ['http://a.example//p', '//p'],
])('the absolute-form %s goes on as %s', async (target, originForm) => {
  await proxy.exchange(`GET ${target} HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`);
  expect(origin.requests.at(-1)).toContain(`GET ${originForm} HTTP/1.1\r\nhost: a.example\r\n`);
});

test('what a head may have at most is served', async () => {
  const close = 'Connection: close\r\n';
  const fields = `${HOST}${close}a: b\r\na: b\r\na: b\r\n`;
  const target = `/${'t'.repeat(63)}`;
  expect(await proxy.exchange(`GET ${target} HTTP/1.1\r\n${fields}\r\n`)).toMatch(
    /^HTTP\/1\.1 200/,
  );
  const start = `GET / HTTP/1.1\r\n${HOST}${close}a: `;
  const head = `${start}${'b'.repeat(512 - start.length - 4)}\r\n\r\n`;
  expect(head).toHaveLength(512);
  expect(await proxy.exchange(head)).toMatch(/^HTTP\/1\.1 200/);
  expect(await proxy.exchange(head.replace('a: ', 'a: b'))).toMatch(/^HTTP\/1\.1 431/);
});
