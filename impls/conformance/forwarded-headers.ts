/**
 * What a proxy tells the upstream about the client, and whom it believes (RFC 7239, RFC 9110 7.6.3).
 */
import type { ConformanceCase } from './case.ts';
import { all, expectThat, onRequest, requestField, status, values } from './checks.ts';
import { exchange, get } from './steps.ts';

const CLIENT = '127.0.0.1';
const RECEIVED = [
  'X-Forwarded-For: 192.0.2.1',
  'X-Forwarded-Host: evil.example',
  'X-Forwarded-Proto: https',
  'X-Forwarded-Port: 444',
  'Forwarded: for=192.0.2.1;proto=https',
];
const ALL_ON = { xForwarded: true, forwarded: true, via: 'edge' };
const ALL_OFF = { xForwarded: false, forwarded: false, via: null };

export const FORWARDED_HEADER_CASES: readonly ConformanceCase[] = [
  {
    id: 'forwarded-fields-are-added',
    tier: 'policy',
    family: 'forwarded-headers',
    title: 'X-Forwarded-*, Forwarded and Via say who asked for what, each as one field.',
    section: 'RFC 7239 4',
    policy: { forwarded: ALL_ON },
    exchange: exchange(get('/added')),
    check: all(
      status(200),
      requestField('x-forwarded-for', [CLIENT]),
      requestField('x-forwarded-host', ['test.example']),
      requestField('x-forwarded-proto', ['http']),
      requestField('via', ['1.1 edge']),
      forwardedSays([`for=${CLIENT}`]),
    ),
  },
  {
    id: 'forwarded-fields-of-strangers-are-removed',
    tier: 'policy',
    family: 'forwarded-headers',
    title: 'What a peer that is not trusted claims in these fields does not go on.',
    section: 'RFC 7239 8.1',
    policy: { forwarded: ALL_ON },
    exchange: exchange(get('/claimed', ...RECEIVED)),
    check: all(
      status(200),
      requestField('x-forwarded-for', [CLIENT]),
      requestField('x-forwarded-host', ['test.example']),
      requestField('x-forwarded-proto', ['http']),
      requestField('x-forwarded-port'),
      forwardedSays([`for=${CLIENT}`]),
      onRequest(({ head }) =>
        expectThat(!/192\.0\.2\.1|evil/.test(head), 'a claim of the client went on'),
      ),
    ),
  },
  {
    id: 'forwarded-fields-of-trusted-peers-are-kept',
    tier: 'policy',
    family: 'forwarded-headers',
    title: 'From a trusted peer For and Forwarded are appended to, Host and Proto kept.',
    section: 'RFC 7239 4',
    policy: { forwarded: ALL_ON, trustForwardedFrom: ['127.0.0.0/8'] },
    exchange: exchange(get('/trusted', ...RECEIVED)),
    check: all(
      status(200),
      requestField('x-forwarded-for', [`192.0.2.1, ${CLIENT}`]),
      requestField('x-forwarded-host', ['evil.example']),
      requestField('x-forwarded-proto', ['https']),
      forwardedSays(['for=192.0.2.1', `for=${CLIENT}`]),
    ),
  },
  {
    id: 'trust-is-for-the-peers-that-are-named',
    tier: 'policy',
    family: 'forwarded-headers',
    title: 'Trust in one block of addresses is no trust in another.',
    section: 'RFC 7239 8.1',
    policy: { forwarded: ALL_ON, trustForwardedFrom: ['10.0.0.0/8', '::1'] },
    exchange: exchange(get('/not-trusted', ...RECEIVED)),
    check: all(status(200), requestField('x-forwarded-for', [CLIENT])),
  },
  {
    id: 'via-is-appended-to',
    tier: 'policy',
    family: 'forwarded-headers',
    title: 'Via is appended to, whoever sent it.',
    section: 'RFC 9110 7.6.3',
    policy: { forwarded: ALL_ON },
    exchange: exchange(get('/via', 'Via: 1.0 fred, 1.1 example.com')),
    check: all(status(200), requestField('via', ['1.0 fred, 1.1 example.com, 1.1 edge'])),
  },
  {
    id: 'forwarded-fields-can-be-off',
    tier: 'policy',
    family: 'forwarded-headers',
    title: 'What is switched off is not added; what a stranger claims is removed all the same.',
    section: 'Forwarding a request',
    policy: { forwarded: ALL_OFF },
    exchange: exchange(get('/off', ...RECEIVED)),
    check: all(
      status(200),
      requestField('via'),
      requestField('forwarded'),
      ...['for', 'host', 'proto', 'port'].map((name) => requestField(`x-forwarded-${name}`)),
    ),
  },
  {
    id: 'connection-cannot-name-forwarded-fields',
    tier: 'policy',
    family: 'forwarded-headers',
    title: 'A client cannot take these fields away by naming them in Connection.',
    section: 'RFC 9110 7.6.1',
    policy: { forwarded: ALL_ON },
    exchange: exchange(
      get(
        '/named',
        'Connection: X-Forwarded-For, X-Forwarded-Host, X-Forwarded-Proto, Via, Forwarded',
      ),
    ),
    check: all(
      status(200),
      requestField('x-forwarded-for', [CLIENT]),
      requestField('x-forwarded-host', ['test.example']),
      requestField('x-forwarded-proto', ['http']),
      requestField('via', ['1.1 edge']),
      forwardedSays([`for=${CLIENT}`]),
    ),
  },
];

/** Forwarded is one field whose elements say these things, in this order. */
function forwardedSays(expected: readonly string[]): ReturnType<typeof onRequest> {
  return onRequest(({ fields }) => {
    const found = values(fields, 'forwarded');
    const elements = (found[0] ?? '').split(',');
    const said = elements.map((one) => one.trim().split(';').map(unquote));
    const right =
      found.length === 1 &&
      said.length === expected.length &&
      expected.every((pair, index) => said[index]?.includes(pair));
    return expectThat(right, `Forwarded is ${JSON.stringify(found)}, not ${expected.join(', ')}`);
  });
}

function unquote(pair: string): string {
  return pair.trim().toLowerCase().replaceAll('"', '');
}
