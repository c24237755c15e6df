/** The reader of the scripted client and origin. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FieldList } from '../../impls/conformance/observed.ts';
import {
  frameRequest,
  frameResponse,
  type MessageInProgress,
  MessageReader,
} from './message-reader.ts';

interface Read {
  readonly messages: MessageInProgress[];
  readonly problems: string[];
  tunnel: string;
}

function readAll(pieces: readonly string[], method: string | null, ended = false): Read {
  const read: Read = { messages: [], problems: [], tunnel: '' };
  const frame = (line: string, fields: FieldList) =>
    method === null ? frameRequest(line, fields) : frameResponse(line, fields, method);
  const reader = new MessageReader(frame, {
    head: (message) => read.messages.push(message),
    body: () => {},
    end: () => {},
    tunnel: (bytes) => {
      read.tunnel += bytes.toString('latin1');
    },
    problem: (text) => read.problems.push(text),
  });
  for (const piece of pieces) reader.push(Buffer.from(piece, 'latin1'));
  if (ended) reader.end();
  return read;
}

function bodyOf(message: MessageInProgress | undefined): string {
  return Buffer.concat(message?.bodyParts ?? []).toString('latin1');
}

const STREAM =
  'POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello' +
  'POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nSum: 1\r\n\r\n' +
  'GET /c HTTP/1.1\r\nHost: x\r\n\r\n';

test('a stream reads the same however it is cut', () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
  const whole = readAll([STREAM], null);
  expect(whole.messages.map(bodyOf)).toEqual(['hello', 'abc0123456789', '']);
  expect(whole.messages.map(({ complete }) => complete)).toEqual([true, true, true]);
  expect(whole.messages[1]).toMatchObject({
    chunkBytes: [3, 10],
    chunkExtensions: ['x=y'],
    trailers: [['Sum', '1']],
  });
  fc.assert(
    fc.property(cuts, (sizes) => {
      const pieces: string[] = [];
      for (let from = 0, i = 0; from < STREAM.length; i++) {
        const size = sizes[i % sizes.length] ?? 1;
        pieces.push(STREAM.slice(from, from + size));
        from += size;
      }
      const read = readAll(pieces, null);
      expect(read.messages.map(bodyOf)).toEqual(whole.messages.map(bodyOf));
      expect(read.problems).toEqual([]);
    }),
    { seed: 1, numRuns: 60 },
  );
});

describe('an answer', () => {
  test.each([
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'],
    ['GET', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n'],
  ])('to %s without a body is complete with its head', (method, head) => {
    expect(readAll([head], method).messages[0]?.complete).toBe(true);
  });

  test('without framing is complete only with the end of the stream', () => {
    const bytes = ['HTTP/1.1 200 OK\r\n\r\nsome'];
    expect(readAll(bytes, 'GET').messages[0]?.complete).toBe(false);
    expect(readAll(bytes, 'GET', true).messages[0]?.complete).toBe(true);
  });

  test('that ends short stays incomplete', () => {
    const read = readAll(['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nsome'], 'GET', true);
    expect(read.messages[0]?.complete).toBe(false);
  });

  test('of 101 turns the rest into a tunnel', () => {
    expect(readAll(['HTTP/1.1 101 X\r\n\r\nGET ', '/\r\n\r\n'], 'GET').tunnel).toBe(
      'GET /\r\n\r\n',
    );
  });
});

test.each([
  ['a start line that is none', 'nonsense\r\n\r\n'],
  ['a line without a colon', 'HTTP/1.1 200 OK\r\nnonsense\r\n\r\n'],
  ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx'],
  ['a bad chunk size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
  ['a chunk beyond its size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n'],
])('%s is a problem, told once', (_what, bytes) => {
  expect(readAll([bytes, 'more'], 'GET').problems).toHaveLength(1);
});
