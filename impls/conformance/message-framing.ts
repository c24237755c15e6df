/**
 * How a request's body ends must be beyond doubt: whatever two readers could frame differently is
 * refused (RFC 9112 6).
 */
import type { Bytes, ConformanceCase } from './case.ts';
import { all, connectionOf, expectThat, refused, status } from './checks.ts';
import { get, halfClose, join, refusal, request, send, until, withBody } from './steps.ts';

const SMUGGLED = get('/smuggled');

export const MESSAGE_FRAMING_CASES: readonly ConformanceCase[] = [
  refusedFraming(
    'content-length-twice-identical',
    'Two Content-Length fields are refused even if they agree.',
    ['Content-Length: 5', 'Content-Length: 5'],
    { fast: true },
  ),
  refusedFraming('content-length-twice-different', 'Two Content-Lengths that differ are refused.', [
    'Content-Length: 5',
    'Content-Length: 6',
  ]),
  refusedFraming('content-length-list', 'A list in Content-Length is refused.', [
    'Content-Length: 5, 5',
  ]),
  refusedFraming('content-length-with-plus', 'A Content-Length with a plus is refused.', [
    'Content-Length: +5',
  ]),
  refusedFraming('content-length-negative', 'A negative Content-Length is refused.', [
    'Content-Length: -5',
  ]),
  refusedFraming('content-length-hex', 'A hexadecimal Content-Length is refused.', [
    'Content-Length: 0x5',
  ]),
  refusedFraming('content-length-with-space', 'A Content-Length with a space in it is refused.', [
    'Content-Length: 5 5',
  ]),
  refusedFraming('content-length-empty', 'An empty Content-Length is refused.', [
    'Content-Length:',
  ]),
  refusedFraming(
    'content-length-beyond-any-number',
    'A Content-Length beyond any number is refused, never wrapped round.',
    ['Content-Length: 18446744073709551621'],
    { statuses: [400, 413] },
  ),
  refusedFraming(
    'content-length-and-chunked',
    'Content-Length beside Transfer-Encoding is refused.',
    ['Content-Length: 5', 'Transfer-Encoding: chunked'],
    { body: '0\r\n\r\n', fast: true },
  ),
  refusedFraming(
    'chunked-and-content-length',
    'Transfer-Encoding beside Content-Length is refused in this order too.',
    ['Transfer-Encoding: chunked', 'Content-Length: 5'],
    { body: '0\r\n\r\n' },
  ),
  refusedFraming(
    'empty-transfer-encoding-and-content-length',
    'An empty Transfer-Encoding beside a Content-Length is refused.',
    ['Transfer-Encoding:', 'Content-Length: 5'],
  ),
  refusedFraming(
    'transfer-encoding-twice',
    'Two Transfer-Encoding fields are refused.',
    ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
    { body: '0\r\n\r\n' },
  ),
  refusedFraming(
    'transfer-encoding-chunked-twice',
    'Chunked applied twice is refused.',
    ['Transfer-Encoding: chunked, chunked'],
    { body: '0\r\n\r\n' },
  ),
  refusedFraming(
    'transfer-encoding-of-another-coding',
    'A transfer coding other than chunked is refused.',
    ['Transfer-Encoding: gzip, chunked'],
    { body: '0\r\n\r\n', statuses: [400, 501] },
  ),
  refusedFraming(
    'transfer-encoding-identity',
    'The identity coding, which is long gone, is refused.',
    ['Transfer-Encoding: identity'],
    { statuses: [400, 501] },
  ),
  refusedFraming(
    'transfer-encoding-with-a-lookalike',
    'A name that only resembles chunked is refused.',
    ['Transfer-Encoding: xchunked'],
    { body: '0\r\n\r\n', statuses: [400, 501] },
  ),
  refusedFraming(
    'transfer-encoding-with-control-byte',
    'A vertical tab before chunked is refused.',
    ['Transfer-Encoding: \x0bchunked'],
    { body: '0\r\n\r\n', statuses: [400, 501] },
  ),
  refusedFraming(
    'content-length-with-space-before-colon',
    'A Content-Length with a space before its colon is refused, not overlooked.',
    ['Content-Length : 5'],
  ),
  {
    id: 'transfer-encoding-in-http-1-0',
    tier: 'strict',
    family: 'message-framing',
    title: 'Transfer-Encoding in an HTTP/1.0 request is refused.',
    section: 'RFC 9112 6.1',
    exchange: refusal(
      'POST /old HTTP/1.0\r\nHost: test.example\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ),
    check: refused([400, 501]),
  },
  {
    id: 'body-cut-short-by-the-client',
    tier: 'forwarding',
    family: 'message-framing',
    title: 'A body that the client ends short never reaches the upstream as a whole one.',
    section: 'RFC 9112 8',
    exchange: {
      client: [
        send(withBody('POST', '/short', 'hello').subarray(0, -2)),
        halfClose(),
        until('client-ended'),
      ],
    },
    check: all((observed) =>
      expectThat(
        observed.origin.requests.every((one) => !one.complete) &&
          (connectionOf(observed)?.responses ?? []).every((one) => one.status >= 400),
        'the request went on, or was answered, as if it were whole',
      ),
    ),
  },
  {
    id: 'refusal-survives-what-was-sent-beside',
    tier: 'strict',
    family: 'message-framing',
    title: 'A refusal is not lost to a reset though the client has already sent 200 KB more.',
    section: 'RFC 9112 9.6',
    exchange: refusal(
      join(request('POST', '/refused', 'Content-Length: 5, 5'), 'x'.repeat(200 * 1024)),
    ),
    check: all(status(400), refused(400)),
  },
];

/** A POST with these framing fields, a body of five bytes, and what would be smuggled. */
function refusedFraming(
  id: string,
  title: string,
  lines: readonly string[],
  options: { body?: Bytes; statuses?: readonly number[]; fast?: true } = {},
): ConformanceCase {
  const { body = 'hello', statuses = [400], fast } = options;
  return {
    id,
    tier: 'strict',
    family: 'message-framing',
    title,
    section: 'RFC 9112 6.3',
    ...(fast === undefined ? {} : { fast }),
    exchange: refusal(join(request('POST', `/${id}`, ...lines), body, SMUGGLED)),
    check: refused(statuses),
  };
}
