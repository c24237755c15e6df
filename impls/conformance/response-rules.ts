/**
 * Response rules: exchanges that are logged for how they were answered.
 */
import type { Bytes, ConformanceCase, UserPolicy } from './case.ts';
import { all, answerBody, type Check, logCount, logged, status } from './checks.ts';
import { answer, chunkedReply, get, reply, request, send, until } from './steps.ts';

const POLICY: UserPolicy = {
  limits: { bodyMatch: '1KB' },
  drop: { rules: [{ name: 'dropped', match: { path: { patterns: ['^/dropped'] } } }] },
  logging: {
    rules: [{ name: 'also', match: { path: { patterns: ['^/also'] } } }],
  },
  responseLogging: {
    rules: [
      {
        name: 'errors',
        match: { statusCodes: ['5xx', 404, [420, 429]] },
        capture: { headers: true, body: true },
      },
      { name: 'traced', match: { headers: { 'X-Trace': '^on$' } } },
      { name: 'forbidden', match: { statusCodes: [403] } },
      { name: 'oops', match: { statusCodes: [200], body: { patterns: ['oops'] } } },
    ],
  },
};

export const RESPONSE_RULE_CASES: readonly ConformanceCase[] = [
  byAnswer('answer-logged-by-class', 'A class of status codes is all of them.', {
    reply: reply(503, 'busy', 'X-Own: a'),
    check: logged({
      rule: null,
      responseRule: 'errors',
      status: 503,
      responseHeaders: [
        ['X-Own', 'a'],
        ['Content-Length', '4'],
      ],
      responseBody: 'busy',
    }),
  }),
  byAnswer('answer-logged-by-code', 'A single status code is that code.', {
    reply: reply(404, 'gone'),
    check: logged({ responseRule: 'errors', status: 404 }),
  }),
  byAnswer('answer-logged-by-range', 'A range includes both of its ends.', {
    reply: reply(429, 'slow'),
    check: logged({ responseRule: 'errors', status: 429 }),
  }),
  byAnswer('answer-logged-by-header', 'A header condition sees the answer’s fields.', {
    reply: reply(200, 'ok', 'x-trace: on'),
    check: logged({ responseRule: 'traced', responseHeaders: undefined }),
  }),
  byAnswer(
    'answer-logged-by-hop-by-hop-header',
    'It sees them as received, hop-by-hop ones included.',
    {
      reply: reply(200, 'ok', 'Connection: X-Trace', 'X-Trace: on'),
      check: logged({ responseRule: 'traced' }),
    },
  ),
  byAnswer('answer-logged-by-body', 'A body condition sees the body as it passes.', {
    reply: chunkedReply(200, ['all is well, oo', 'ps']),
    check: all(answerBody('all is well, oops'), logged({ responseRule: 'oops' })),
  }),
  {
    ...byAnswer(
      'answer-logged-in-one-line',
      'An exchange that both kinds of rule match is one line.',
      {
        reply: reply(500, 'broken'),
        check: logged({ rule: 'also', responseRule: 'errors' }),
      },
    ),
    exchange: {
      client: [send(get('/also')), until('client-response'), until('log-line')],
      origin: [answer(reply(500, 'broken'))],
    },
  },
  {
    ...byAnswer('answer-not-logged', 'An answer that no rule matches is not logged.', {
      reply: '',
      check: logged({ target: '/second', status: 404 }),
    }),
    exchange: {
      client: [
        send(get('/first')),
        until('client-response'),
        send(get('/second')),
        until('client-response', 2),
        until('log-line'),
      ],
      origin: [answer(reply(200, 'fine', 'X-Trace: off')), answer(reply(404))],
    },
  },
  {
    ...byAnswer(
      'answer-to-a-dropped-request-is-not-matched',
      'Response rules do not see answers of drop rules.',
      {
        reply: '',
        check: all(status(403), logged({ target: '/second', status: 404 })),
      },
    ),
    exchange: {
      client: [
        send(get('/dropped')),
        until('client-settled'),
        send(get('/second'), { on: 'b' }),
        until('client-response', 2),
        until('log-line'),
      ],
      origin: [answer(reply(404))],
    },
  },
  {
    id: 'answers-logged-by-default',
    tier: 'policy',
    family: 'response-rules',
    title: 'With responseLogging.default every forwarded exchange is logged, under no rule.',
    section: 'Rules',
    policy: { responseLogging: { default: true } },
    exchange: {
      client: [send(request('GET', '/any')), until('client-response'), until('log-line')],
    },
    check: all(
      logCount(1),
      logged({ rule: null, responseRule: null, target: '/any', status: 200 }),
    ),
  },
];

function byAnswer(id: string, title: string, how: { reply: Bytes; check: Check }): ConformanceCase {
  return {
    id,
    tier: 'policy',
    family: 'response-rules',
    title,
    section: 'Rules',
    policy: POLICY,
    exchange: {
      client: [send(get('/answered')), until('client-response'), until('log-line')],
      origin: [answer(how.reply)],
    },
    check: all(logCount(1), how.check),
  };
}
