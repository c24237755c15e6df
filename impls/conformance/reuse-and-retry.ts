/**
 * Connections to the upstream that are used again: what may be sent on them, and what may be sent
 * twice (RFC 9110 9.2.2, RFC 9112 9.3).
 */
import type { ConformanceCase, Failure } from './case.ts';
import {
  all,
  answerBody,
  answerCount,
  type Check,
  expectThat,
  requestCount,
  status,
} from './checks.ts';
import type { Observed } from './observed.ts';
import {
  answer,
  endOrigin,
  get,
  join,
  noise,
  reply,
  replyHead,
  resetOrigin,
  send,
  until,
  withBody,
} from './steps.ts';

export const REUSE_AND_RETRY_CASES: readonly ConformanceCase[] = [
  {
    id: 'many-exchanges-on-one-connection',
    tier: 'forwarding',
    family: 'reuse-and-retry',
    title: 'Exchanges of different kinds follow one another on one client connection.',
    section: 'RFC 9112 9.3',
    fast: true,
    required: true,
    exchange: {
      client: [
        send(get('/1')),
        until('client-response', 1),
        send(withBody('POST', '/2', noise(5000, 11))),
        until('client-response', 2),
        send(get('/3')),
        until('client-response', 3),
        send(withBody('PUT', '/4', 'four')),
        until('client-response', 4),
      ],
      origin: ['one', 'two', 'three', 'four'].map((body) => answer(reply(200, body))),
    },
    check: all(
      ...['one', 'two', 'three', 'four'].map((body, index) => answerBody(body, { index })),
      requestCount(4),
    ),
  },
  {
    id: 'closed-idle-connection-is-discarded',
    tier: 'forwarding',
    family: 'reuse-and-retry',
    title: 'An upstream connection that was closed while idle is not used again.',
    section: 'RFC 9112 9.3',
    exchange: {
      client: [
        send(get('/one')),
        until('client-response'),
        until('origin-ended'),
        send(withBody('POST', '/two', 'not replayable')),
        until('client-response', 2),
      ],
      origin: [
        answer(reply(200, 'one'), until('client-response'), endOrigin),
        answer(reply(200, 'two')),
      ],
    },
    check: all(answerBody('one'), answerBody('two', { index: 1 }), requestCount(2)),
  },
  {
    id: 'idle-connection-with-bytes-is-discarded',
    tier: 'strict',
    family: 'reuse-and-retry',
    title: 'An upstream connection on which bytes came while idle is discarded, bytes and all.',
    section: 'RFC 9112 9.2',
    exchange: {
      client: [
        send(get('/one')),
        until('client-response'),
        until('origin-ended'),
        send(get('/two')),
        until('client-response', 2),
      ],
      origin: [
        answer(reply(200, 'one'), until('client-response'), reply(200, 'poisoned')),
        answer(reply(200, 'two')),
      ],
    },
    check: all(answerBody('one'), answerBody('two', { index: 1 }), answerCount(2)),
  },
  {
    id: 'answer-that-says-close-is-the-last',
    tier: 'forwarding',
    family: 'reuse-and-retry',
    title: 'After an answer with Connection: close nothing more is sent on that connection.',
    section: 'RFC 9112 9.6',
    exchange: {
      client: [
        send(get('/one')),
        until('client-response'),
        send(withBody('POST', '/two', 'x')),
        until('client-response', 2),
      ],
      origin: [answer(reply(200, 'one', 'Connection: close')), answer(reply(200, 'two'))],
    },
    check: all(answerBody('two', { index: 1 }), separateConnections),
  },
  {
    id: 'answer-of-http-1-0-is-the-last',
    tier: 'strict',
    family: 'reuse-and-retry',
    title: 'After an HTTP/1.0 answer without keep-alive nothing more is sent on that connection.',
    section: 'RFC 9112 9.3',
    exchange: {
      client: [
        send(get('/one')),
        until('client-response'),
        send(withBody('POST', '/two', 'x')),
        until('client-response', 2),
      ],
      origin: [
        answer('HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\none'),
        answer(reply(200, 'two')),
      ],
    },
    check: all(answerBody('one'), answerBody('two', { index: 1 }), separateConnections),
  },
  {
    id: 'get-is-sent-again-once',
    tier: 'strict',
    family: 'reuse-and-retry',
    title: 'A GET whose reused connection breaks before any byte of the answer is sent again.',
    section: 'RFC 9110 9.2.2',
    exchange: {
      client: [
        send(get('/one')),
        until('client-response'),
        send(get('/two')),
        until('client-response', 2),
      ],
      origin: [answer(reply(200, 'one')), answer(resetOrigin), answer(reply(200, 'two'))],
    },
    check: all(
      answerBody('one'),
      onlyIfReused(all(answerBody('two', { index: 1 }), requestCount(3))),
    ),
  },
  {
    id: 'get-is-not-sent-a-third-time',
    tier: 'strict',
    family: 'reuse-and-retry',
    title: 'A GET that fails on the second connection too is a 502.',
    section: 'RFC 9112 9.3.1',
    exchange: {
      client: [
        send(get('/one')),
        until('client-response'),
        send(get('/two')),
        until('client-response', 2),
      ],
      origin: [answer(reply(200, 'one')), answer(resetOrigin)],
    },
    check: all(answerBody('one'), status(502, { index: 1 }), onlyIfReused(requestCount(3))),
  },
  {
    id: 'post-is-never-sent-again',
    tier: 'forwarding',
    family: 'reuse-and-retry',
    title: 'A POST whose connection breaks is not sent again: 502.',
    section: 'RFC 9110 9.2.2',
    fast: true,
    exchange: {
      client: [
        send(get('/one')),
        until('client-response'),
        send(withBody('POST', '/two', 'order')),
        until('client-response', 2),
      ],
      origin: [answer(reply(200, 'one')), answer(resetOrigin), answer(reply(200, 'again'))],
    },
    check: all(answerBody('one'), status(502, { index: 1 }), requestCount(2)),
  },
  {
    id: 'nothing-is-sent-again-after-an-answer-began',
    tier: 'forwarding',
    family: 'reuse-and-retry',
    title: 'A GET whose answer has begun is not sent again when the connection breaks.',
    section: 'RFC 9110 9.2.2',
    exchange: {
      client: [
        send(get('/one')),
        until('client-response'),
        send(get('/two')),
        until('client-settled', 2),
      ],
      origin: [
        answer(reply(200, 'one')),
        answer(join(replyHead(200, 'Content-Length: 10'), 'par'), endOrigin),
        answer(reply(200, 'again')),
      ],
    },
    check: all(answerBody('one'), requestCount(2)),
  },
];

function separateConnections({ origin }: Observed): readonly Failure[] {
  return expectThat(
    origin.requests[0]?.connection !== origin.requests[1]?.connection,
    'the second request was sent on the connection that was to close',
  );
}

/** What holds only for a proxy that sent the second request on the connection of the first. */
function onlyIfReused(check: Check): Check {
  return (observed) => {
    const [first, second] = observed.origin.requests;
    return first !== undefined && first.connection === second?.connection ? check(observed) : [];
  };
}
