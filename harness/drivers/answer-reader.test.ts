import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AnswerReader, type LoadExchange } from './answer-reader.ts';

const BODY = Buffer.from('hello, hop');

function exchange(method = 'GET', status = 200, body = BODY): LoadExchange {
  return { method, target: '/x', requestBytes: Buffer.alloc(0), answer: { status, body } };
}

/** Feeds an answer in pieces cut at the given offsets. */
function read(answer: Buffer, expected = exchange(), cuts: readonly number[] = []): AnswerReader {
  const reader = new AnswerReader();
  reader.expect(expected);
  const ends = [...cuts, answer.length].sort((a, b) => a - b);
  let from = 0;
  for (const end of ends) {
    if (end > from) reader.push(answer, from, end);
    from = end;
  }
  return reader;
}

const bytes = (...parts: readonly string[]): Buffer => Buffer.from(parts.join('\r\n'), 'latin1');
const sized = bytes('HTTP/1.1 200 OK', 'content-LENGTH: 10', '', 'hello, hop');
const chunked = bytes(
  'HTTP/1.1 200 OK',
  'Transfer-Encoding: chunked',
  '',
  '5;x=y',
  'hello',
  '005',
  ', hop',
  '0',
  'Trailer-Field: 1',
  '',
  '',
);

describe('a right answer', () => {
  test.each([
    ['of known length', sized],
    ['in chunks with an extension and a trailer', chunked],
  ])('%s is accepted however it is cut', (_, answer) => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: answer.length - 1 })), (cuts) => {
        const reader = read(answer, exchange(), cuts);
        expect(reader.wrong).toBeNull();
        expect(reader.idle).toBe(true);
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  test('that the end of the connection delimits is complete only then', () => {
    const reader = read(bytes('HTTP/1.1 200 OK', '', 'hello, hop'));
    expect(reader.idle).toBe(false);
    expect(reader.end()).toBe(true);
    expect(reader.wrong).toBeNull();
  });

  test('to HEAD has no body, whatever its length says', () => {
    const reader = read(bytes('HTTP/1.1 200 OK', 'Content-Length: 10', '', ''), exchange('HEAD'));
    expect(reader.idle).toBe(true);
  });

  test('may be preceded by interim ones', () => {
    const interim = bytes('HTTP/1.1 103 Early Hints', 'Link: </a>', '', '');
    const reader = read(Buffer.concat([interim, sized]));
    expect(reader.wrong).toBeNull();
    expect(reader.idle).toBe(true);
  });

  test('says whether the connection closes after it', () => {
    expect(read(sized).closing).toBe(false);
    const last = bytes(
      'HTTP/1.1 200 OK',
      'Connection: close',
      'Content-Length: 10',
      '',
      'hello, hop',
    );
    expect(read(last).closing).toBe(true);
  });
});

describe('a wrong answer is named', () => {
  test.each([
    ['malformed', bytes('SIP/2.0 200 OK', '', '')],
    ['malformed', bytes('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '', 'zz', '')],
    ['malformed', bytes('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '', '2', 'hello', '')],
    ['wrong-status', bytes('HTTP/1.1 502 Bad Gateway', 'Content-Length: 10', '', 'hello, hop')],
    ['wrong-length', bytes('HTTP/1.1 200 OK', 'Content-Length: 9', '', 'hello, ho')],
    [
      'wrong-length',
      bytes('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '', '5', 'hello', '0', '', ''),
    ],
    [
      'wrong-length',
      bytes('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '', 'b', 'hello, hop!', '0', '', ''),
    ],
    ['surplus-bytes', Buffer.concat([sized, Buffer.from('!')])],
  ])('as %s', (kind, answer) => {
    expect(read(answer).wrong?.kind).toBe(kind);
  });

  test.each(Array.from({ length: BODY.length }, (_, at) => at))(
    'if only byte %i of the body differs, in either framing',
    (at) => {
      for (const answer of [sized, chunked]) {
        const broken = Buffer.from(answer);
        const text = answer === sized ? 'hello, hop' : at < 5 ? 'hello' : ', hop';
        const index = broken.lastIndexOf(text) + (answer === sized || at < 5 ? at : at - 5);
        broken[index] = (broken[index] ?? 0) ^ 1;
        const { wrong } = read(broken);
        expect(wrong?.kind).toBe('wrong-body');
        expect(wrong?.detail).toContain(`byte ${at} of 10`);
      }
    },
  );

  test('if the connection ends within it', () => {
    const reader = read(sized.subarray(0, sized.length - 1));
    expect(reader.end()).toBe(false);
    expect(reader.wrong?.kind).toBe('truncated');
  });
});
