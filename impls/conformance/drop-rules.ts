/**
 * Drop rules: what they match never reaches the upstream, and nothing of it is left over.
 */
import type { ConformanceCase, UserPolicy } from './case.ts';
import {
  all,
  answerBody,
  answerCount,
  answerField,
  answerFraming,
  type Check,
  expectThat,
  nothingForwarded,
  readableAnswers,
  requestBody,
  requestCount,
  requestLine,
  status,
} from './checks.ts';
import {
  answer,
  barrier,
  chunkedRequest,
  exchange,
  get,
  join,
  reply,
  request,
  send,
  until,
  withBody,
} from './steps.ts';

const POLICY: UserPolicy = {
  limits: { bodyMatch: '1KB' },
  drop: {
    rules: [
      {
        name: 'blocked',
        match: { path: { patterns: ['^/blocked'] } },
        response: { statusCode: 451, body: 'not here', headers: { 'X-Reason': 'blocked' } },
      },
      { name: 'plain', match: { path: { patterns: ['^/plain$'] } } },
      {
        name: 'second-to-plain',
        match: { path: { patterns: ['^/plain$'] } },
        response: { statusCode: 410 },
      },
      {
        name: 'bot',
        match: { headers: { 'user-agent': { pattern: 'badbot', flags: 'i' } } },
      },
      { name: 'proto', match: { headers: { ['__proto__']: '^evil$' } } },
      { name: 'method', match: { methods: ['PATCH'], path: { patterns: ['^/both', '^/either'] } } },
      {
        name: 'body',
        match: { path: { patterns: ['^/upload'] }, body: { patterns: ['virus', '^$'] } },
        response: { statusCode: 422, body: 'infected' },
      },
    ],
  },
};

export const DROP_RULE_CASES: readonly ConformanceCase[] = [
  dropped('dropped-by-path', 'A matching path is answered as the rule says, and goes nowhere.', {
    bytes: get('/blocked/now'),
    check: all(
      status(451),
      answerBody('not here'),
      answerField('x-reason', ['blocked']),
      answerFraming(['length']),
    ),
  }),
  dropped('dropped-by-default-answer', 'A rule without an answer gives 403 and an empty body.', {
    bytes: get('/plain'),
    check: all(status(403), answerBody('')),
  }),
  dropped('dropped-by-header', 'A header condition is found in the value, in any name case.', {
    bytes: get('/', 'USER-agent: a BadBot/1.0'),
    check: status(403),
  }),
  dropped(
    'dropped-by-header-of-odd-name',
    'A condition on a header named __proto__ is a condition.',
    {
      bytes: get('/', '__proto__: evil'),
      check: status(403),
    },
  ),
  dropped('dropped-by-repeated-header', 'A repeated header is matched as one value.', {
    bytes: get('/', 'User-Agent: good', 'User-Agent: badbot'),
    check: status(403),
  }),
  dropped('dropped-by-method-and-path', 'Where all conditions hold, and any pattern of a list.', {
    bytes: request('PATCH', '/either'),
    check: status(403),
  }),
  ...[
    ['percent-escapes', '/%62lock%65d'],
    ['double-slashes', '//blocked'],
    ['dot-segments', '/open/../blocked'],
    ['escaped-dot-segments', '/open/%2e%2E/blocked'],
    ['absolute-form', 'http://test.example/blocked'],
  ].map(([how, target]) =>
    dropped(`dropped-in-spite-of-${how}`, `A path is matched in its normal form (${how}).`, {
      bytes: get(target ?? ''),
      check: status(451),
    }),
  ),
  dropped('dropped-head-has-no-body', 'The answer to a dropped HEAD has no body.', {
    bytes: request('HEAD', '/blocked'),
    methods: ['HEAD'],
    check: all(status(451), answerBody(''), readableAnswers),
  }),
  dropped('dropped-by-body', 'A body that matches within the window is dropped.', {
    bytes: withBody('POST', '/upload', 'a virus in here'),
    check: all(status(422), answerBody('infected')),
  }),
  dropped('dropped-by-body-in-pieces', 'So is one whose match is spread over chunks.', {
    bytes: chunkedRequest('POST', '/upload', ['a vi', 'r', 'us in here']),
    check: all(status(422), answerBody('infected')),
  }),
  dropped('dropped-by-body-at-the-window', 'A match that ends with the window is still one.', {
    bytes: withBody('POST', '/upload', `${'x'.repeat(1024 - 5)}virus${'y'.repeat(3000)}`),
    check: all(status(422), answerBody('infected')),
  }),
  dropped('dropped-without-body', 'A request without a body has an empty one.', {
    bytes: request('POST', '/upload'),
    check: status(422),
  }),
  ...[
    ['target-query', get('/open?to=/blocked')],
    ['another-method', get('/both')],
    ['another-path', request('PATCH', '/neither')],
    ['another-case', get('/BLOCKED')],
    ['another-segment', get('/open/blocked')],
    ['escaped-slash', get('/open/..%2Fblocked')],
  ].map(
    ([how, bytes]): ConformanceCase => ({
      id: `not-dropped-by-${how}`,
      tier: 'policy',
      family: 'drop-rules',
      title: `What only resembles a match is forwarded (${how}).`,
      section: 'Rules',
      policy: POLICY,
      exchange: exchange(bytes ?? ''),
      check: all(status(200), requestCount(1)),
    }),
  ),
  {
    id: 'not-dropped-by-body-beyond-the-window',
    tier: 'policy',
    family: 'drop-rules',
    title: 'A body whose match lies beyond the window is forwarded, every byte of it.',
    section: 'Rules',
    policy: POLICY,
    exchange: exchange(withBody('POST', '/upload', `${'x'.repeat(3000)}virus`)),
    check: all(status(200), requestBody(`${'x'.repeat(3000)}virus`)),
  },
  {
    id: 'dropped-body-is-no-request',
    fast: true,
    tier: 'policy',
    family: 'drop-rules',
    title: 'The body of a dropped request is never read as the next request.',
    section: 'Requests',
    policy: POLICY,
    exchange: {
      client: [
        send(withBody('POST', '/blocked', get('/smuggled'))),
        until('client-response'),
        barrier,
      ],
    },
    check: all(status(451), answerCount(1), nothingForwarded),
  },
  {
    id: 'dropped-body-that-comes-late-is-no-request',
    tier: 'policy',
    family: 'drop-rules',
    title: 'Not even if it comes late, perhaps after the answer.',
    section: 'Requests',
    policy: POLICY,
    exchange: {
      client: [
        send(request('POST', '/blocked', `Content-Length: ${get('/smuggled').length}`)),
        barrier,
        send(get('/smuggled')),
        until('client-settled'),
        barrier,
      ],
    },
    check: all(status(451), answerCount(1), nothingForwarded),
  },
  {
    id: 'dropped-chunked-body-is-no-request',
    tier: 'policy',
    family: 'drop-rules',
    title: 'Nor is the body of a dropped chunked request.',
    section: 'Requests',
    policy: POLICY,
    exchange: {
      client: [
        send(chunkedRequest('POST', '/blocked', [get('/smuggled'), get('/again')])),
        until('client-response'),
        barrier,
      ],
    },
    check: all(status(451), answerCount(1), nothingForwarded),
  },
  {
    id: 'request-after-a-dropped-one',
    tier: 'policy',
    family: 'drop-rules',
    title: 'A request that follows a dropped one is served, or the connection has been closed.',
    section: 'Requests',
    policy: POLICY,
    exchange: {
      client: [send(join(get('/blocked'), get('/served'))), until('client-settled', 2)],
      origin: [answer(reply(200, 'served'))],
    },
    check: all(status(451), (observed) => {
      const { responses = [], ending = 'open' } = observed.client[0] ?? {};
      return responses.length === 1
        ? expectThat(ending === 'ended', 'there is neither a second answer nor an end')
        : all(answerBody('served', { index: 1 }), requestLine('GET', '/served'))(observed);
    }),
  },
  {
    id: 'dropped-requests-are-counted',
    tier: 'policy',
    family: 'drop-rules',
    title: 'A dropped request is counted, where the proxy counts.',
    section: 'Rules',
    policy: POLICY,
    exchange: exchange(get('/blocked')),
    check: all(status(451), ({ countersBefore, countersAfter }) =>
      expectThat(
        countersBefore === null ||
          countersAfter === null ||
          countersAfter.dropped - countersBefore.dropped === 1,
        'the counter of dropped requests did not rise by one',
      ),
    ),
  },
  {
    id: 'dropped-by-default',
    tier: 'policy',
    family: 'drop-rules',
    title: 'With drop.default what no rule matches is dropped with 403.',
    section: 'Rules',
    policy: { drop: { default: true } },
    exchange: {
      client: [send(get('/anything')), until('client-response'), barrier],
    },
    check: all(status(403), answerBody(''), nothingForwarded),
  },
];

/** Dropped with the answer that `check` expects, and nothing forwarded. */
function dropped(
  id: string,
  title: string,
  how: { bytes: string | Uint8Array; check: Check; methods?: readonly string[] },
): ConformanceCase {
  return {
    id,
    tier: 'policy',
    family: 'drop-rules',
    title,
    section: 'Rules',
    policy: POLICY,
    exchange: {
      client: [send(how.bytes), until('client-response'), barrier],
      ...(how.methods === undefined ? {} : { methods: { a: how.methods } }),
    },
    check: all(how.check, answerCount(1), nothingForwarded),
  };
}
