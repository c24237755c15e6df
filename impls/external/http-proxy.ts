/**
 * http-proxy, as its documentation sets up a proxy within one's own server: `createProxyServer` with
 * a target, `proxy.web(request, response)`, and a listener of its `error` event.
 *
 * Its best fair form: an agent with keep-alive and without a bound, since by default it opens a
 * connection for each request; `xfwd` for the forwarded fields, to which it adds X-Forwarded-Port;
 * no timeouts, which are off by default. Nothing repairs what it sends.
 */
import { type CaseSkip, CONTRACT_VERSION, type ProxyImplementation } from '../contract.ts';
import { ANSWERS_CONNECTION, declare, NODE_FIELDS, REQUESTS_CONNECTION } from './declared.ts';
import { answerBadGateway, createAgent, createFront, FedServer, originOf } from './node-server.ts';
import { findPackage } from './peer-package.ts';

const found = findPackage('http-proxy');
const createProxyServer =
  await found.load<typeof import('http-proxy').createProxyServer>('createProxyServer');

const skips: readonly CaseSkip[] = [
  ...NODE_FIELDS,
  ...REQUESTS_CONNECTION,
  ...ANSWERS_CONNECTION,
  ...declare('several slashes in a path go on as one', 'unusual-target-goes-on-as-received'),
  ...declare(
    'the client’s connection stays open, and its answer unfinished, when the upstream breaks off ' +
      'within a body',
    'upstream-truncates-length',
    'upstream-truncates-chunked',
    'upstream-truncates-within-a-chunk',
    'nothing-is-sent-again-after-an-answer-began',
  ),
  ...declare(
    'a request at the upstream goes on when its client leaves before the answer',
    'client-abort-ends-the-upstream-request',
  ),
];

const httpProxy: ProxyImplementation = {
  contractVersion: CONTRACT_VERSION,
  name: 'http-proxy',
  version: found.version,
  capabilities: ['forwarding'],
  skips,
  create: ({ upstream, policy }) => {
    const agent = createAgent();
    const target = originOf(upstream, 'http-proxy');
    const proxy = createProxyServer({ target, agent, xfwd: true });
    const server = createFront(policy, (request, response) => proxy.web(request, response));
    const handler = new FedServer(server, () => agent.destroy());
    proxy.on('error', (_error, _request, response) => {
      handler.countFailure();
      answerBadGateway(response);
    });
    return handler;
  },
};

export default httpProxy;
