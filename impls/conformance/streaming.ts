/**
 * Bodies pass as they come, with backpressure, in both directions.
 */
import type { ConformanceCase } from './case.ts';
import { all, answerBody, expectThat, requestBody, status } from './checks.ts';
import {
  answer,
  answerAtHead,
  barrier,
  chunk,
  get,
  reply,
  replyHead,
  request,
  send,
  until,
} from './steps.ts';

const FLOOD_BYTES = 48 << 20;
/** What the system's socket buffers and a proxy's own may hold together. */
const HELD_BYTES = 32 << 20;
/** Exchanges that pass meanwhile, so that a proxy without backpressure had time to read on. */
const BARRIERS = 40;
const CHUNKED = 'Transfer-Encoding: chunked';

export const STREAMING_CASES: readonly ConformanceCase[] = [
  {
    id: 'answer-streams',
    tier: 'strict',
    family: 'streaming',
    title: 'Each part of an answer reaches the client before the next one exists.',
    section: 'The answer',
    exchange: {
      client: [send(get('/events')), until('client-response')],
      origin: [
        answer(
          replyHead(200, CHUNKED, 'Content-Type: text/event-stream'),
          until('client-head'),
          chunk('data: 1\n\n'),
          until('client-body', 9),
          chunk('data: 2\n\n'),
          until('client-body', 18),
          '0\r\n\r\n',
        ),
      ],
    },
    check: all(status(200), answerBody('data: 1\n\ndata: 2\n\n')),
  },
  {
    id: 'answer-of-known-length-streams',
    tier: 'strict',
    family: 'streaming',
    title: 'A body of known length streams too.',
    section: 'The answer',
    exchange: {
      client: [send(get('/download')), until('client-response')],
      origin: [
        answer(replyHead(200, 'Content-Length: 8'), 'half', until('client-body', 4), 'rest'),
      ],
    },
    check: all(status(200), answerBody('halfrest')),
  },
  {
    id: 'request-streams',
    tier: 'strict',
    family: 'streaming',
    title: 'Each part of a request reaches the upstream before the next one is sent.',
    section: 'Forwarding a request',
    exchange: {
      client: [
        send(request('POST', '/upload', CHUNKED)),
        until('origin-head'),
        send(chunk('first')),
        until('origin-body', 5),
        send(chunk('second')),
        until('origin-body', 11),
        send('0\r\n\r\n'),
        until('client-response'),
      ],
    },
    check: all(status(200), requestBody('firstsecond')),
  },
  {
    id: 'request-and-answer-stream-at-once',
    tier: 'strict',
    family: 'streaming',
    title: 'An answer may begin while its request is still being sent, and both go on.',
    section: 'The answer',
    exchange: {
      client: [
        send(request('POST', '/echo', CHUNKED)),
        until('client-head'),
        send(chunk('ping')),
        until('client-body', 4),
        send('0\r\n\r\n'),
        until('client-response'),
      ],
      origin: [
        answerAtHead(
          replyHead(200, CHUNKED),
          until('origin-body', 4),
          chunk('pong'),
          until('origin-request'),
          '0\r\n\r\n',
        ),
      ],
    },
    check: all(status(200), requestBody('ping'), answerBody('pong')),
  },
  {
    id: 'open-stream-outlives-the-idle-timeout',
    tier: 'strict',
    family: 'streaming',
    title: 'A stream that is silent for longer than the idle timeout stays open.',
    section: 'Requests',
    policy: { limits: { idleTimeout: '120ms', bodyTimeout: '120ms', headTimeout: '120ms' } },
    exchange: {
      // The neighbour's connection ends by the idle timeout, after which the stream goes on.
      client: [
        send(get('/events')),
        until('client-body', 1),
        send(get('/neighbour'), { on: 'b' }),
        until('client-response', 1),
        until('client-ended', 1),
        { do: 'mark', name: 'neighbour-timed-out' },
        until('client-response', 2),
      ],
      origin: [
        answer(
          replyHead(200, CHUNKED),
          chunk('a'),
          until('mark-neighbour-timed-out'),
          chunk('b'),
          '0\r\n\r\n',
        ),
        answer(reply(200, 'neighbour')),
      ],
    },
    check: all(status(200), answerBody('ab')),
  },
  {
    id: 'slow-client-holds-the-upstream-back',
    tier: 'strict',
    family: 'streaming',
    title: 'A client that does not read holds the upstream back: the answer is not piled up.',
    section: 'The answer',
    exchange: {
      client: [
        send(get('/flood')),
        until('client-head'),
        { do: 'pause' },
        { do: 'mark', name: 'paused' },
        ...Array.from({ length: BARRIERS }, () => barrier),
      ],
      origin: [
        answer(
          replyHead(200, `Content-Length: ${FLOOD_BYTES}`),
          until('mark-paused'),
          new Uint8Array(FLOOD_BYTES),
        ),
      ],
    },
    check: all(status(200), ({ origin }) => held(origin.connections[0]?.takenBytes ?? 0)),
  },
  {
    id: 'pipelined-flood-is-bounded',
    tier: 'strict',
    family: 'streaming',
    title: 'Requests pipelined behind an unanswered one are not read ahead without bound.',
    section: 'RFC 9112 9.3.2',
    // What was read ahead may go on after the case is over.
    ownProcess: true,
    exchange: {
      client: [
        send(get('/first')),
        until('origin-request'),
        send(get('/more').repeat(Math.ceil(FLOOD_BYTES / get('/more').length))),
        ...Array.from({ length: BARRIERS }, () => barrier),
      ],
      origin: [answer()],
    },
    check: all(
      ({ client }) => held(client[0]?.takenBytes ?? 0),
      ({ origin }) =>
        expectThat(origin.requests.length === 1, 'requests were not answered one at a time'),
    ),
  },
];

function held(takenBytes: number) {
  return expectThat(
    takenBytes < HELD_BYTES,
    `the proxy took ${takenBytes} of ${FLOOD_BYTES} bytes that it could not pass on`,
  );
}
