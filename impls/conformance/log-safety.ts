/**
 * Log lines that nobody can forge or blow up, whatever a client sends.
 */
import type { ConformanceCase, UserPolicy } from './case.ts';
import { all, type Check, expectThat, logCount, logged, onLogLine, status } from './checks.ts';
import { get, send, until, withBody } from './steps.ts';

const POLICY: UserPolicy = {
  limits: { headers: 200, head: '32KB' },
  logging: { rules: [{ name: 'all', match: {}, capture: { headers: true, body: true } }] },
};
const FORGED = '{"time":"2026-01-01T00:00:00.000Z","rule":"forged"}';

export const LOG_SAFETY_CASES: readonly ConformanceCase[] = [
  loggedSafely('log-lines-cannot-be-forged', 'A line feed in a body does not begin a line.', {
    bytes: withBody('POST', '/forge', `x\n${FORGED}\r\n${FORGED}\n`),
    check: logged({ rule: 'all', requestBody: `x\n${FORGED}\r\n${FORGED}\n` }),
  }),
  loggedSafely(
    'log-lines-escape-control-bytes',
    'Control characters and line separators are escaped.',
    {
      bytes: withBody('POST', '/escape', Buffer.from('\0\x07\x1b[31m\x7f\u2028\u2029', 'utf8')),
      check: all(logged({ requestBody: '\0\x07\x1b[31m\x7f\u2028\u2029' }), ({ logLines }) =>
        expectThat(
          !/[\x00-\x1f\x7f\u2028\u2029]/.test(logLines.join('')),
          'a control character or a line separator stands in the line as it is',
        ),
      ),
    },
  ),
  loggedSafely('log-lines-are-utf-8', 'Bytes that are no UTF-8 become replacement characters.', {
    bytes: withBody('POST', '/binary', Uint8Array.of(0x61, 0xff, 0xfe, 0x62)),
    check: logged({ requestBody: 'a\ufffd\ufffdb' }),
  }),
  loggedSafely('log-lines-cap-the-target', 'A long target is cut at 2048 characters.', {
    bytes: get(`/long?${'x'.repeat(5000)}`),
    check: onLogLine(({ target }) => cutTo('target', target, 2048)),
  }),
  loggedSafely('log-lines-cap-values', 'A long header value is cut at 1024 characters.', {
    bytes: get('/value', `X-Long: ${'v'.repeat(5000)}`),
    check: onLogLine(({ requestHeaders }) => {
      const last = Array.isArray(requestHeaders) ? requestHeaders.at(-1) : undefined;
      return cutTo('value', Array.isArray(last) ? last[1] : undefined, 1024);
    }),
  }),
  loggedSafely(
    'log-lines-cap-the-number-of-fields',
    'Of very many fields the first hundred are logged.',
    {
      bytes: get('/fields', ...Array.from({ length: 150 }, (_, i) => `X-${i}: 1`)),
      check: onLogLine(({ requestHeaders }) =>
        expectThat(
          Array.isArray(requestHeaders) &&
            requestHeaders.length >= 100 &&
            requestHeaders.length <= 101,
          `there are ${Array.isArray(requestHeaders) ? requestHeaders.length : 'no'} fields`,
        ),
      ),
    },
  ),
  loggedSafely(
    'log-lines-hold-odd-names',
    'Fields named like properties of objects are logged as any.',
    {
      bytes: get('/names', '__proto__: 1', 'constructor: 2', 'toJSON: 3'),
      check: logged({
        requestHeaders: [
          ['Host', 'test.example'],
          ['__proto__', '1'],
          ['constructor', '2'],
          ['toJSON', '3'],
        ],
      }),
    },
  ),
];

function loggedSafely(
  id: string,
  title: string,
  how: { bytes: string | Uint8Array; check: Check },
): ConformanceCase {
  return {
    id,
    tier: 'policy',
    family: 'log-safety',
    title,
    section: 'Log lines',
    policy: POLICY,
    exchange: { client: [send(how.bytes), until('client-response'), until('log-line')] },
    check: all(status(200), logCount(1), how.check),
  };
}

/** At most `most` characters, and an ellipsis where it was cut. */
function cutTo(what: string, found: unknown, most: number) {
  return expectThat(
    typeof found === 'string' && found.endsWith('…') && [most, most + 1].includes(found.length),
    `the ${what} has ${typeof found === 'string' ? found.length : 'no'} characters, not ${most} and …`,
  );
}
