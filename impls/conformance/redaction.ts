/**
 * Redaction: what is secret is in no log line.
 */
import type { ConformanceCase, UserPolicy } from './case.ts';
import {
  all,
  answerField,
  type Check,
  expectThat,
  logged,
  requestField,
  status,
} from './checks.ts';
import { answer, get, reply, send, until } from './steps.ts';

const CAPTURE = { headers: true, body: false } as const;
const POLICY: UserPolicy = {
  redact: { headers: ['X-Secret'], query: ['token', 'Key'] },
  logging: { rules: [{ name: 'all', match: {}, capture: CAPTURE }] },
};

export const REDACTION_CASES: readonly ConformanceCase[] = [
  {
    id: 'credentials-are-redacted',
    fast: true,
    tier: 'policy',
    family: 'redaction',
    title:
      'Authorization, Cookie and Proxy-Authorization are logged redacted and go on as they are.',
    section: 'Log lines',
    policy: POLICY,
    exchange: {
      client: [
        send(
          get(
            '/credentials',
            'Authorization: Bearer hunter2',
            'AUTHORIZATION: Basic hunter2',
            'Cookie: session=hunter2',
            'Proxy-Authorization: Basic hunter2',
          ),
        ),
        until('client-response'),
        until('log-line'),
      ],
    },
    check: all(
      requestField('authorization', ['Bearer hunter2', 'Basic hunter2']),
      requestField('cookie', ['session=hunter2']),
      secretIsNotLogged,
      logged({
        requestHeaders: [
          ['Host', 'test.example'],
          ['Authorization', '[redacted]'],
          ['AUTHORIZATION', '[redacted]'],
          ['Cookie', '[redacted]'],
          ['Proxy-Authorization', '[redacted]'],
        ],
      }),
    ),
  },
  {
    id: 'cookies-that-are-set-are-redacted',
    tier: 'policy',
    family: 'redaction',
    title: 'Set-Cookie is logged redacted and comes back as it is.',
    section: 'Log lines',
    policy: POLICY,
    exchange: {
      client: [send(get('/login')), until('client-response'), until('log-line')],
      origin: [answer(reply(200, 'ok', 'Set-Cookie: session=hunter2; Path=/'))],
    },
    check: all(
      answerField('set-cookie', ['session=hunter2; Path=/']),
      secretIsNotLogged,
      logged({
        responseHeaders: [
          ['Set-Cookie', '[redacted]'],
          ['Content-Length', '2'],
        ],
      }),
    ),
  },
  {
    id: 'configured-headers-are-redacted',
    tier: 'policy',
    family: 'redaction',
    title: 'Headers that the policy names are redacted, in any case.',
    section: 'Log lines',
    policy: POLICY,
    exchange: {
      client: [send(get('/x', 'x-SECRET: hunter2')), until('client-response'), until('log-line')],
      origin: [answer(reply(200, 'ok', 'X-Secret: hunter2'))],
    },
    check: all(status(200), requestField('x-secret', ['hunter2']), secretIsNotLogged),
  },
  {
    id: 'configured-query-values-are-redacted',
    tier: 'policy',
    family: 'redaction',
    title: 'Query values that the policy names are redacted in the log and go on as they are.',
    section: 'Log lines',
    policy: POLICY,
    exchange: {
      client: [
        send(get('/x?a=1&token=hunter2&b=2&key=hunter2&token=hunter2')),
        until('client-response'),
        until('log-line'),
      ],
    },
    check: all(
      status(200),
      ({ origin }) =>
        expectThat(
          origin.requests[0]?.target === '/x?a=1&token=hunter2&b=2&key=hunter2&token=hunter2',
          'the target did not go on as received',
        ),
      secretIsNotLogged,
      logged({ target: '/x?a=1&token=[redacted]&b=2&key=[redacted]&token=[redacted]' }),
    ),
  },
];

function secretIsNotLogged({ logLines }: Parameters<Check>[0]) {
  return [
    ...expectThat(logLines.length > 0, 'nothing was logged'),
    ...expectThat(
      logLines.every((line) => !line.includes('hunter2')),
      'a secret is in a log line',
    ),
  ];
}
