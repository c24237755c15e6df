/**
 * The Host field: one, valid, and in agreement with the target (RFC 9112 3.2).
 */
import type { ConformanceCase } from './case.ts';
import { all, expectThat, onRequest, refused, requestField, status, values } from './checks.ts';
import { exchange, refusal } from './steps.ts';

export const HOST_CASES: readonly ConformanceCase[] = [
  accepted('host-goes-on', 'Host goes on as received, port and case included.', [
    'Host: Test.Example:8080',
  ]),
  accepted('host-of-ipv6', 'An IPv6 literal is a valid Host.', ['Host: [2001:db8::1]:8080']),
  {
    id: 'host-agrees-with-absolute-form',
    tier: 'strict',
    family: 'hosts',
    title: 'A Host that names the authority of an absolute-form target is accepted.',
    section: 'RFC 9112 3.2.2',
    exchange: exchange('GET http://test.example/x HTTP/1.1\r\nHost: test.example\r\n\r\n'),
    check: all(status(200), requestField('host', ['test.example'])),
  },
  {
    id: 'http-1-0-without-host',
    tier: 'strict',
    family: 'hosts',
    title: 'An HTTP/1.0 request without Host is served, and goes on with one Host.',
    section: 'RFC 9112 3.2',
    exchange: exchange('GET /old HTTP/1.0\r\n\r\n'),
    check: all(
      status(200),
      onRequest(({ fields }) =>
        expectThat(values(fields, 'host').length === 1, 'the origin did not get one Host'),
      ),
    ),
  },
  refusedHost('host-missing', 'An HTTP/1.1 request without Host is refused.', []),
  refusedHost('host-twice', 'Two Hosts that differ are refused.', [
    'Host: test.example',
    'Host: other.example',
  ]),
  refusedHost('host-twice-identical', 'Two Hosts are refused even if they agree.', [
    'Host: test.example',
    'Host: test.example',
  ]),
  refusedHost('host-with-user-information', 'A Host with user information is refused.', [
    'Host: user@test.example',
  ]),
  refusedHost('host-with-space', 'A Host with a space in it is refused.', ['Host: test example']),
  refusedHost('host-with-path', 'A Host with a path is refused.', ['Host: test.example/path']),
  refusedHost('host-list', 'A list of Hosts is refused.', ['Host: test.example, other.example']),
  refusedHost('host-with-bad-port', 'A Host with a port that is no number is refused.', [
    'Host: test.example:80a',
  ]),
  refusedHost(
    'host-empty-beside-authority',
    'An empty Host beside an absolute-form target is refused.',
    ['Host:'],
    'http://test.example/x',
  ),
  refusedHost(
    'host-differs-from-absolute-form',
    'A Host that contradicts an absolute-form target is refused.',
    ['Host: other.example'],
    'http://test.example/x',
  ),
  refusedHost(
    'absolute-form-with-user-information',
    'An absolute-form target with user information is refused.',
    ['Host: test.example'],
    'http://user@test.example/x',
  ),
];

function head(target: string, lines: readonly string[]): string {
  return `${[`GET ${target} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`;
}

function accepted(id: string, title: string, lines: readonly [string]): ConformanceCase {
  return {
    id,
    tier: 'forwarding',
    family: 'hosts',
    title,
    section: 'RFC 9110 7.2',
    exchange: exchange(head(`/${id}`, lines)),
    check: all(status(200), requestField('host', [lines[0].slice('Host: '.length)])),
  };
}

function refusedHost(
  id: string,
  title: string,
  lines: readonly string[],
  target = '/x',
): ConformanceCase {
  return {
    id,
    tier: 'strict',
    family: 'hosts',
    title,
    section: 'RFC 9112 3.2',
    exchange: refusal(head(target, lines)),
    check: refused(400),
  };
}
