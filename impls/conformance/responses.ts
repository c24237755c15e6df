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
  requestField,
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
  noise,
  reply,
  replyHead,
  request,
  send,
  until,
} from './steps.ts';

const OLD_CLIENT = 'GET /old HTTP/1.0\r\nHost: test.example\r\n\r\n';

/** Of no coding in truth: nobody looks. */
const CODED = noise(300, 31);

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
    id: 'redirect-comes-back',
    tier: 'forwarding',
    family: 'responses',
    title: 'A redirect comes back as it is: following it is the client’s.',
    section: 'RFC 9110 15.4',
    exchange: exchange(get('/moved'), answer(reply(301, 'moved', 'Location: /elsewhere'))),
    check: all(status(301), answerField('location', ['/elsewhere']), requestCount(1)),
  },
  {
    id: 'challenge-comes-back',
    tier: 'forwarding',
    family: 'responses',
    title: 'A challenge of the origin comes back, and credentials go to it.',
    section: 'RFC 9110 11.6',
    exchange: exchange(
      get('/secret', 'Authorization: Basic eDp5'),
      answer(reply(401, 'who?', 'WWW-Authenticate: Basic realm="a, b", charset="UTF-8"')),
    ),
    check: all(
      status(401),
      requestField('authorization', ['Basic eDp5']),
      answerField('www-authenticate', ['Basic realm="a, b", charset="UTF-8"']),
    ),
  },
  {
    id: 'content-coding-is-left-alone',
    tier: 'forwarding',
    family: 'responses',
    title: 'What the origin has coded comes back in that coding, byte for byte.',
    section: 'RFC 9110 8.4',
    exchange: exchange(
      get('/coded', 'Accept-Encoding: gzip, br;q=0.5'),
      answer(reply(200, CODED, 'Content-Encoding: gzip', 'Vary: Accept-Encoding')),
    ),
    check: all(
      status(200),
      requestField('accept-encoding', ['gzip, br;q=0.5']),
      answerField('content-encoding', ['gzip']),
      answerField('vary', ['Accept-Encoding']),
      answerBody(CODED),
    ),
  },
  {
    id: 'range-comes-back',
    tier: 'forwarding',
    family: 'responses',
    title: 'A range that is asked for comes back as a part, with what it is a part of.',
    section: 'RFC 9110 14',
    exchange: exchange(
      get('/part', 'Range: bytes=2-5', 'If-Range: "x"'),
      answer(reply(206, 'cdef', 'Content-Range: bytes 2-5/26', 'Accept-Ranges: bytes')),
    ),
    check: all(
      status(206),
      requestField('range', ['bytes=2-5']),
      requestField('if-range', ['"x"']),
      answerField('content-range', ['bytes 2-5/26']),
      answerBody('cdef'),
    ),
  },
  {
    id: 'condition-goes-to-the-origin',
    tier: 'forwarding',
    family: 'responses',
    title: 'A condition is the origin’s to judge, and so is what it finds.',
    section: 'RFC 9110 13',
    exchange: exchange(
      get(
        '/known',
        'If-None-Match: "x", W/"y"',
        'If-Modified-Since: Sat, 28 Nov 2026 09:00:00 GMT',
      ),
      answer(reply(412, 'no', 'ETag: W/"z"')),
    ),
    check: all(
      status(412),
      requestField('if-none-match', ['"x", W/"y"']),
      requestField('if-modified-since', ['Sat, 28 Nov 2026 09:00:00 GMT']),
      answerField('etag', ['W/"z"']),
    ),
  },
  {
    id: 'answer-without-reason',
    tier: 'forwarding',
    family: 'responses',
    title: 'A status line without a reason phrase is read.',
    section: 'RFC 9112 4',
    exchange: exchange(get('/bare'), answer('HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok')),
    check: all(status(200), answerBody('ok')),
  },
  {
    id: 'answer-of-http-1-0-comes-back-as-http-1-1',
    tier: 'strict',
    family: 'responses',
    title: 'An answer of HTTP/1.0 comes back under the proxy’s own version.',
    section: 'RFC 9112 2.3',
    exchange: exchange(get('/old'), answer('HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold')),
    check: all(
      status(200),
      answerBody('old'),
      onAnswer(({ version }) =>
        expectThat(version === '1.1', `the answer's version is HTTP/${version}`),
      ),
    ),
  },
  {
    id: 'answer-without-date',
    tier: 'strict',
    family: 'responses',
    title: 'An answer without Date comes back without one.',
    section: 'RFC 9110 6.6.1',
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
    section: 'RFC 9112 6.3',
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
    section: 'RFC 9112 9.3',
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
