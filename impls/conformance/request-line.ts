/**
 * The request line: what is one, and what of it goes on (RFC 9112 3).
 */
import type { Bytes, ConformanceCase } from './case.ts';
import { all, answerBody, refused, requestLine, status } from './checks.ts';
import { answer, exchange, get, join, refusal, replyHead, request, send, until } from './steps.ts';

const HOST = 'Host: test.example\r\n\r\n';
const RAW_TARGET = '/a.b/c-d/%7Euser/%2f%C3%a4/;p=1?q=a%20b&q=%C3%A4&empty=&x=y/../z&plus=a+b';
const UNUSUAL_TARGET = '/a//b/./c/../d/%7Euser/%2f%zz/;p=1?q=a%20b&q=%C3%A4&empty=&[x]=y/../z';

export const REQUEST_LINE_CASES: readonly ConformanceCase[] = [
  {
    id: 'target-goes-on-as-received',
    tier: 'forwarding',
    family: 'request-line',
    title: 'Path and query go on byte for byte, percent escapes and all.',
    section: 'RFC 9112 3.2.1',
    fast: true,
    required: true,
    exchange: exchange(get(RAW_TARGET)),
    check: all(status(200), requestLine('GET', RAW_TARGET)),
  },
  {
    id: 'unusual-target-goes-on-as-received',
    tier: 'forwarding',
    family: 'request-line',
    title: 'Double slashes, dot segments and malformed escapes go on too: nothing is normalised.',
    section: 'RFC 9112 3.2.1',
    fast: true,
    exchange: exchange(get(UNUSUAL_TARGET)),
    check: all(status(200), requestLine('GET', UNUSUAL_TARGET)),
  },
  {
    id: 'methods-go-on-as-received',
    tier: 'forwarding',
    family: 'request-line',
    title: 'A method that is neither GET nor POST goes on as it is.',
    section: 'RFC 9110 9',
    exchange: exchange(request('PROPFIND', '/tree', 'Depth: 1')),
    check: all(status(200), requestLine('PROPFIND', '/tree')),
  },
  {
    id: 'unknown-method-goes-on',
    tier: 'strict',
    family: 'request-line',
    title: 'A method nobody has heard of goes on as it is.',
    section: 'RFC 9110 9.1',
    exchange: exchange(request('BREW', '/pot-1')),
    check: all(status(200), requestLine('BREW', '/pot-1')),
  },
  {
    id: 'long-target-goes-on',
    tier: 'forwarding',
    family: 'request-line',
    title: 'A target of 4000 bytes goes on whole.',
    section: 'RFC 9112 3',
    exchange: exchange(get(`/long?${'x'.repeat(3994)}`)),
    check: all(status(200), requestLine('GET', `/long?${'x'.repeat(3994)}`)),
  },
  {
    id: 'absolute-form-goes-on-in-origin-form',
    tier: 'strict',
    family: 'request-line',
    title: 'An absolute-form target goes on in origin-form, its path and query unchanged.',
    section: 'RFC 9112 3.2.2',
    exchange: exchange(get('http://test.example/a%2Fb/../c?d=e')),
    check: all(status(200), requestLine('GET', '/a%2Fb/../c?d=e')),
  },
  {
    id: 'absolute-form-without-path',
    tier: 'strict',
    family: 'request-line',
    title: 'An absolute-form target without a path goes on as /.',
    section: 'RFC 9112 3.2.1',
    exchange: exchange(get('http://test.example')),
    check: all(status(200), requestLine('GET', '/')),
  },
  {
    id: 'options-asterisk',
    tier: 'strict',
    family: 'request-line',
    title: 'OPTIONS * goes on as it is.',
    section: 'RFC 9112 3.2.4',
    exchange: exchange(request('OPTIONS', '*')),
    check: all(status(200), requestLine('OPTIONS', '*')),
  },
  {
    id: 'empty-line-before-request',
    tier: 'strict',
    family: 'request-line',
    title: 'One empty line before a request line is skipped.',
    section: 'RFC 9112 2.2',
    exchange: exchange(join('\r\n', get('/after-an-empty-line'))),
    check: all(status(200), answerBody('ok'), requestLine('GET', '/after-an-empty-line')),
  },
  {
    id: 'http-1-0-goes-on-as-http-1-1',
    tier: 'strict',
    family: 'request-line',
    title: 'A request of HTTP/1.0 goes on under the proxy’s own version.',
    section: 'RFC 9112 2.3',
    exchange: exchange('GET /old HTTP/1.0\r\nHost: test.example\r\n\r\n'),
    check: all(status(200), requestLine('GET', '/old')),
  },
  {
    id: 'head-goes-on-as-head',
    tier: 'forwarding',
    family: 'request-line',
    title: 'A HEAD goes on as a HEAD, and not as a GET whose body is thrown away.',
    section: 'RFC 9110 9.3.2',
    exchange: {
      client: [send(request('HEAD', '/head')), until('client-response')],
      methods: { a: ['HEAD'] },
      origin: [answer(replyHead(200, 'Content-Length: 7'))],
    },
    check: all(status(200), requestLine('HEAD', '/head')),
  },
  {
    id: 'connect-is-refused',
    tier: 'strict',
    family: 'request-line',
    title: 'CONNECT is refused: the proxy opens no tunnel to anywhere.',
    section: 'RFC 9110 9.3.6',
    exchange: refusal('CONNECT other.example:443 HTTP/1.1\r\nHost: other.example:443\r\n\r\n'),
    check: refused([400, 403, 405, 501]),
  },
  malformed('request-line-of-http-2', 'of HTTP/2.0', `GET / HTTP/2.0\r\n${HOST}`, [400, 505]),
  malformed('request-line-without-version', 'without a version', `GET /\r\n${HOST}`, [400, 505]),
  malformed(
    'request-line-with-odd-version',
    'with the version HTTP/1.01',
    `GET / HTTP/1.01\r\n${HOST}`,
    [400, 505],
  ),
  malformed(
    'request-line-with-lower-case-version',
    'with the version http/1.1',
    `GET / http/1.1\r\n${HOST}`,
  ),
  malformed('request-line-with-two-spaces', 'with two spaces', `GET  / HTTP/1.1\r\n${HOST}`),
  malformed('request-line-with-tab', 'with a tab for a space', `GET\t/ HTTP/1.1\r\n${HOST}`),
  malformed(
    'request-line-with-trailing-space',
    'with a space at its end',
    `GET / HTTP/1.1 \r\n${HOST}`,
  ),
  malformed(
    'request-line-with-space-in-target',
    'with a space in the target',
    `GET /a b HTTP/1.1\r\n${HOST}`,
  ),
  malformed(
    'request-line-with-bad-method',
    'whose method is no token',
    `GE(T / HTTP/1.1\r\n${HOST}`,
  ),
  malformed('request-line-with-fragment', 'with a fragment', `GET /a#b HTTP/1.1\r\n${HOST}`),
  malformed(
    'request-line-with-control-byte',
    'with a control byte in the target',
    `GET /a\x01b HTTP/1.1\r\n${HOST}`,
  ),
  malformed('request-line-with-nul', 'with NUL in the target', `GET /a\0b HTTP/1.1\r\n${HOST}`),
  malformed('request-line-with-bare-cr', 'with a bare CR', `GET /a\rb HTTP/1.1\r\n${HOST}`),
  malformed('request-line-ended-by-bare-lf', 'ended by a bare LF', `GET / HTTP/1.1\n${HOST}`),
  malformed(
    'request-line-with-relative-target',
    'with a relative target',
    `GET a/b HTTP/1.1\r\n${HOST}`,
  ),
  malformed(
    'bytes-that-are-no-http',
    'that is a TLS greeting',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n',
    [400, 505],
  ),
];

function malformed(
  id: string,
  what: string,
  bytes: Bytes,
  statuses: readonly number[] = [400],
): ConformanceCase {
  return {
    id,
    tier: 'strict',
    family: 'request-line',
    title: `A request line ${what} is refused.`,
    section: 'RFC 9112 3',
    exchange: refusal(bytes),
    check: refused(statuses),
  };
}
