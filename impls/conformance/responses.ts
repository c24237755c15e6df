/**
 * Answers come back as they were sent, framed for the client that asked (RFC 9112 6.3).
 */
import type { ConformanceCase, OriginAnswer } from './case.ts';
import {
  all,
  answerBody,
  answerCount,
  answerField,
  answerFraming,
  type Check,
  endedInOrder,
  expectThat,
  onAnswer,
  readableAnswers,
  requestCount,
  saysClose,
  status,
} from './checks.ts';
import {
  answer,
  chunkedReply,
  endOrigin,
  exchange,
  get,
  join,
  reply,
  replyHead,
  request,
  send,
  until,
} from './steps.ts';

const OLD_CLIENT = 'GET /old HTTP/1.0\r\nHost: test.example\r\n\r\n';

export const RESPONSE_CASES: readonly ConformanceCase[] = [
  {
    id: 'status-and-fields-come-back',
    tier: 'forwarding',
    family: 'responses',
    title: 'Status, fields and body of an error answer come back as they were sent.',
    section: 'RFC 9110 15',
    fast: true,
    required: true,
    exchange: exchange(
      get('/missing'),
      answer(reply(404, 'not here', 'Content-Type: text/plain', 'ETag: "x"', 'X-Own: 1')),
    ),
    check: all(
      status(404),
      answerBody('not here'),
      answerField('content-type', ['text/plain']),
      answerField('etag', ['"x"']),
      answerField('x-own', ['1']),
    ),
  },
  {
    id: 'unknown-status-comes-back',
    tier: 'forwarding',
    family: 'responses',
    title: 'A status code that nobody has registered comes back as it is.',
    section: 'RFC 9110 15',
    exchange: exchange(get('/299'), answer(reply(299, 'odd'))),
    check: all(status(299), answerBody('odd')),
  },
  {
    id: 'answer-without-date',
    tier: 'strict',
    family: 'responses',
    title: 'An answer without Date comes back without one.',
    section: 'The answer',
    exchange: exchange(get('/date'), answer(reply(200))),
    check: all(status(200), answerField('date')),
  },
  bodiless(
    'answer-to-head-with-length',
    'An answer to HEAD keeps its Content-Length and has no body.',
    {
      method: 'HEAD',
      answer: answer(replyHead(200, 'Content-Length: 1234')),
      check: all(status(200), answerField('content-length', ['1234'])),
      fast: true,
    },
  ),
  bodiless('answer-to-head-without-length', 'An answer to HEAD without any framing has no body.', {
    method: 'HEAD',
    answer: answer(replyHead(200, 'X-Kept: 1')),
    check: all(status(200), answerField('x-kept', ['1'])),
  }),
  bodiless('answer-to-head-with-chunked', 'An answer to HEAD that says chunked has no body.', {
    method: 'HEAD',
    answer: answer(replyHead(200, 'Transfer-Encoding: chunked')),
    check: status(200),
  }),
  bodiless('answer-204', 'A 204 has no body.', {
    method: 'GET',
    answer: answer(replyHead(204, 'X-Kept: 1')),
    check: all(status(204), answerField('x-kept', ['1'])),
    fast: true,
  }),
  bodiless('answer-304-with-length', 'A 304 has no body, whatever its Content-Length says.', {
    method: 'GET',
    answer: answer(replyHead(304, 'Content-Length: 1234', 'ETag: "x"')),
    check: all(status(304), answerField('etag', ['"x"'])),
    fast: true,
  }),
  {
    id: 'answer-until-close',
    tier: 'forwarding',
    family: 'responses',
    title: 'A body that lasts until the upstream closes arrives whole, and its end can be told.',
    section: 'RFC 9112 6.3',
    fast: true,
    exchange: exchange(get('/until-close'), answer(replyHead(200), 'until ', 'close', endOrigin)),
    check: all(
      status(200),
      answerBody('until close'),
      onAnswer(({ framing }, { client }) =>
        expectThat(
          framing !== 'until-close' || client[0]?.ending === 'ended',
          'the client cannot tell where the body ends',
        ),
      ),
    ),
  },
  {
    id: 'answer-until-close-becomes-chunked',
    tier: 'strict',
    family: 'responses',
    title: 'A body that lasts until the upstream closes goes to an HTTP/1.1 client as chunked.',
    section: 'The answer',
    exchange: {
      client: [
        send(get('/until-close')),
        until('client-response'),
        send(get('/next')),
        until('client-response', 2),
      ],
      origin: [answer(replyHead(200), 'until close', endOrigin), answer(reply(200, 'next'))],
    },
    check: all(
      answerFraming(['chunked']),
      answerBody('until close'),
      answerBody('next', { index: 1 }),
    ),
  },
  {
    id: 'chunked-answer-to-http-1-0',
    tier: 'forwarding',
    family: 'responses',
    title: 'A chunked answer reaches an HTTP/1.0 client without chunks, ended by the close.',
    section: 'RFC 9112 6.1',
    fast: true,
    exchange: {
      client: [send(OLD_CLIENT), until('client-ended')],
      origin: [answer(chunkedReply(200, ['for an ', 'old client']))],
    },
    check: all(
      status(200),
      answerField('transfer-encoding'),
      answerFraming(['until-close', 'length']),
      answerBody('for an old client'),
      endedInOrder(),
    ),
  },
  {
    id: 'http-1-0-client-is-closed',
    tier: 'forwarding',
    family: 'responses',
    title: 'After an answer to an HTTP/1.0 client the connection closes.',
    section: 'RFC 9112 9.3',
    exchange: {
      client: [send(OLD_CLIENT), until('client-ended')],
      origin: [answer(reply(200, 'old'))],
    },
    check: all(status(200), answerBody('old'), endedInOrder()),
  },
  {
    id: 'close-is-said-to-http-1-0',
    tier: 'strict',
    family: 'responses',
    title: 'An HTTP/1.0 client is told Connection: close.',
    section: 'The answer',
    exchange: { client: [send(OLD_CLIENT), until('client-ended')] },
    check: all(status(200), saysClose()),
  },
  {
    id: 'connection-close-is-obeyed',
    tier: 'forwarding',
    family: 'responses',
    title: 'A client that says Connection: close gets its answer and then the close.',
    section: 'RFC 9112 9.6',
    fast: true,
    exchange: {
      client: [send(get('/last', 'Connection: close')), until('client-ended')],
      origin: [answer(reply(200, 'last'))],
    },
    check: all(status(200), answerBody('last'), answerCount(1), saysClose(), endedInOrder()),
  },
  {
    id: 'nothing-follows-the-last-request',
    tier: 'strict',
    family: 'responses',
    title: 'What a client sends after a request with Connection: close is ignored.',
    section: 'RFC 9112 9.6',
    exchange: {
      client: [
        send(join(get('/last', 'Connection: close'), get('/beyond'))),
        until('client-ended'),
      ],
      origin: [answer(reply(200, 'last'))],
    },
    check: all(status(200), answerBody('last'), answerCount(1), requestCount(1)),
  },
  {
    id: 'chunked-answer-without-content',
    tier: 'forwarding',
    family: 'responses',
    title: 'A chunked answer of no chunks is an empty body.',
    section: 'RFC 9112 7.1',
    exchange: exchange(get('/no-chunks'), answer(chunkedReply(200, []))),
    check: all(status(200), answerBody(''), readableAnswers),
  },
];

/** The answer has no body: the next one on the same connection is read right. */
function bodiless(
  id: string,
  title: string,
  how: { method: string; answer: OriginAnswer; check: Check; fast?: true },
): ConformanceCase {
  return {
    id,
    tier: 'forwarding',
    family: 'responses',
    title,
    section: 'RFC 9112 6.3',
    ...(how.fast === undefined ? {} : { fast: how.fast }),
    exchange: {
      client: [
        send(request(how.method, `/${id}`)),
        until('client-response'),
        send(get('/next')),
        until('client-response', 2),
      ],
      methods: { a: [how.method, 'GET'] },
      origin: [how.answer, answer(reply(200, 'next'))],
    },
    check: all(how.check, answerBody(''), answerBody('next', { index: 1 }), readableAnswers),
  };
}
