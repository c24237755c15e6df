/**
 * Clients that pipeline, half-close, go away or hold back.
 */
import type { ConformanceCase } from './case.ts';
import {
  all,
  answerBody,
  answerCount,
  endedInOrder,
  expectThat,
  readableAnswers,
  requestBody,
  requestCount,
  requestLine,
  status,
} from './checks.ts';
import {
  answer,
  answerAtHead,
  chunk,
  get,
  halfClose,
  join,
  reply,
  replyHead,
  request,
  resetClient,
  send,
  until,
  withBody,
} from './steps.ts';

const CHUNKED = 'Transfer-Encoding: chunked';

export const CLIENT_BEHAVIOUR_CASES: readonly ConformanceCase[] = [
  {
    id: 'pipelined-requests-are-answered-in-order',
    tier: 'forwarding',
    family: 'client-behaviour',
    title: 'Requests pipelined in one packet, bodies among them, are answered in order.',
    section: 'RFC 9112 9.3.2',
    fast: true,
    exchange: {
      client: [
        send(join(get('/1'), withBody('POST', '/2', 'two'), get('/3'))),
        until('client-response', 3),
      ],
      origin: ['one', 'two', 'three'].map((body) => answer(reply(200, body))),
    },
    check: all(
      answerBody('one'),
      answerBody('two', { index: 1 }),
      answerBody('three', { index: 2 }),
      requestLine('GET', '/1', 0),
      requestLine('POST', '/2', 1),
      requestBody('two', 1),
      requestLine('GET', '/3', 2),
      readableAnswers,
    ),
  },
  {
    id: 'pipelined-requests-go-on-one-at-a-time',
    tier: 'strict',
    family: 'client-behaviour',
    title: 'A pipelined request goes on only when the one before it is answered.',
    section: 'RFC 9112 9.3.2',
    exchange: {
      client: [
        send(join(get('/1'), get('/2'))),
        until('origin-request'),
        { do: 'barrier' },
        { do: 'mark', name: 'looked' },
        until('client-response', 2),
      ],
      origin: [
        answer(until('mark-looked'), { do: 'mark', name: 'first-answered' }, reply(200, 'one')),
        answer(until('client-response', 1), reply(200, 'two')),
      ],
    },
    check: all(answerBody('one'), answerBody('two', { index: 1 })),
  },
  {
    id: 'half-closed-client-is-answered',
    tier: 'strict',
    family: 'client-behaviour',
    title: 'A client that half-closes after its request still gets the answer, and then the close.',
    section: 'RFC 9112 9.6',
    exchange: {
      client: [
        send(withBody('POST', '/half', 'hello')),
        halfClose(),
        until('origin-request'),
        { do: 'barrier' },
        { do: 'mark', name: 'half-closed' },
        until('client-response'),
        until('client-ended'),
      ],
      origin: [answer(until('mark-half-closed'), reply(200, 'still here'))],
    },
    check: all(status(200), answerBody('still here'), endedInOrder()),
  },
  {
    id: 'client-abort-ends-the-upstream-request',
    tier: 'forwarding',
    family: 'client-behaviour',
    title: 'A client that goes away before its answer ends its upstream request.',
    section: 'RFC 9112 9.5',
    fast: true,
    exchange: {
      client: [
        send(get('/abandoned')),
        until('origin-request'),
        resetClient(),
        until('origin-ended'),
      ],
      origin: [answer()],
    },
    check: requestCount(1),
  },
  {
    id: 'client-abort-within-the-answer',
    tier: 'strict',
    family: 'client-behaviour',
    title: 'A client that goes away within its answer ends its upstream request.',
    section: 'RFC 9112 9.5',
    exchange: {
      client: [
        send(get('/abandoned')),
        until('client-body', 4),
        resetClient(),
        until('origin-ended'),
      ],
      origin: [answer(replyHead(200, CHUNKED), chunk('some'))],
    },
    check: requestCount(1),
  },
  {
    id: 'client-abort-within-the-request',
    tier: 'forwarding',
    family: 'client-behaviour',
    title: 'A request that the client breaks off never reaches the upstream as a whole one.',
    section: 'RFC 9112 8',
    exchange: {
      client: [
        send(join(request('POST', '/abandoned', CHUNKED), chunk('some'))),
        resetClient(),
        { do: 'barrier' },
      ],
      origin: [answerAtHead()],
    },
    check: ({ origin }) =>
      expectThat(
        origin.requests.every((one) => !one.complete),
        'the broken request went on as a complete one',
      ),
  },
  {
    id: 'connections-do-not-mix',
    tier: 'forwarding',
    family: 'client-behaviour',
    title: 'Answers go to the connection that asked, whichever comes first.',
    section: 'RFC 9112 9',
    fast: true,
    required: true,
    exchange: {
      client: [
        send(get('/a')),
        until('origin-request', 1),
        send(get('/b'), { on: 'b' }),
        until('client-response', 2),
      ],
      origin: [
        answer(until('client-response', 1), reply(200, 'for a')),
        answer(reply(200, 'for b')),
      ],
    },
    check: all(answerBody('for a'), answerBody('for b', { on: 'b' }), answerCount(1)),
  },
];
