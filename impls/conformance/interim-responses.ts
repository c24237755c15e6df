/**
 * Interim answers (1xx) and `Expect: 100-continue` (RFC 9110 10.1.1 and 15.2).
 */
import type { ConformanceCase } from './case.ts';
import {
  all,
  answerBody,
  answerCount,
  answerFraming,
  type Check,
  connectionOf,
  expectThat,
  requestBody,
  status,
} from './checks.ts';
import {
  answer,
  answerAtHead,
  endOrigin,
  exchange,
  get,
  reply,
  replyHead,
  request,
  send,
  until,
} from './steps.ts';

const EXPECTING = request('POST', '/expect', 'Expect: 100-continue', 'Content-Length: 5');

export const INTERIM_RESPONSE_CASES: readonly ConformanceCase[] = [
  {
    id: 'interim-answer-is-not-final',
    tier: 'forwarding',
    family: 'interim-responses',
    title: 'An interim answer from the upstream is not taken for the final one.',
    section: 'RFC 9110 15.2',
    fast: true,
    exchange: exchange(
      get('/hints'),
      answer(replyHead(103, 'Link: </a.css>; rel=preload'), reply(200, 'final')),
    ),
    check: all(status(200), answerBody('final'), answerCount(1)),
  },
  {
    id: 'interim-answers-go-on-as-they-come',
    tier: 'strict',
    family: 'interim-responses',
    title: 'Interim answers reach the client before the final answer exists.',
    section: 'RFC 9110 15.2',
    exchange: exchange(
      get('/hints'),
      answer(
        replyHead(103, 'Link: </a.css>; rel=preload'),
        until('client-interim', 1),
        replyHead(103, 'Link: </b.css>; rel=preload'),
        until('client-interim', 2),
        reply(200, 'final'),
      ),
    ),
    check: all(status(200), answerBody('final'), interims([103, 103]), (observed) =>
      expectThat(
        JSON.stringify(connectionOf(observed)?.responses[0]?.fields) ===
          JSON.stringify([['Link', '</a.css>; rel=preload']]),
        'the fields of the interim answer are not those that the upstream sent',
      ),
    ),
  },
  {
    id: 'interim-answers-are-kept-from-http-1-0',
    tier: 'strict',
    family: 'interim-responses',
    title: 'An HTTP/1.0 client gets no interim answers.',
    section: 'RFC 9110 15.2',
    exchange: {
      client: [send('GET /hints HTTP/1.0\r\nHost: test.example\r\n\r\n'), until('client-response')],
      origin: [answer(replyHead(103, 'Link: </a.css>'), reply(200, 'final'))],
    },
    check: all(status(200), answerBody('final'), interims([])),
  },
  {
    id: 'expect-continue',
    tier: 'forwarding',
    family: 'interim-responses',
    title: 'A client that expects 100-continue gets it once, and its body arrives.',
    section: 'RFC 9110 10.1.1',
    exchange: {
      client: [send(EXPECTING), until('client-interim'), send('hello'), until('client-response')],
      origin: [answerAtHead({ do: 'continue' }, until('origin-request'), reply(200, 'thanks'))],
    },
    check: all(status(200), answerBody('thanks'), requestBody('hello'), interims([100])),
  },
  {
    id: 'expect-continue-with-the-body-at-once',
    tier: 'forwarding',
    family: 'interim-responses',
    title: 'A client that expects 100-continue and does not wait for it is served as well.',
    section: 'RFC 9110 10.1.1',
    exchange: {
      client: [send(`${EXPECTING}hello`), until('client-response')],
      origin: [answerAtHead({ do: 'continue' }, until('origin-request'), reply(200, 'thanks'))],
    },
    check: all(status(200), requestBody('hello'), (observed) =>
      expectThat(interimsOf(observed).length <= 1, 'the client got more than one 100'),
    ),
  },
  {
    id: 'expect-continue-of-http-1-0-is-ignored',
    tier: 'strict',
    family: 'interim-responses',
    title: 'An HTTP/1.0 client that expects 100-continue gets none, and is served.',
    section: 'RFC 9110 10.1.1',
    exchange: {
      client: [
        send(
          'POST /old HTTP/1.0\r\nHost: test.example\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello',
        ),
        until('client-response'),
      ],
      origin: [answerAtHead({ do: 'continue' }, until('origin-request'), reply(200, 'thanks'))],
    },
    check: all(status(200), requestBody('hello'), interims([])),
  },
  {
    id: 'expect-continue-refused-by-upstream',
    tier: 'strict',
    family: 'interim-responses',
    title: 'A final answer instead of 100 reaches a client that still holds its body back.',
    section: 'RFC 9110 10.1.1',
    exchange: {
      client: [send(EXPECTING), until('client-response')],
      origin: [answerAtHead(reply(413, 'too large', 'Connection: close'), endOrigin)],
    },
    check: all(status(413), answerBody('too large')),
  },
  {
    id: 'early-answer-is-relayed',
    tier: 'strict',
    family: 'interim-responses',
    title: 'An answer that comes before the body was sent is relayed at once, and then all closes.',
    section: 'RFC 9112 9.5',
    exchange: {
      client: [
        send(`${request('POST', '/early', 'Content-Length: 1000')}only a part`),
        until('client-response'),
        until('client-ended'),
      ],
      origin: [answerAtHead(reply(413, 'enough'))],
    },
    check: all(status(413), answerBody('enough'), answerFraming(['length', 'chunked'])),
  },
];

function interimsOf(observed: Parameters<Check>[0]): readonly number[] {
  return (connectionOf(observed)?.responses ?? [])
    .map((one) => one.status)
    .filter((code) => code >= 100 && code < 200 && code !== 101);
}

/** The interim answers that the client got, in order. */
function interims(expected: readonly number[]): Check {
  return (observed) => {
    const found = interimsOf(observed);
    return expectThat(
      JSON.stringify(found) === JSON.stringify(expected),
      `the client got the interim answers [${found}], not [${expected}]`,
    );
  };
}
