/**
 * Changing the protocol: a tunnel after the upstream's 101 and never before (RFC 9110 7.8).
 */
import type { ConformanceCase } from './case.ts';
import {
  all,
  answerBody,
  answerField,
  expectThat,
  onRequest,
  requestField,
  sameBytes,
  status,
  values,
} from './checks.ts';
import {
  answer,
  endOrigin,
  get,
  halfClose,
  join,
  noise,
  reply,
  replyHead,
  send,
  toBytes,
  until,
} from './steps.ts';

const WEBSOCKET = get(
  '/socket',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Key: x',
);
const SWITCHING = replyHead(101, 'Connection: Upgrade', 'Upgrade: websocket', 'X-Accept: y');
const UP = noise(3000, 21);
const DOWN = noise(3000, 22);

export const UPGRADE_CASES: readonly ConformanceCase[] = [
  {
    id: 'upgrade-opens-a-tunnel',
    tier: 'strict',
    family: 'upgrade',
    title: 'After a 101 bytes flow both ways unchanged, and the request said what it wanted.',
    section: 'RFC 9110 7.8',
    exchange: {
      client: [
        send(WEBSOCKET),
        until('client-response'),
        send(UP),
        until('origin-tunnel', UP.length),
        until('client-tunnel', DOWN.length),
      ],
      origin: [answer(SWITCHING, until('origin-tunnel', UP.length), DOWN)],
    },
    check: all(
      status(101),
      requestField('upgrade', ['websocket']),
      requestField('sec-websocket-key', ['x']),
      onRequest(({ fields }) =>
        expectThat(
          values(fields, 'connection').some((value) => /upgrade/i.test(value)),
          'the request does not say Connection: Upgrade',
        ),
      ),
      answerField('upgrade', ['websocket']),
      answerField('x-accept', ['y']),
      ({ client, origin }) => [
        ...sameBytes('the tunnel to the client', client[0]?.tunnel ?? UP, DOWN),
        ...sameBytes('the tunnel to the origin', origin.connections[0]?.tunnel ?? DOWN, UP),
      ],
    ),
  },
  {
    id: 'upgrade-with-bytes-in-the-same-packet',
    tier: 'strict',
    family: 'upgrade',
    title: 'Bytes that follow the 101 in the same packet belong to the tunnel.',
    section: 'RFC 9110 7.8',
    exchange: {
      client: [send(WEBSOCKET), until('client-tunnel', 5)],
      origin: [answer(join(SWITCHING, 'first'))],
    },
    check: all(status(101), ({ client }) =>
      sameBytes('the tunnel to the client', client[0]?.tunnel ?? UP, toBytes('first')),
    ),
  },
  {
    id: 'upgrade-ended-by-the-upstream',
    tier: 'strict',
    family: 'upgrade',
    title: 'The upstream’s end of a tunnel reaches the client, after all its bytes.',
    section: 'RFC 9110 7.8',
    exchange: {
      client: [send(WEBSOCKET), until('client-ended')],
      origin: [answer(SWITCHING, 'good', 'bye', endOrigin)],
    },
    check: all(status(101), ({ client }) =>
      sameBytes('the tunnel to the client', client[0]?.tunnel ?? UP, toBytes('goodbye')),
    ),
  },
  {
    id: 'upgrade-half-closed-by-the-client',
    tier: 'strict',
    family: 'upgrade',
    title: 'A tunnel whose client has half-closed still brings what the upstream sends.',
    section: 'RFC 9110 7.8',
    exchange: {
      client: [
        send(WEBSOCKET),
        until('client-response'),
        send('bye'),
        halfClose(),
        until('client-ended'),
      ],
      origin: [answer(SWITCHING, until('origin-ended'), 'and goodbye', endOrigin)],
    },
    check: all(status(101), ({ client, origin }) => [
      ...sameBytes('the tunnel to the client', client[0]?.tunnel ?? UP, toBytes('and goodbye')),
      ...sameBytes('the tunnel to the origin', origin.connections[0]?.tunnel ?? UP, toBytes('bye')),
    ]),
  },
  {
    id: 'upgrade-ended-by-an-abort',
    tier: 'strict',
    family: 'upgrade',
    title: 'A client that breaks its tunnel ends the upstream’s side too.',
    section: 'RFC 9110 7.8',
    exchange: {
      client: [
        send(WEBSOCKET),
        until('client-response'),
        send('bye'),
        until('origin-tunnel', 3),
        { do: 'reset' },
        until('origin-ended'),
      ],
      origin: [answer(SWITCHING)],
    },
    check: status(101),
  },
  {
    id: 'upgrade-declined',
    tier: 'strict',
    family: 'upgrade',
    title: 'An upgrade that the upstream declines is an ordinary exchange; the next one follows.',
    section: 'RFC 9110 7.8',
    exchange: {
      client: [
        send(WEBSOCKET),
        until('client-response'),
        send(get('/next')),
        until('client-response', 2),
      ],
      origin: [answer(reply(200, 'no')), answer(reply(200, 'next'))],
    },
    check: all(status(200), answerBody('no'), answerBody('next', { index: 1 })),
  },
  {
    id: 'upgrade-is-not-assumed',
    tier: 'strict',
    family: 'upgrade',
    title:
      'What a client sends before the upstream’s answer is no tunnel: a declined upgrade leaves it a request.',
    section: 'RFC 9110 7.8',
    exchange: {
      client: [send(join(WEBSOCKET, get('/pipelined'))), until('client-response', 2)],
      origin: [answer(reply(403, 'no')), answer(reply(200, 'pipelined'))],
    },
    check: all(status(403), answerBody('pipelined', { index: 1 }), ({ origin }) =>
      expectThat(
        origin.requests[1]?.target === '/pipelined' &&
          origin.connections.every(({ tunnel }) => tunnel.length === 0),
        'the bytes after the request did not go on as a request',
      ),
    ),
  },
  {
    id: 'upgrade-without-asking',
    tier: 'strict',
    family: 'upgrade',
    title: 'A 101 to a request that asked for no upgrade is a 502.',
    section: 'RFC 9110 15.2.2',
    exchange: {
      client: [send(get('/plain')), until('client-settled')],
      origin: [answer(SWITCHING, 'tunnel?')],
    },
    check: status(502),
  },
];
