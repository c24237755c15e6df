/**
 * Logging rules: which exchanges are logged, and what the line says.
 */
import type { ConformanceCase, UserPolicy } from './case.ts';
import {
  all,
  type Check,
  expectThat,
  logCount,
  logged,
  onLogLine,
  requestBody,
  status,
} from './checks.ts';
import {
  answer,
  chunkedRequest,
  endOrigin,
  get,
  reply,
  request,
  resetClient,
  send,
  until,
  withBody,
} from './steps.ts';

const POLICY: UserPolicy = {
  limits: { bodyMatch: '1KB', body: '64KB' },
  logging: {
    rules: [
      {
        name: 'captured',
        match: { path: { patterns: ['^/captured'] } },
        capture: { headers: true, body: true },
      },
      {
        name: 'bare',
        match: { path: { patterns: ['^/bare'] } },
        capture: { method: false, path: false, timing: false },
      },
      { name: 'by-method', match: { methods: ['DELETE', 'TRACE'] } },
      { name: 'by-header', match: { headers: { 'x-log': '^yes$', 'x-also': '.' } } },
      {
        name: 'by-body',
        match: { path: { patterns: ['^/body'] }, body: { patterns: ['needle'] } },
      },
      { name: 'after-body', match: { path: { patterns: ['^/body'] } } },
      { name: 'slow', match: { path: { patterns: ['^/slow'] } }, timeout: '150ms' },
      { name: 'any', match: { path: { patterns: ['^/any'] } } },
    ],
  },
};
const ALWAYS: UserPolicy = { logging: { default: true }, limits: { body: '4KB' } };
const KEYS = [
  'time',
  'rule',
  'responseRule',
  'client',
  'method',
  'target',
  'status',
  'outcome',
  'requestBytes',
  'responseBytes',
  'durationMs',
  'upstreamMs',
];

export const LOGGING_RULE_CASES: readonly ConformanceCase[] = [
  {
    ...whenLogged(
      'log-line-of-an-exchange',
      'A matched exchange is logged in one line, its fields in order.',
      {
        bytes: withBody('POST', '/any?x=1', 'hello'),
        check: all(
          logged({
            rule: 'any',
            responseRule: null,
            client: '127.0.0.1',
            method: 'POST',
            target: '/any?x=1',
            status: 201,
            outcome: 'forwarded',
            requestBytes: 5,
            responseBytes: 7,
          }),
          onLogLine((record) => [
            ...expectThat(
              JSON.stringify(Object.keys(record)) === JSON.stringify(KEYS),
              `the line's keys are ${Object.keys(record).join(', ')}, not ${KEYS.join(', ')}`,
            ),
            ...expectThat(
              /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(String(record.time)),
              `the time is ${JSON.stringify(record.time)}`,
            ),
            ...['durationMs', 'upstreamMs'].flatMap((key) =>
              expectThat(
                typeof record[key] === 'number' && /^\d+(\.\d{1,3})?$/.test(String(record[key])),
                `${key} is ${JSON.stringify(record[key])}`,
              ),
            ),
          ]),
        ),
      },
    ),
    exchange: {
      client: [
        send(withBody('POST', '/any?x=1', 'hello')),
        until('client-response'),
        until('log-line'),
      ],
      origin: [answer(reply(201, 'created'))],
    },
  },
  {
    ...whenLogged(
      'log-line-with-captures',
      'Captured fields and bodies are in the line, as received.',
      {
        bytes: '',
        check: all(
          status(200),
          logged({
            rule: 'captured',
            requestHeaders: [
              ['Host', 'test.example'],
              ['X-Own', 'a'],
              ['x-own', 'b'],
              ['Content-Length', '5'],
            ],
            responseHeaders: [
              ['X-Their', 'c'],
              ['Content-Length', '6'],
            ],
            requestBody: 'hello',
            responseBody: 'answer',
          }),
        ),
      },
    ),
    exchange: {
      client: [
        send(withBody('POST', '/captured', 'hello', 'X-Own: a', 'x-own: b')),
        until('client-response'),
        until('log-line'),
      ],
      origin: [answer(reply(200, 'answer', 'X-Their: c'))],
    },
  },
  whenLogged('log-line-without-captures', 'What is not captured is absent.', {
    bytes: get('/bare'),
    check: all(
      logged({ rule: 'bare', status: 200 }),
      logged({
        method: undefined,
        target: undefined,
        durationMs: undefined,
        upstreamMs: undefined,
      }),
      logged({ requestHeaders: undefined, responseHeaders: undefined, requestBody: undefined }),
    ),
  }),
  whenLogged('logged-by-method', 'A method condition is compared exactly.', {
    bytes: request('DELETE', '/x'),
    check: logged({ rule: 'by-method', method: 'DELETE' }),
  }),
  whenLogged('logged-by-headers', 'All header conditions must hold.', {
    bytes: get('/x', 'X-Log: yes', 'X-Also: 1'),
    check: logged({ rule: 'by-header' }),
  }),
  whenLogged('logged-by-body', 'A body condition is decided when the body has come.', {
    bytes: chunkedRequest('POST', '/body', ['a nee', 'dle']),
    check: all(logged({ rule: 'by-body' }), requestBody('a needle')),
  }),
  whenLogged(
    'logged-by-the-rule-after-a-body',
    'Rules after one with a body condition wait for it.',
    {
      bytes: withBody('POST', '/body', 'hay'),
      check: all(logged({ rule: 'after-body' }), requestBody('hay')),
    },
  ),
  whenLogged(
    'logged-body-beyond-the-window',
    'A body is matched within its window only, and goes on whole.',
    {
      bytes: withBody('POST', '/body', `${'x'.repeat(2000)}needle`),
      check: all(logged({ rule: 'after-body' }), requestBody(`${'x'.repeat(2000)}needle`)),
    },
  ),
  whenLogged('logged-by-the-first-rule', 'The first rule that matches wins.', {
    bytes: request('TRACE', '/any'),
    check: all(logged({ rule: 'by-method' }), logCount(1)),
  }),
  whenLogged(
    'logged-by-normal-form-as-received',
    'Paths are matched in normal form and logged as received.',
    {
      bytes: get('//x/..//%61ny?y=%7e'),
      check: logged({ rule: 'any', target: '//x/..//%61ny?y=%7e' }),
    },
  ),
  whenLogged(
    'captured-body-is-cut-at-the-window',
    'A captured body is cut at the window, never within a character.',
    {
      bytes: withBody('POST', '/captured', Buffer.from(`${'x'.repeat(1023)}äöü`, 'utf8')),
      check: all(
        logged({ rule: 'captured', requestBytes: 1029 }),
        onLogLine(({ requestBody: body }) =>
          expectThat(body === 'x'.repeat(1023), `the body is ${JSON.stringify(body)?.slice(-20)}`),
        ),
      ),
    },
  ),
  {
    id: 'unmatched-is-not-logged',
    tier: 'policy',
    family: 'logging-rules',
    title: 'What no rule matches is not logged.',
    section: 'Rules',
    policy: POLICY,
    exchange: {
      client: [
        send(get('/quiet', 'X-Log: yes')),
        until('client-response'),
        send(get('/any')),
        until('client-response', 2),
        until('log-line'),
      ],
    },
    check: all(logCount(1), logged({ target: '/any' })),
  },
  {
    id: 'rule-timeout-is-the-upstream-timeout',
    tier: 'policy',
    family: 'logging-rules',
    title: 'A rule’s timeout is that of the upstream for what it matches: 504, logged as failed.',
    section: 'The answer',
    policy: POLICY,
    exchange: {
      client: [send(get('/slow')), until('client-response'), until('log-line')],
      origin: [answer()],
    },
    check: all(
      status(504),
      logged({ rule: 'slow', status: 504, outcome: 'failed', upstreamMs: null }),
    ),
  },
  {
    id: 'logged-by-default',
    tier: 'policy',
    family: 'logging-rules',
    title:
      'With logging.default everything is logged, under no rule, with method, path and timing.',
    section: 'Rules',
    policy: ALWAYS,
    exchange: {
      client: [send(get('/anything')), until('client-response'), until('log-line')],
    },
    check: all(
      logCount(1),
      logged({ rule: null, method: 'GET', target: '/anything', requestHeaders: undefined }),
    ),
  },
  {
    id: 'failed-exchange-is-logged',
    tier: 'policy',
    family: 'logging-rules',
    title: 'An exchange whose upstream fails is logged as failed.',
    section: 'Log lines',
    policy: ALWAYS,
    exchange: {
      client: [send(get('/broken')), until('client-response'), until('log-line')],
      origin: [answer(endOrigin)],
    },
    check: all(status(502), logged({ status: 502, outcome: 'failed', upstreamMs: null })),
  },
  {
    id: 'aborted-exchange-is-logged',
    tier: 'policy',
    family: 'logging-rules',
    title: 'An exchange that the client breaks off is logged as aborted.',
    section: 'Log lines',
    policy: ALWAYS,
    exchange: {
      client: [send(get('/abandoned')), until('origin-request'), resetClient(), until('log-line')],
      origin: [answer()],
    },
    check: logged({ target: '/abandoned', status: null, outcome: 'aborted' }),
  },
  {
    id: 'refused-body-is-logged',
    tier: 'policy',
    family: 'logging-rules',
    title: 'A request whose body is refused is logged as refused.',
    section: 'Log lines',
    policy: ALWAYS,
    exchange: {
      client: [
        send(request('POST', '/large', 'Content-Length: 5000')),
        until('client-response'),
        until('log-line'),
      ],
    },
    check: all(status(413), logged({ target: '/large', status: 413, outcome: 'refused' })),
  },
  {
    id: 'refused-head-is-not-logged',
    tier: 'policy',
    family: 'logging-rules',
    title: 'A refused head is counted, not logged.',
    section: 'Log lines',
    policy: ALWAYS,
    exchange: {
      client: [
        send(get('/refused', 'Bad Name: 1')),
        until('client-ended'),
        send(get('/fine'), { on: 'b' }),
        until('client-response', 2),
        until('log-line'),
      ],
    },
    check: all(status(400), logCount(1), logged({ target: '/fine' })),
  },
  {
    id: 'target-in-absolute-form-is-logged-as-received',
    tier: 'policy',
    family: 'logging-rules',
    title: 'A target is logged as received, absolute-form included.',
    section: 'Log lines',
    policy: ALWAYS,
    exchange: {
      client: [
        send(get('http://test.example/absolute')),
        until('client-response'),
        until('log-line'),
      ],
    },
    check: logged({ target: 'http://test.example/absolute' }),
  },
];

/** A request that must be logged in exactly one line. */
function whenLogged(
  id: string,
  title: string,
  how: { bytes: string | Uint8Array; check: Check },
): ConformanceCase {
  return {
    id,
    tier: 'policy',
    family: 'logging-rules',
    title,
    section: 'Log lines',
    policy: POLICY,
    exchange: { client: [send(how.bytes), until('client-response'), until('log-line')] },
    check: all(logCount(1), how.check),
  };
}
