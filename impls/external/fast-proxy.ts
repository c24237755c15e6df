/**
 * fast-proxy, as its documentation uses it in a server of one's own: `proxy(request, response,
 * request.url, options)`.
 *
 * Its best fair form: with `undici`, which its documentation calls 20 to 50 % faster than node:http,
 * with connections without a bound, one request at a time on each, and no timeouts; and with its
 * hook for request headers, since it puts the upstream's Host and undici refuses fields of one
 * connection. Its cache of parsed URLs holds 100 by default, and that stays. Answers for an upstream
 * that fails are its own. Nothing else repairs what it sends.
 */
import { type CaseSkip, CONTRACT_VERSION, type ProxyImplementation } from '../contract.ts';
import { ANSWERS_CONNECTION, declare, NODE_FIELDS } from './declared.ts';
import { createFront, FedServer, originOf } from './node-server.ts';
import { findPackage } from './peer-package.ts';
import { toUpstreamFields } from './request-fields.ts';

const found = findPackage('fast-proxy');
const undici = findPackage('undici', { from: found.folder });
const createProxy = await found.load<typeof import('fast-proxy')>('default');

const skips: readonly CaseSkip[] = [
  ...NODE_FIELDS,
  ...ANSWERS_CONNECTION,
  ...declare('dot segments of a path are resolved', 'unusual-target-goes-on-as-received'),
  ...declare(
    'undici 5 reads the values of an answer’s fields as UTF-8; one that is none of it makes node:http ' +
      'throw, and the process ends',
    'field-values-are-bytes',
  ),
  ...declare(
    'undici 5 waits for the body that Content-Length of an answer 304 speaks of',
    'answer-304-with-length',
  ),
  ...declare(
    'an HTTP/1.0 client gets a chunked answer if the upstream’s is chunked',
    'chunked-answer-to-http-1-0',
  ),
  ...declare('answers 503 where the upstream refuses', 'upstream-refuses-connections'),
  ...declare(
    'answers 500 where the upstream closes before a complete head',
    'upstream-closes-without-answer',
    'upstream-closes-within-head',
  ),
  ...declare(
    'answers 504 where the upstream resets the connection before a head',
    'upstream-resets-without-answer',
    'post-is-never-sent-again',
  ),
  ...declare(
    'a request at the upstream goes on when its client leaves before the answer',
    'client-abort-ends-the-upstream-request',
  ),
];

const fastProxy: ProxyImplementation = {
  contractVersion: CONTRACT_VERSION,
  name: 'fast-proxy',
  version: `${found.version}, undici ${undici.version}`,
  capabilities: ['forwarding'],
  skips,
  create: ({ upstream, policy }) => {
    const { proxy, close } = createProxy({
      base: originOf(upstream, 'fast-proxy'),
      undici: {
        connections: null,
        pipelining: 1,
        keepAliveTimeout: 60_000,
        headersTimeout: 0,
        bodyTimeout: 0,
      },
    });
    const options = { rewriteRequestHeaders: toUpstreamFields };
    const server = createFront(policy, (request, response) => {
      proxy(request, response, request.url ?? '/', options);
    });
    return new FedServer(server, close);
  },
};

export default fastProxy;
