/**
 * How far a TRACE or an OPTIONS may go (RFC 9110 7.6.2).
 */
import type { ConformanceCase } from './case.ts';
import { all, answerBody, nothingForwarded, refused, requestField, status } from './checks.ts';
import { barrier, exchange, get, refusal, request, send, until } from './steps.ts';

const SECTION = 'RFC 9110 7.6.2';

export const MAX_FORWARDS_CASES: readonly ConformanceCase[] = [
  ...['OPTIONS', 'TRACE'].map(
    (method): ConformanceCase => ({
      id: `max-forwards-of-${method.toLowerCase()}-is-counted-down`,
      tier: 'strict',
      family: 'max-forwards',
      title: `Max-Forwards of ${method} goes on as one less.`,
      section: SECTION,
      exchange: exchange(request(method, '/far', 'X-Before: 1', 'Max-Forwards: 10', 'X-After: 2')),
      check: all(
        status(200),
        requestField('max-forwards', ['9']),
        requestField('x-before', ['1']),
        requestField('x-after', ['2']),
      ),
    }),
  ),
  {
    id: 'last-forward-goes-on',
    tier: 'strict',
    family: 'max-forwards',
    title: 'With one hop left OPTIONS goes on, with none for who gets it.',
    section: SECTION,
    exchange: exchange(request('OPTIONS', '/near', 'Max-Forwards: 01')),
    check: all(status(200), requestField('max-forwards', ['0'])),
  },
  {
    id: 'options-with-no-hop-left-is-answered',
    tier: 'strict',
    family: 'max-forwards',
    title: 'OPTIONS with no hop left is answered by the proxy.',
    section: 'RFC 9110 9.3.7',
    exchange: {
      client: [
        send(request('OPTIONS', '/here', 'Max-Forwards: 0')),
        until('client-response'),
        barrier,
      ],
    },
    check: all(status([200, 204]), answerBody(''), nothingForwarded),
  },
  {
    id: 'trace-with-no-hop-left-stays-here',
    tier: 'strict',
    family: 'max-forwards',
    title: 'TRACE with no hop left goes no further, whether the proxy serves it or not.',
    section: 'RFC 9110 9.3.8',
    exchange: {
      client: [
        send(request('TRACE', '/here', 'Max-Forwards: 0')),
        until('client-response'),
        barrier,
      ],
    },
    check: all(status([200, 403, 405, 501]), nothingForwarded),
  },
  {
    id: 'max-forwards-of-get-goes-on',
    tier: 'strict',
    family: 'max-forwards',
    title: 'Hops of other methods are not counted: their Max-Forwards goes on as received.',
    section: SECTION,
    exchange: exchange(get('/get', 'Max-Forwards: 0')),
    check: all(status(200), requestField('max-forwards', ['0'])),
  },
  ...[
    ['twice', 'Max-Forwards: 1\r\nMax-Forwards: 1'],
    ['negative', 'Max-Forwards: -1'],
    ['empty', 'Max-Forwards:'],
    ['as-a-list', 'Max-Forwards: 1, 2'],
  ].map(
    ([how = '', lines = '']): ConformanceCase => ({
      id: `max-forwards-${how}-is-refused`,
      tier: 'strict',
      family: 'max-forwards',
      title: `A Max-Forwards of OPTIONS that is no number is refused: ${how.replaceAll('-', ' ')}.`,
      section: SECTION,
      exchange: refusal(request('OPTIONS', '/odd', lines)),
      check: refused(400),
    }),
  ),
];
