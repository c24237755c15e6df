/**
 * Fields that concern one connection stay on it (RFC 9110 7.6.1).
 */
import type { ConformanceCase } from './case.ts';
import {
  all,
  answerField,
  expectThat,
  onAnswer,
  onRequest,
  requestBody,
  requestField,
  status,
  values,
} from './checks.ts';
import { answer, exchange, get, reply, request, withBody } from './steps.ts';

const PROTECTED = [
  'Cache-Control: no-store',
  'Authorization: Basic eDp5',
  'Cookie: a=b',
  'X-Kept: 1',
];

export const HOP_BY_HOP_CASES: readonly ConformanceCase[] = [
  {
    id: 'connection-names-are-removed',
    tier: 'forwarding',
    family: 'hop-by-hop',
    title: 'Connection and the fields that it names do not go on, in any case, from any line.',
    section: 'RFC 9110 7.6.1',
    fast: true,
    exchange: exchange(
      get('/named', 'Connection: X-First, x-second', 'X-First: 1', 'X-SECOND: 2', 'X-Kept: 3'),
    ),
    check: all(
      status(200),
      requestField('x-first'),
      requestField('x-second'),
      requestField('x-kept', ['3']),
      onRequest(({ fields }) =>
        expectThat(
          !/x-first|x-second/i.test(values(fields, 'connection').join()),
          'Connection went on',
        ),
      ),
    ),
  },
  {
    id: 'connection-on-several-lines',
    tier: 'strict',
    family: 'hop-by-hop',
    title: 'Fields that a second Connection line names do not go on either.',
    section: 'RFC 9110 7.6.1',
    exchange: exchange(
      get('/several', 'Connection: X-First', 'Connection: X-Second', 'X-First: 1', 'X-Second: 2'),
    ),
    check: all(status(200), requestField('x-first'), requestField('x-second')),
  },
  {
    id: 'answer-connection-names-are-removed',
    tier: 'forwarding',
    family: 'hop-by-hop',
    title: 'Of an answer, too, Connection and the fields that it names do not go on.',
    section: 'RFC 9110 7.6.1',
    exchange: exchange(
      get('/named'),
      answer(reply(200, 'ok', 'Connection: X-First', 'X-First: 1', 'X-Kept: 2')),
    ),
    check: all(
      status(200),
      answerField('x-first'),
      answerField('x-kept', ['2']),
      onAnswer(({ fields }) =>
        expectThat(!/x-first/i.test(values(fields, 'connection').join()), 'Connection went on'),
      ),
    ),
  },
  removed('keep-alive-is-removed', 'Keep-Alive: timeout=77', 'forwarding'),
  removed('proxy-connection-is-removed', 'Proxy-Connection: keep-alive', 'forwarding'),
  removed('proxy-authorization-is-removed', 'Proxy-Authorization: Basic eDp5', 'strict'),
  removed('proxy-authenticate-is-removed', 'Proxy-Authenticate: Basic', 'strict'),
  removed('upgrade-without-connection-is-removed', 'Upgrade: websocket', 'strict'),
  removed('http2-settings-is-removed', 'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA', 'strict'),
  removed('te-is-removed', 'TE: gzip;q=0.5', 'strict'),
  {
    id: 'te-trailers-is-kept',
    tier: 'strict',
    family: 'hop-by-hop',
    title: 'Of TE only trailers goes on.',
    section: 'RFC 9110 10.1.4',
    exchange: exchange(get('/te', 'TE: gzip;q=0.5, trailers', 'Connection: TE')),
    check: all(status(200), requestField('te', ['trailers'])),
  },
  {
    id: 'connection-cannot-name-end-to-end-fields',
    tier: 'strict',
    family: 'hop-by-hop',
    title: 'Connection cannot take away Host, framing, credentials or caching from a request.',
    section: 'RFC 9110 7.6.1',
    exchange: exchange(
      withBody(
        'POST',
        '/protected',
        'hello',
        'Connection: Host, Content-Length, Transfer-Encoding, Cache-Control, Authorization, Cookie',
        ...PROTECTED,
      ),
    ),
    check: all(
      status(200),
      requestBody('hello'),
      requestField('host', ['test.example']),
      requestField('content-length', ['5']),
      requestField('cache-control', ['no-store']),
      requestField('authorization', ['Basic eDp5']),
      requestField('cookie', ['a=b']),
      requestField('x-kept', ['1']),
    ),
  },
  {
    id: 'connection-close-stays-on-its-connection',
    tier: 'strict',
    family: 'hop-by-hop',
    title: 'An upstream that closes its connection does not close the client’s.',
    section: 'RFC 9112 9.6',
    exchange: {
      client: [
        { do: 'send', bytes: get('/one') },
        { do: 'until', event: 'client-response', count: 1 },
        { do: 'send', bytes: get('/two') },
        { do: 'until', event: 'client-response', count: 2 },
      ],
      origin: [
        answer(reply(200, 'one', 'Connection: close'), { do: 'half-close' }),
        answer(reply(200, 'two')),
      ],
    },
    check: all(status(200), status(200, { index: 1 })),
  },
  {
    id: 'unknown-expectation-is-refused',
    tier: 'strict',
    family: 'hop-by-hop',
    title: 'An expectation other than 100-continue is refused with 417.',
    section: 'RFC 9110 10.1.1',
    exchange: {
      client: [
        { do: 'send', bytes: request('GET', '/expect', 'Expect: the-unexpected') },
        { do: 'until', event: 'client-response', count: 1 },
        { do: 'barrier' },
      ],
    },
    check: all(status(417), ({ origin }) =>
      expectThat(origin.requests.length === 0, 'the request went on'),
    ),
  },
];

/** The field does not reach the origin; its neighbours do. */
function removed(id: string, line: string, tier: 'forwarding' | 'strict'): ConformanceCase {
  const name = line.slice(0, line.indexOf(':'));
  const value = line.slice(line.indexOf(':') + 2);
  return {
    id,
    tier,
    family: 'hop-by-hop',
    title: `${name} does not go on.`,
    section: 'RFC 9110 7.6.1',
    exchange: exchange(get(`/${id}`, 'X-Before: 1', line, 'X-After: 2')),
    check: all(
      status(200),
      requestField('x-before', ['1']),
      requestField('x-after', ['2']),
      onRequest(({ fields }) =>
        expectThat(!values(fields, name).includes(value), `the origin got ${line}`),
      ),
    ),
  };
}
