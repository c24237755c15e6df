/**
 * Trailer fields: passed on where they are harmless, never merged into the head (RFC 9110 6.5).
 */
import type { ConformanceCase } from './case.ts';
import {
  all,
  answerBody,
  expectThat,
  onAnswer,
  onRequest,
  requestBody,
  requestField,
  status,
} from './checks.ts';
import { answer, chunked, exchange, get, join, refusal, replyHead, request } from './steps.ts';

const CHUNKED = 'Transfer-Encoding: chunked';
const FORBIDDEN = [
  'Transfer-Encoding: chunked',
  'Content-Length: 3',
  'Host: evil.example',
  'Trailer: X-More',
  'TE: trailers',
  'Connection: X-Sum',
  'Upgrade: h2c',
  'Authorization: Basic eDp5',
  'Proxy-Authorization: Basic eDp5',
  'Cookie: a=b',
  'Set-Cookie: a=b',
  'Content-Encoding: gzip',
  'Content-Type: text/html',
  'Content-Range: bytes 0-1/2',
  'Cache-Control: no-store',
  'Expect: 100-continue',
  'Max-Forwards: 0',
  'Forwarded: for=192.0.2.1',
  'Via: 1.1 evil',
  'X-Forwarded-For: 192.0.2.1',
  'X-Forwarded-Host: evil.example',
];

export const TRAILER_CASES: readonly ConformanceCase[] = [
  {
    id: 'trailers-are-read-over',
    tier: 'forwarding',
    family: 'trailers',
    title:
      'A chunked request with trailers arrives whole, and none of them becomes a header field.',
    section: 'RFC 9110 6.5.1',
    exchange: exchange(
      join(
        request('POST', '/trailers', CHUNKED, 'Trailer: X-Sum'),
        chunked(['abc', 'de'], 'X-Sum: 42', 'X-Role: admin'),
      ),
    ),
    check: all(status(200), requestBody('abcde'), requestField('x-sum'), requestField('x-role')),
  },
  {
    id: 'trailers-go-on',
    tier: 'strict',
    family: 'trailers',
    title: 'Trailers of a request go on as trailers, and Trailer stays.',
    section: 'RFC 9110 6.5',
    exchange: exchange(
      join(
        request('POST', '/trailers', CHUNKED, 'Trailer: X-Sum, X-Other'),
        chunked(['abc'], 'X-Sum: 42', 'X-Other: 43'),
      ),
    ),
    check: all(
      status(200),
      requestBody('abc'),
      requestField('trailer', ['X-Sum, X-Other']),
      onRequest(({ trailers }) => sameTrailers(trailers, ['X-Sum: 42', 'X-Other: 43'])),
    ),
  },
  {
    id: 'trailers-of-answers-go-on',
    tier: 'strict',
    family: 'trailers',
    title: 'Trailers of an answer go on to a client that accepts them.',
    section: 'RFC 9110 6.5',
    exchange: exchange(
      get('/trailers', 'TE: trailers', 'Connection: TE'),
      answer(replyHead(200, CHUNKED, 'Trailer: X-Sum'), chunked(['abc'], 'X-Sum: 42')),
    ),
    check: all(
      status(200),
      answerBody('abc'),
      onAnswer(({ trailers }) => sameTrailers(trailers, ['X-Sum: 42'])),
    ),
  },
  {
    id: 'forbidden-trailers-are-dropped',
    tier: 'strict',
    family: 'trailers',
    title: 'Trailers that carry framing, routing, authentication or modifiers are dropped.',
    section: 'RFC 9110 6.5.1',
    exchange: exchange(
      join(
        request('POST', '/forbidden', CHUNKED),
        chunked(['abc'], ...FORBIDDEN, 'X-Sum: 42'),
        get('/next'),
      ),
    ),
    check: all(
      status(200),
      requestBody('abc'),
      onRequest(({ trailers }) => sameTrailers(trailers, ['X-Sum: 42'])),
    ),
  },
  {
    id: 'forbidden-trailers-of-answers-are-dropped',
    tier: 'strict',
    family: 'trailers',
    title: 'Such trailers of an answer are dropped as well.',
    section: 'RFC 9110 6.5.1',
    exchange: exchange(
      get('/forbidden', 'TE: trailers', 'Connection: TE'),
      answer(replyHead(200, CHUNKED), chunked(['abc'], ...FORBIDDEN)),
    ),
    check: all(
      status(200),
      answerBody('abc'),
      onAnswer(({ trailers }) => sameTrailers(trailers, [])),
    ),
  },
  malformed('trailer-folded', 'A folded trailer', 'X-Sum: 1\r\n 2'),
  malformed(
    'trailer-with-space-before-colon',
    'A trailer with a space before its colon',
    'X-Sum : 1',
  ),
  malformed('trailer-with-bare-lf', 'A trailer ended by a bare LF', 'X-Sum: 1\nX-More: 2'),
  malformed('trailer-with-nul', 'A trailer with NUL', 'X-Sum: \x00'),
];

function malformed(id: string, what: string, line: string): ConformanceCase {
  return {
    id,
    tier: 'strict',
    family: 'trailers',
    title: `${what} is refused, and nothing after it is a request.`,
    section: 'RFC 9112 7.1.2',
    exchange: refusal(
      join(request('POST', `/${id}`, CHUNKED), chunked(['abc'], line), get('/smuggled')),
    ),
    check: all(status(400), ({ origin }) =>
      expectThat(
        origin.requests.length <= 1 && origin.requests.every((one) => !one.complete),
        'the malformed request went on as a complete one',
      ),
    ),
  };
}

function sameTrailers(found: readonly (readonly [string, string])[], expected: readonly string[]) {
  const lines = found.map(([name, value]) => `${name}: ${value}`);
  return expectThat(
    JSON.stringify(lines) === JSON.stringify(expected),
    `the trailers are ${JSON.stringify(lines)}, not ${JSON.stringify(expected)}`,
  );
}
