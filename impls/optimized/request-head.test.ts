import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TEST_LIMITS } from './fixtures/policy.ts';
import { BODY_CHUNKED, BODY_LENGTH, BODY_NONE, HEAD_INCOMPLETE, HEAD_READ } from './framing.ts';
import { RequestHead } from './request-head.ts';

const head = new RequestHead();

function read(text: string, to?: number): number {
  const bytes = Buffer.from(text, 'latin1');
  return head.read(bytes, 0, to ?? bytes.length, TEST_LIMITS);
}

const GET = (line: string, fields = 'Host: x\r\n'): string => `${line}\r\n${fields}\r\n`;
const POST = (fields: string): string => `POST / HTTP/1.1\r\nHost: x\r\n${fields}\r\n`;

const GOOD: readonly string[] = [
  GET('GET / HTTP/1.1'),
  `\r\n${GET('GET / HTTP/1.1')}`,
  GET("!#$%&'*+-.^_`|~09aZ /a%zz?b HTTP/1.1"),
  GET('GET / HTTP/1.0', ''),
  GET('OPTIONS * HTTP/1.1'),
  GET('GET http://x HTTP/1.1'),
  GET('GET HTTPS://X/a HTTP/1.1'),
  GET('GET http://x?y HTTP/1.1'),
  GET('GET / HTTP/1.1', 'Host:\r\n'),
  GET('GET / HTTP/1.1', 'Host: [::1]:80\r\n'),
  GET('GET / HTTP/1.1', 'Host: a.b:8080\t \r\nX:\r\nY:\t\xff\t \r\n'),
  GET('GET /\xe9 HTTP/1.1'),
  POST('Content-Length: 0\r\n'),
  POST('content-length: 007\r\n'),
  POST('Transfer-Encoding: CHUNKED\r\n'),
  POST('Expect: 100-Continue\r\nContent-Length: 1\r\n'),
];

const BAD: readonly (readonly [status: number, text: string])[] = [
  [400, GET('GET  / HTTP/1.1')],
  [400, GET(' GET / HTTP/1.1')],
  [400, GET('GET /  HTTP/1.1')],
  [400, GET('GET / HTTP/1.1 ')],
  [400, GET('GET\t/ HTTP/1.1')],
  [400, GET('GET /')],
  [400, GET('G(T / HTTP/1.1')],
  [400, GET('GET /a#b HTTP/1.1')],
  [400, GET('GET /\x7f HTTP/1.1')],
  [400, GET('GET a HTTP/1.1')],
  [400, GET('GET * HTTP/1.1')],
  [400, GET('GET ftp://x/ HTTP/1.1')],
  [400, GET('GET http:///a HTTP/1.1')],
  [400, GET('GET http://u@x/ HTTP/1.1')],
  [400, GET('GET http://y/ HTTP/1.1')],
  [400, GET('GET http://x:80/ HTTP/1.1')],
  [400, GET('GET / http/1.1')],
  [400, GET('GET / HTTP/1.2')],
  [400, GET('GET / HTTP/1.10')],
  [505, GET('GET / HTTP/2.0')],
  [405, GET('CONNECT x:443 HTTP/1.1')],
  [400, 'GET / HTTP/1.1\nHost: x\n\n'],
  [400, 'GET / HTTP/1.1\r\nHost: x\n\r\n'],
  [400, 'GET / HTTP/1.1\r\nHost: x\r\n\n'],
  [400, GET('GET / HTTP/1.1', '')],
  [400, GET('GET / HTTP/1.1', 'Host: x\r\nHost: x\r\n')],
  ...['u@x', 'a b', 'a/b', 'a,b', 'x:8a', ':80', '[::1', '[::1]x', '%zz', 'x:123456', 'a"'].map(
    (host) => [400, GET('GET / HTTP/1.1', `Host: ${host}\r\n`)] as const,
  ),
  ...[
    ' A: b',
    'A : b',
    ': b',
    'A\x00: b',
    'A: b\x00',
    'A: b\rc',
    'A: b\x7f',
    '\tA: b',
    'A',
    '(: b',
  ].map((field) => [400, GET('GET / HTTP/1.1', `Host: x\r\n${field}\r\n`)] as const),
  [400, GET('GET / HTTP/1.1', 'Host: x\r\nA: b\r\n c\r\n')],
  ...['', '+1', '-1', '1,1', '1, 1', '0x1', '1 1', '1.0'].map(
    (length) => [400, POST(`Content-Length: ${length}\r\n`)] as const,
  ),
  [400, POST('Content-Length: 1\r\nContent-Length: 1\r\n')],
  [413, POST('Content-Length: 1048577\r\n')],
  [413, POST(`Content-Length: ${'9'.repeat(40)}\r\n`)],
  ...[
    '',
    'gzip',
    'gzip, chunked',
    'chunked, chunked',
    'chunked;a',
    '"chunked"',
    'xchunked',
    'chunked\t',
    'chunked \t ',
  ].map((coding) => [400, POST(`Transfer-Encoding: ${coding}\r\n`)] as const),
  [400, POST('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n')],
  [400, POST('Transfer-Encoding: chunked\r\nContent-Length: 1\r\n')],
  [400, POST('Content-Length: 0\r\nTransfer-Encoding: chunked\r\n')],
  [400, 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n'],
  [417, POST('Expect: other\r\n')],
];

describe('a request head', () => {
  test.each(GOOD)('is read: %j', (text) => {
    expect(read(text)).toBe(HEAD_READ);
    expect(head.end).toBe(text.length);
  });

  test.each(BAD)('is refused with %i: %j', (status, text) => {
    expect(read(text)).toBe(status);
  });

  test('is never taken for complete, nor for wrong, before its last byte', () => {
    for (const text of GOOD) {
      for (let to = 0; to < text.length; to += 1) expect(read(text, to)).toBe(HEAD_INCOMPLETE);
    }
  });

  test('that is refused is at most incomplete before, and never accepted', () => {
    for (const [status, text] of BAD) {
      for (let to = 0; to < text.length; to += 1) {
        expect([HEAD_INCOMPLETE, status, 400, 505]).toContain(read(text, to));
      }
    }
  });

  test('may have any well-formed fields, whose places are recorded', () => {
    const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}$/);
    const value = fc.stringMatching(/^([!-~\xa1-\xff]([\t -~\xa1-\xff]{0,30}[!-~\xa1-\xff])?)?$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(token, value), { maxLength: 30 }), (fields) => {
        const others = fields.map(([name, text]) => [`Z${name}`, text] as const);
        const text = `GET / HTTP/1.1\r\nHost: x\r\n${others.map(([n, v]) => `${n}: \t${v} \r\n`).join('')}\r\n`;
        const bytes = Buffer.from(text, 'latin1');
        expect(head.read(bytes, 0, bytes.length, TEST_LIMITS)).toBe(HEAD_READ);
        const found = others.map((_, i) => [
          bytes.toString('latin1', head.fields.nameStart(i + 1), head.fields.nameEnd(i + 1)),
          bytes.toString('latin1', head.fields.valueStart(i + 1), head.fields.valueEnd(i + 1)),
        ]);
        expect(found).toEqual(others);
      }),
      { seed: 7 },
    );
  });

  test('keeps nothing of the head before it', () => {
    read(
      POST('Content-Length: 5\r\nConnection: close, X\r\nTE: trailers\r\nExpect: 100-continue\r\n'),
    );
    expect([head.body, head.contentLength, head.keepAlive]).toEqual([BODY_LENGTH, 5, false]);
    expect([head.namesFields, head.trailersWanted, head.expectsContinue]).toEqual([
      true,
      true,
      true,
    ]);
    read(POST('Transfer-Encoding: chunked\r\n'));
    expect(head.body).toBe(BODY_CHUNKED);
    read(GET('GET / HTTP/1.1'));
    expect([head.body, head.contentLength, head.keepAlive]).toEqual([BODY_NONE, 0, true]);
    expect([head.namesFields, head.trailersWanted, head.expectsContinue]).toEqual([
      false,
      false,
      false,
    ]);
  });
});
