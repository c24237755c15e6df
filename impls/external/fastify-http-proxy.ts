/**
 * @fastify/http-proxy, as its documentation has it: a plugin of a fastify server that forwards every
 * path to one upstream.
 *
 * Its best fair form: through undici, as by default, with connections without a bound, one request
 * at a time on each, and no timeouts; no logger; all methods that Node knows; and with its hook for
 * request headers, since it puts the upstream's Host and undici refuses some fields. Its cache of
 * parsed URLs holds 100 by default, and that stays. Answers for an upstream that fails are its own.
 * The server is Node's, made by fastify's `serverFactory`. Nothing else repairs what it sends.
 */
import { METHODS, type Server } from 'node:http';
import { type CaseSkip, CONTRACT_VERSION, type ProxyImplementation } from '../contract.ts';
import { ANSWERS_CONNECTION, declare, NODE_FIELDS } from './declared.ts';
import { createFront, FedServer, originOf } from './node-server.ts';
import { findPackage } from './peer-package.ts';
import { toUpstreamFields } from './request-fields.ts';

const found = findPackage('@fastify/http-proxy', { also: ['fastify'] });
const framework = findPackage('fastify');
const replyFrom = findPackage('@fastify/reply-from', { from: found.folder });
const undici = findPackage('undici', { from: replyFrom.folder });
const plugin = await found.load<typeof import('@fastify/http-proxy')>('default');
const createFastify = await framework.load<typeof import('fastify').fastify>('fastify');

const skips: readonly CaseSkip[] = [
  ...NODE_FIELDS,
  ...ANSWERS_CONNECTION,
  ...declare(
    'answers 400 to a path with dot segments or a malformed escape',
    'unusual-target-goes-on-as-received',
  ),
  ...declare(
    'answers 500 to an answer 304 with Content-Length, for whose body undici 7 waits',
    'answer-304-with-length',
  ),
  ...declare(
    'answers 500 where the upstream refuses, or breaks off before a complete head',
    'upstream-refuses-connections',
    'upstream-closes-without-answer',
    'upstream-resets-without-answer',
    'upstream-closes-within-head',
    'post-is-never-sent-again',
  ),
  ...declare(
    'a request at the upstream goes on when its client leaves before the answer',
    'client-abort-ends-the-upstream-request',
  ),
];

const fastifyHttpProxy: ProxyImplementation = {
  contractVersion: CONTRACT_VERSION,
  name: 'fastify-http-proxy',
  version: `${found.version}, fastify ${framework.version}, undici ${undici.version}`,
  capabilities: ['forwarding'],
  skips,
  create: async ({ upstream, policy }) => {
    const origin = originOf(upstream, 'fastify-http-proxy');
    let server: Server | undefined;
    const app = createFastify({
      logger: false,
      serverFactory: (handler) => {
        server = createFront(policy, handler);
        return server;
      },
    });
    const methods = METHODS.filter((method) => method !== 'CONNECT');
    for (const method of methods) {
      if (!app.supportedMethods.includes(method)) app.addHttpMethod(method, { hasBody: true });
    }
    await app.register(plugin, {
      upstream: origin,
      httpMethods: methods,
      disableRequestLogging: true,
      destroyAgent: true,
      undici: {
        connections: null,
        pipelining: 1,
        keepAliveTimeout: 60_000,
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      replyOptions: {
        rewriteRequestHeaders: (request, headers) => toUpstreamFields(request.raw, headers),
      },
    });
    await app.ready();
    if (server === undefined) throw new Error('fastify made no server');
    return new FedServer(server, () => app.close());
  },
};

export default fastifyHttpProxy;
