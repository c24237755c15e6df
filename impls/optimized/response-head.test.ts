import { describe, expect, test } from 'vitest';
import {
  BODY_CHUNKED,
  BODY_LENGTH,
  BODY_NONE,
  BODY_UNTIL_CLOSE,
  HEAD_INCOMPLETE,
  HEAD_READ,
} from './framing.ts';
import { HEAD_MALFORMED, ResponseHead } from './response-head.ts';

const head = new ResponseHead();

function read(text: string, toHead = false, to?: number): number {
  const bytes = Buffer.from(text, 'latin1');
  return head.read(bytes, 0, to ?? bytes.length, toHead);
}

const GOOD: readonly (readonly [body: number, text: string])[] = [
  [BODY_LENGTH, 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n'],
  [BODY_CHUNKED, 'HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n'],
  [BODY_UNTIL_CLOSE, 'HTTP/1.1 200\r\n\r\n'],
  [BODY_UNTIL_CLOSE, 'HTTP/1.0 200 Fine \xe9\r\nA:b\r\n\r\n'],
  [BODY_NONE, 'HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n'],
  [BODY_NONE, 'HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n'],
  [BODY_NONE, 'HTTP/1.1 100 Continue\r\n\r\n'],
];

const BAD: readonly string[] = [
  'HTTP/2.0 200 OK\r\n\r\n',
  'HTTP/1.2 200 OK\r\n\r\n',
  'http/1.1 200 OK\r\n\r\n',
  'HTTP/1.1  200 OK\r\n\r\n',
  'HTTP/1.1 20 OK\r\n\r\n',
  'HTTP/1.1 2000 OK\r\n\r\n',
  'HTTP/1.1 099 OK\r\n\r\n',
  'HTTP/1.1 600 OK\r\n\r\n',
  'HTTP/1.1 200 O\x00K\r\n\r\n',
  'HTTP/1.1 200 OK\n\r\n',
  '\r\nHTTP/1.1 200 OK\r\n\r\n',
  'HTTP/1.1 200 OK\r\nA : b\r\n\r\n',
  'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\t\r\n\r\n',
  'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
];

describe("an answer's head", () => {
  test.each(GOOD)('is read, its body framed as %i: %j', (body, text) => {
    expect(read(text)).toBe(HEAD_READ);
    expect([head.body, head.end]).toEqual([body, text.length]);
  });

  test('says nothing of a body where the request was HEAD', () => {
    for (const [, text] of GOOD) {
      expect(read(text, true)).toBe(HEAD_READ);
      expect(head.body).toBe(BODY_NONE);
    }
  });

  test.each(BAD)('is malformed: %j', (text) => {
    expect(read(text)).toBe(HEAD_MALFORMED);
  });

  test('is incomplete before its last byte', () => {
    for (const [, text] of GOOD) {
      for (let to = 0; to < text.length; to += 1) {
        expect(read(text, false, to)).toBe(HEAD_INCOMPLETE);
      }
    }
  });
});
