/**
 * An upstream that cannot be reached, breaks off, is silent or talks nonsense: the client is told
 * so, and never takes a part for the whole.
 */
import type { Bytes, ConformanceCase, Failure, OriginAnswer } from './case.ts';
import {
  all,
  answerBody,
  answerCount,
  answerFraming,
  connectionOf,
  expectThat,
  finalsOf,
  readableAnswers,
  status,
} from './checks.ts';
import type { Observed } from './observed.ts';
import {
  answer,
  chunk,
  endOrigin,
  exchange,
  get,
  join,
  replyHead,
  resetOrigin,
  send,
  until,
} from './steps.ts';

/** Times that these cases let run out. */
const SHORT_UPSTREAM_TIMES = {
  limits: { connectTimeout: '250ms', firstByteTimeout: '250ms' },
};

export const UPSTREAM_FAILURE_CASES: readonly ConformanceCase[] = [
  {
    id: 'upstream-refuses-connections',
    tier: 'forwarding',
    family: 'upstream-failures',
    title: 'An upstream that refuses connections is a 502.',
    section: 'RFC 9110 15.6.3',
    upstream: 'refused',
    exchange: exchange(get('/refused')),
    check: all(status(502), readableAnswers),
  },
  broken('upstream-closes-without-answer', 'that closes without an answer', answer(endOrigin), {
    tier: 'forwarding',
    fast: true,
  }),
  broken('upstream-resets-without-answer', 'that resets without an answer', answer(resetOrigin), {
    tier: 'forwarding',
  }),
  broken(
    'upstream-closes-within-head',
    'that closes within the head',
    answer('HTTP/1.1 200 OK\r\nContent-Len', endOrigin),
    { tier: 'forwarding' },
  ),
  nonsense(
    'upstream-status-line-is-nonsense',
    'whose answer is no HTTP',
    'SSH-2.0-OpenSSH_9\r\n\r\n',
  ),
  nonsense(
    'upstream-status-of-two-digits',
    'with a status of two digits',
    'HTTP/1.1 20 OK\r\n\r\n',
  ),
  nonsense(
    'upstream-status-of-four-digits',
    'with a status of four digits',
    'HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n',
  ),
  nonsense(
    'upstream-version-is-nonsense',
    'with an odd version',
    'HTTP/1,1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  ),
  nonsense(
    'upstream-content-length-twice',
    'with two Content-Lengths',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nokk',
  ),
  nonsense(
    'upstream-content-length-list',
    'with a list of Content-Lengths',
    'HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok',
  ),
  nonsense(
    'upstream-content-length-and-chunked',
    'with Content-Length beside Transfer-Encoding',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ),
  nonsense(
    'upstream-unknown-transfer-coding',
    'with an unknown transfer coding',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
  ),
  nonsense(
    'upstream-field-ended-by-bare-lf',
    'with a bare LF between fields',
    'HTTP/1.1 200 OK\r\nX-A: 1\nX-B: 2\r\nContent-Length: 2\r\n\r\nok',
  ),
  nonsense(
    'upstream-field-folded',
    'with a folded field',
    'HTTP/1.1 200 OK\r\nX-A: 1\r\n 2\r\nContent-Length: 2\r\n\r\nok',
  ),
  nonsense(
    'upstream-field-with-space-before-colon',
    'with a space before a colon',
    'HTTP/1.1 200 OK\r\nX-A : 1\r\nContent-Length: 2\r\n\r\nok',
  ),
  nonsense(
    'upstream-field-with-nul',
    'with NUL in a value',
    'HTTP/1.1 200 OK\r\nX-A: 1\x002\r\nContent-Length: 2\r\n\r\nok',
  ),
  truncated(
    'upstream-truncates-length',
    'A body that ends short of its Content-Length',
    answer(replyHead(200, 'Content-Length: 10'), 'only', endOrigin),
  ),
  truncated(
    'upstream-truncates-chunked',
    'A chunked body without its last chunk',
    answer(replyHead(200, 'Transfer-Encoding: chunked'), chunk('only'), endOrigin),
  ),
  truncated(
    'upstream-truncates-within-a-chunk',
    'A chunked body that ends within a chunk',
    answer(replyHead(200, 'Transfer-Encoding: chunked'), '8\r\nonly', endOrigin),
  ),
  truncated(
    'upstream-resets-within-body',
    'A body broken by a reset',
    answer(replyHead(200, 'Content-Length: 10'), 'only', resetOrigin),
  ),
  truncated(
    'upstream-chunk-is-nonsense',
    'A chunked body that turns into nonsense',
    answer(replyHead(200, 'Transfer-Encoding: chunked'), chunk('only'), 'zz\r\nnonsense\r\n'),
  ),
  streamedThenTruncated(
    'upstream-truncates-what-has-passed',
    'A body of known length, a part of which the client has,',
    answer(replyHead(200, 'Content-Length: 10'), 'only', until('client-body', 4), endOrigin),
  ),
  streamedThenTruncated(
    'upstream-truncates-chunks-that-have-passed',
    'A chunked body, a part of which the client has,',
    answer(
      replyHead(200, 'Transfer-Encoding: chunked'),
      chunk('only'),
      until('client-body', 4),
      endOrigin,
    ),
  ),
  {
    id: 'upstream-sends-more-than-its-length',
    tier: 'strict',
    family: 'upstream-failures',
    title: 'Bytes beyond an answer’s length are neither its body nor the next answer.',
    section: 'RFC 9112 6.3',
    exchange: {
      client: [
        send(get('/one')),
        until('client-response'),
        until('origin-ended'),
        send(get('/two')),
        until('client-response', 2),
      ],
      origin: [
        answer(
          join(
            replyHead(200, 'Content-Length: 3'),
            'one',
            replyHead(200, 'Content-Length: 8'),
            'poisoned',
          ),
        ),
        answer(join(replyHead(200, 'Content-Length: 3'), 'two')),
      ],
    },
    check: all(answerBody('one'), answerBody('two', { index: 1 }), answerCount(2)),
  },
  {
    id: 'upstream-is-silent',
    tier: 'strict',
    family: 'upstream-failures',
    title: 'No first byte within the limit is a 504, and the upstream request is ended.',
    section: 'RFC 9110 15.6.5',
    policy: SHORT_UPSTREAM_TIMES,
    exchange: {
      client: [send(get('/silent')), until('client-response'), until('origin-ended')],
      origin: [answer()],
    },
    check: all(status(504), readableAnswers),
  },
  {
    id: 'upstream-does-not-accept',
    tier: 'strict',
    family: 'upstream-failures',
    title: 'No connection within the limit is a 504.',
    section: 'RFC 9110 15.6.5',
    policy: SHORT_UPSTREAM_TIMES,
    upstream: 'unaccepted',
    exchange: exchange(get('/unaccepted')),
    check: all(status(504), readableAnswers),
  },
  {
    id: 'upstream-over-tls',
    tier: 'strict',
    family: 'upstream-failures',
    title: 'An https upstream whose certificate is trusted is served.',
    section: 'RFC 9112 9.7',
    upstream: 'tls',
    exchange: exchange(get('/tls')),
    check: all(status(200), answerBody('ok')),
  },
  {
    id: 'upstream-with-untrusted-certificate',
    tier: 'strict',
    family: 'upstream-failures',
    title: 'An https upstream whose certificate is not trusted gets no request: 502.',
    section: 'RFC 9110 4.3.4',
    upstream: 'tls-untrusted',
    exchange: exchange(get('/untrusted')),
    check: all(status(502), ({ origin }) =>
      expectThat(origin.requests.length === 0, 'the request went to an unverified upstream'),
    ),
  },
];

/** The answer is broken before its head is complete: 502. */
function broken(
  id: string,
  what: string,
  origin: OriginAnswer,
  options: { tier: 'forwarding' | 'strict'; fast?: true },
): ConformanceCase {
  return {
    id,
    tier: options.tier,
    family: 'upstream-failures',
    title: `An upstream ${what} is a 502.`,
    section: 'RFC 9110 15.6.3',
    ...(options.fast === undefined ? {} : { fast: options.fast }),
    exchange: exchange(get(`/${id}`), origin),
    check: all(status(502), answerCount(1), readableAnswers),
  };
}

/** The answer's head is malformed: 502, and none of it reaches the client. */
function nonsense(id: string, what: string, bytes: Bytes): ConformanceCase {
  return {
    ...broken(id, what, answer(bytes, endOrigin), { tier: 'strict' }),
    section: 'RFC 9112 4',
    check: all(status(502), answerCount(1), answerFraming(['length', 'chunked']), readableAnswers),
  };
}

/** What the upstream breaks off must not look whole to the client. */
function truncated(id: string, what: string, origin: OriginAnswer): ConformanceCase {
  return {
    id,
    tier: 'forwarding',
    family: 'upstream-failures',
    title: `${what} breaks the client's connection; it never ends cleanly.`,
    section: 'RFC 9112 8',
    ...(id === 'upstream-truncates-chunked' ? { fast: true as const } : {}),
    exchange: {
      client: [send(get(`/${id}`)), until('client-settled')],
      origin: [origin],
    },
    check: all(notWhole, readableAnswers),
  };
}

/** The same where a part of the answer has reached the client already. */
function streamedThenTruncated(id: string, what: string, origin: OriginAnswer): ConformanceCase {
  return {
    ...truncated(id, what, origin),
    tier: 'strict',
    title: `${what} and which then ends short, breaks the client's connection.`,
  };
}

function notWhole(observed: Observed): readonly Failure[] {
  const [first] = finalsOf(observed);
  const ending = connectionOf(observed)?.ending ?? 'open';
  if (first === undefined) return expectThat(ending !== 'open', 'nothing came, nothing ended');
  if (first.status === 502 || first.status === 504) return [];
  const clean = first.complete || (first.framing === 'until-close' && ending === 'ended');
  return [
    ...expectThat(!clean, 'the client takes the truncated body for a whole one'),
    ...expectThat(ending !== 'open', 'the connection stays open'),
  ];
}
