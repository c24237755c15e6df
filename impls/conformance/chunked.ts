/**
 * The chunked coding: read strictly, written anew, never relayed as it was found (RFC 9112 7.1).
 */
import type { Bytes, ConformanceCase, Failure } from './case.ts';
import {
  all,
  answerBody,
  answerCount,
  answerFraming,
  endedInOrder,
  expectThat,
  onRequest,
  readableRequests,
  requestBody,
  requestField,
  status,
} from './checks.ts';
import type { Observed } from './observed.ts';
import {
  answer,
  chunkedReply,
  chunkedRequest,
  exchange,
  get,
  join,
  noise,
  refusal,
  request,
} from './steps.ts';

const CHUNKED = 'Transfer-Encoding: chunked';

export const CHUNKED_CASES: readonly ConformanceCase[] = [
  {
    id: 'chunked-in-one-byte-writes',
    tier: 'forwarding',
    family: 'chunked',
    title: 'A chunked request that comes byte by byte arrives unchanged.',
    section: 'RFC 9112 7.1',
    fast: true,
    exchange: {
      client: [
        {
          do: 'send',
          bytes: chunkedRequest('POST', '/slowly', ['Hello, ', 'world', noise(40, 6)]),
          pieceBytes: 1,
        },
        { do: 'until', event: 'client-response', count: 1 },
      ],
    },
    check: all(status(200), requestBody(join('Hello, world', noise(40, 6)))),
  },
  {
    id: 'chunked-answer-in-one-byte-writes',
    tier: 'forwarding',
    family: 'chunked',
    title: 'A chunked answer that comes byte by byte arrives unchanged.',
    section: 'RFC 9112 7.1',
    exchange: exchange(get('/slow-answer'), {
      steps: [{ do: 'send', bytes: chunkedReply(200, ['Hello, ', noise(40, 7)]), pieceBytes: 1 }],
    }),
    check: all(status(200), answerBody(join('Hello, ', noise(40, 7)))),
  },
  {
    id: 'chunked-stays-chunked',
    tier: 'strict',
    family: 'chunked',
    title: 'A chunked request goes on as chunked, a chunked answer comes back as chunked.',
    section: 'RFC 9112 6.1',
    exchange: exchange(
      chunkedRequest('POST', '/chunked', ['abc', 'de']),
      answer(chunkedReply(200, ['fgh', 'ij'])),
    ),
    check: all(
      status(200),
      answerBody('fghij'),
      answerFraming(['chunked']),
      requestBody('abcde'),
      requestField('transfer-encoding', ['chunked']),
      requestField('content-length'),
    ),
  },
  {
    id: 'chunked-name-in-any-case',
    tier: 'forwarding',
    family: 'chunked',
    title: 'The name of the chunked coding is read in any case.',
    section: 'RFC 9112 7',
    exchange: exchange(
      join(request('POST', '/any-case', 'transfer-encoding: CHUNKED'), '3\r\nabc\r\n0\r\n\r\n'),
    ),
    check: all(status(200), requestBody('abc'), readableRequests),
  },
  {
    id: 'chunk-sizes-in-upper-case-and-with-zeros',
    tier: 'forwarding',
    family: 'chunked',
    title: 'Chunk sizes in upper-case hex and with leading zeros are read for what they are.',
    section: 'RFC 9112 7.1',
    exchange: exchange(join(request('POST', '/hex', CHUNKED), '00A\r\n0123456789\r\n0000\r\n\r\n')),
    check: all(status(200), requestBody('0123456789'), readableRequests),
  },
  {
    id: 'chunk-extensions-are-not-forwarded',
    tier: 'forwarding',
    family: 'chunked',
    title: 'Chunk extensions are read over and not forwarded.',
    section: 'RFC 9112 7.1.1',
    fast: true,
    exchange: exchange(
      join(
        request('POST', '/extension', CHUNKED),
        '3;name=value\r\nabc\r\n2;quoted="a;b"\r\nde\r\n0;last\r\n\r\n',
      ),
    ),
    check: all(
      status(200),
      requestBody('abcde'),
      onRequest(({ chunkExtensions }) =>
        expectThat(chunkExtensions.length === 0, `forwarded: ${chunkExtensions.join(' ')}`),
      ),
    ),
  },
  {
    id: 'answer-chunk-extensions-are-not-forwarded',
    tier: 'strict',
    family: 'chunked',
    title: 'Chunk extensions of an answer are read over and not forwarded.',
    section: 'RFC 9112 7.1.1',
    exchange: exchange(
      get('/extension'),
      answer('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\n\r\n'),
    ),
    check: all(status(200), answerBody('abc'), (observed) =>
      expectThat(
        observed.client[0]?.responses[0]?.chunkExtensions.length === 0,
        'the extension was forwarded',
      ),
    ),
  },
  malformed('chunk-size-with-sign', 'with a sign', '+3\r\nabc\r\n0\r\n\r\n'),
  malformed('chunk-size-with-prefix', 'with 0x before it', '0x3\r\nabc\r\n0\r\n\r\n'),
  malformed('chunk-size-with-space', 'with a space after it', '3 \r\nabc\r\n0\r\n\r\n'),
  malformed('chunk-size-empty', 'without digits', '\r\nabc\r\n0\r\n\r\n'),
  malformed(
    'chunk-size-too-long',
    'of more than 15 digits',
    '0000000000000003\r\nabc\r\n0\r\n\r\n',
  ),
  malformed('chunk-size-overflow', 'beyond 64 bits', 'fffffffffffffffff\r\nabc\r\n0\r\n\r\n'),
  malformed('chunk-size-ended-by-bare-lf', 'ended by a bare LF', '3\nabc\r\n0\r\n\r\n'),
  malformed('chunk-ended-by-bare-lf', 'whose data is ended by a bare LF', '3\r\nabc\n0\r\n\r\n'),
  malformed('chunk-longer-than-its-size', 'whose data is longer', '3\r\nabcd\r\n0\r\n\r\n'),
  malformed(
    'chunk-extension-with-bare-lf',
    'with a bare LF in the extension',
    '3;a\nb\r\nabc\r\n0\r\n\r\n',
  ),
  malformed('chunk-extension-with-nul', 'with NUL in the extension', '3;a\0b\r\nabc\r\n0\r\n\r\n'),
  malformed(
    'chunk-extension-too-long',
    'with an extension of more than 1 KB',
    `3;${'x'.repeat(4096)}\r\nabc\r\n0\r\n\r\n`,
  ),
];

/** A chunk that must end the exchange with 400; its bytes must not become the next request. */
function malformed(id: string, what: string, coded: Bytes): ConformanceCase {
  return {
    id,
    tier: 'strict',
    family: 'chunked',
    title: `A chunk size ${what} is refused with 400, and nothing after it is a request.`,
    section: 'RFC 9112 7.1',
    exchange: refusal(join(request('POST', `/${id}`, CHUNKED), coded, get('/smuggled'))),
    check: all(status(400), answerCount(1), notCompleted, endedInOrder()),
  };
}

/** A streamed body may have begun to go on; it must not end there as if it were whole. */
function notCompleted({ origin }: Observed): readonly Failure[] {
  return expectThat(
    origin.requests.every((one) => !one.complete) && origin.requests.length <= 1,
    'the malformed request was forwarded as a complete one',
  );
}
