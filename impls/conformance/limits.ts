/**
 * Limits: what is too large or too slow is refused, and costs nobody else anything.
 */
import type { Bytes, ConformanceCase } from './case.ts';
import {
  all,
  answerBody,
  answerCount,
  connectionOf,
  endedInOrder,
  expectThat,
  refused,
  requestBody,
  status,
} from './checks.ts';
import { chunk, exchange, get, join, refusal, request, send, until, withBody } from './steps.ts';

const SMALL = { limits: { head: '2KB', target: 512, headers: 20, body: '4KB' } };
const SHORT = { limits: { headTimeout: '200ms', bodyTimeout: '200ms', idleTimeout: '200ms' } };
const CHUNKED = 'Transfer-Encoding: chunked';

export const LIMIT_CASES: readonly ConformanceCase[] = [
  tooLarge(
    'target-too-long',
    'A target beyond the limit is refused with 414.',
    [414, 431],
    [get(`/${'x'.repeat(600)}`)],
  ),
  tooLarge(
    'head-too-long',
    'A head beyond the limit is refused with 431.',
    [431],
    [get('/head', `X-Long: ${'x'.repeat(3000)}`)],
  ),
  tooLarge(
    'head-without-end',
    'A head that never ends is refused with 431 at the limit.',
    [431],
    ['GET /endless HTTP/1.1\r\nHost: test.example\r\n', 'X-More: and more\r\n'.repeat(400)],
  ),
  tooLarge(
    'too-many-fields',
    'More fields than the limit are refused with 431.',
    [431],
    [get('/many', ...Array.from({ length: 40 }, (_, i) => `X-${i}: 1`))],
  ),
  {
    id: 'body-too-large-by-its-length',
    tier: 'strict',
    family: 'limits',
    title: 'A Content-Length beyond the limit is refused with 413 before any body is sent.',
    section: 'RFC 9110 15.5.14',
    policy: SMALL,
    exchange: refusal(request('POST', '/large', 'Content-Length: 5000')),
    check: refused(413),
  },
  {
    id: 'body-too-large-by-its-chunks',
    tier: 'strict',
    family: 'limits',
    title: 'A chunked body that grows beyond the limit is refused with 413; none of it is whole.',
    section: 'RFC 9110 15.5.14',
    policy: SMALL,
    exchange: refusal(
      join(
        request('POST', '/large', CHUNKED),
        ...Array.from({ length: 50 }, () => chunk('x'.repeat(100))),
        '0\r\n\r\n',
        get('/smuggled'),
      ),
    ),
    check: all(status(413), answerCount(1), endedInOrder(), ({ origin }) =>
      expectThat(
        origin.requests.length <= 1 && origin.requests.every((one) => !one.complete),
        'the oversized request went on as a complete one',
      ),
    ),
  },
  {
    id: 'body-at-the-limit',
    tier: 'strict',
    family: 'limits',
    title: 'A body of exactly the limit passes.',
    section: 'RFC 9110 15.5.14',
    policy: SMALL,
    exchange: exchange(withBody('POST', '/at-the-limit', 'x'.repeat(4096))),
    check: all(status(200), requestBody('x'.repeat(4096))),
  },
  tooSlow('slow-head', 'A head that stops coming is answered 408.', [
    send('GET /slow HTTP/1.1\r\nHost: test'),
  ]),
  {
    ...tooSlow('dripping-head', 'A head that keeps coming, byte by byte, is answered 408 too.', []),
    exchange: {
      client: [
        send('GET /drip HTTP/1.1\r\nHost: test.example\r\nX-Slow: '),
        { do: 'drip', bytes: 'x'.repeat(100), everyMs: 40 },
        until('client-response'),
        until('client-ended'),
      ],
    },
  },
  tooSlow('slow-body', 'A body that stops coming is answered 408, and the upstream’s part ends.', [
    send(join(request('POST', '/slow', 'Content-Length: 10'), 'half')),
  ]),
  tooSlow('slow-chunked-body', 'A chunked body that stops coming is answered 408 as well.', [
    send(join(request('POST', '/slow', CHUNKED), chunk('half'))),
  ]),
  {
    id: 'idle-connection-is-closed',
    tier: 'strict',
    family: 'limits',
    title: 'An idle connection is closed without a word.',
    section: 'RFC 9112 9.5',
    policy: SHORT,
    exchange: {
      client: [send(get('/then-idle')), until('client-response'), until('client-ended')],
    },
    check: all(status(200), answerBody('ok'), answerCount(1), endedInOrder()),
  },
  {
    id: 'fresh-connection-without-a-word-is-closed',
    tier: 'strict',
    family: 'limits',
    title: 'A connection on which nothing ever comes is closed.',
    section: 'RFC 9112 9.5',
    policy: SHORT,
    exchange: { client: [{ do: 'connect' }, until('client-ended')] },
    check: (observed) =>
      expectThat(connectionOf(observed)?.ending !== 'open', 'the connection stays open'),
  },
  {
    id: 'slow-client-does-not-hold-others-up',
    tier: 'strict',
    family: 'limits',
    title: 'While heads come slowly on many connections, others are served.',
    section: 'Requests',
    policy: SHORT,
    exchange: {
      client: [
        ...Array.from({ length: 50 }, (_, i) => send('GET / HTTP/1.1\r\nX-', { on: `slow-${i}` })),
        send(get('/served'), { on: 'b' }),
        until('client-response'),
      ],
    },
    check: all(status(200, { on: 'b' }), answerBody('ok', { on: 'b' })),
  },
];

function tooLarge(
  id: string,
  title: string,
  statuses: readonly number[],
  parts: readonly Bytes[],
): ConformanceCase {
  return {
    id,
    tier: 'strict',
    family: 'limits',
    title,
    section: statuses.includes(414) ? 'RFC 9110 15.5.15' : 'RFC 9110 5.4',
    policy: SMALL,
    exchange: refusal(join(...parts)),
    check: refused(statuses),
  };
}

function tooSlow(
  id: string,
  title: string,
  steps: ConformanceCase['exchange']['client'],
): ConformanceCase {
  return {
    id,
    tier: 'strict',
    family: 'limits',
    title,
    section: 'RFC 9110 15.5.9',
    policy: SHORT,
    exchange: { client: [...steps, until('client-response'), until('client-ended')] },
    check: all(status(408), answerCount(1), ({ origin }) =>
      expectThat(
        origin.requests.every((one) => !one.complete),
        'the request went on as a complete one',
      ),
    ),
  };
}
