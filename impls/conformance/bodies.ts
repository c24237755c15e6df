/**
 * Bodies arrive whole and unchanged, both ways, whatever their size and bytes.
 */
import type { ConformanceCase } from './case.ts';
import { all, answerBody, readableAnswers, requestBody, requestField, status } from './checks.ts';
import {
  answer,
  chunkedReply,
  chunkedRequest,
  cut,
  exchange,
  get,
  noise,
  reply,
  request,
  withBody,
} from './steps.ts';

const ODD_SIZES = [1, 7, 4093, 16384, 3, 9973, 2] as const;
const KILOBYTE = noise(1024, 1);
const BEYOND_64_KB = noise(64 * 1024 + 1, 2);

export const BODY_CASES: readonly ConformanceCase[] = [
  {
    id: 'get-without-body',
    tier: 'forwarding',
    family: 'bodies',
    title: 'A request without a body goes on without one, and its answer comes back whole.',
    section: 'RFC 9112 6.3',
    fast: true,
    required: true,
    exchange: exchange(get('/plain'), answer(reply(200, 'hello'))),
    check: all(
      status(200),
      answerBody('hello'),
      requestBody(''),
      requestField('content-length'),
      requestField('transfer-encoding'),
    ),
  },
  bothWays('body-of-one-byte', 'one byte', noise(1, 3)),
  bothWays('body-of-a-kilobyte', '1 KB of any bytes', KILOBYTE),
  bothWays('body-beyond-64-kilobytes', '64 KB and one byte', BEYOND_64_KB),
  {
    id: 'body-in-odd-chunks',
    tier: 'forwarding',
    family: 'bodies',
    title: 'A body of 64 KB and one byte in chunks of odd sizes arrives unchanged both ways.',
    section: 'RFC 9112 7.1',
    fast: true,
    required: true,
    exchange: exchange(
      chunkedRequest('POST', '/odd-chunks', cut(BEYOND_64_KB, ODD_SIZES)),
      answer(chunkedReply(200, cut(BEYOND_64_KB, [...ODD_SIZES].reverse()))),
    ),
    check: all(status(200), answerBody(BEYOND_64_KB), requestBody(BEYOND_64_KB), readableAnswers),
  },
  {
    id: 'body-of-length-zero',
    tier: 'forwarding',
    family: 'bodies',
    title: 'A request that says Content-Length: 0 goes on saying so, and an empty answer is empty.',
    section: 'RFC 9110 8.6',
    exchange: exchange(request('POST', '/empty', 'Content-Length: 0'), answer(reply(200, ''))),
    check: all(status(200), answerBody(''), requestBody(''), requestField('content-length', ['0'])),
  },
  {
    id: 'body-of-a-megabyte',
    tier: 'forwarding',
    family: 'bodies',
    title: 'A body of 1 MB, larger than any socket buffer, arrives unchanged both ways.',
    section: 'RFC 9112 6.2',
    exchange: exchange(
      withBody('PUT', '/large', noise(1 << 20, 4)),
      answer(reply(200, noise(1 << 20, 5))),
    ),
    check: all(status(200), answerBody(noise(1 << 20, 5)), requestBody(noise(1 << 20, 4))),
  },
  {
    id: 'body-that-looks-like-messages',
    tier: 'forwarding',
    family: 'bodies',
    title: 'Bodies that look like requests, answers and chunks are bytes and nothing else.',
    section: 'RFC 9112 6.3',
    fast: true,
    exchange: exchange(
      withBody('POST', '/look-alike', `0\r\n\r\n${get('/not-a-request')}`),
      answer(reply(200, '0\r\n\r\nHTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n')),
    ),
    check: all(
      status(200),
      answerBody('0\r\n\r\nHTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n'),
      requestBody(`0\r\n\r\n${get('/not-a-request')}`),
      readableAnswers,
    ),
  },
];

/** The same bytes with a Content-Length both ways. */
function bothWays(id: string, what: string, bytes: Uint8Array): ConformanceCase {
  return {
    id,
    tier: 'forwarding',
    family: 'bodies',
    title: `A body of ${what} arrives unchanged both ways.`,
    section: 'RFC 9112 6.2',
    fast: true,
    required: true,
    exchange: exchange(withBody('POST', `/${id}`, bytes), answer(reply(200, bytes))),
    check: all(
      status(200),
      answerBody(bytes),
      requestBody(bytes),
      requestField('content-length', [String(bytes.length)]),
      readableAnswers,
    ),
  };
}
