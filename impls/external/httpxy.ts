/**
 * httpxy, as its documentation sets up a proxy within one's own server: `createProxyServer` with a
 * target, `proxy.web(request, response)`, and a listener of its `error` event.
 *
 * Its best fair form: an agent like its own default, with keep-alive, but without a bound (its own
 * keeps 64 idle connections and opens 256); `xfwd` for the forwarded fields, to which it adds
 * X-Forwarded-Port; `proxyTimeout` off, as it is for the others. Nothing repairs what it sends.
 */
import { type CaseSkip, CONTRACT_VERSION, type ProxyImplementation } from '../contract.ts';
import { ANSWERS_CONNECTION, NODE_FIELDS, REQUESTS_CONNECTION } from './declared.ts';
import { answerBadGateway, createAgent, createFront, FedServer, originOf } from './node-server.ts';
import { findPackage } from './peer-package.ts';

const found = findPackage('httpxy');
const createProxyServer =
  await found.load<typeof import('httpxy').createProxyServer>('createProxyServer');

const skips: readonly CaseSkip[] = [...NODE_FIELDS, ...REQUESTS_CONNECTION, ...ANSWERS_CONNECTION];

const httpxy: ProxyImplementation = {
  contractVersion: CONTRACT_VERSION,
  name: 'httpxy',
  version: found.version,
  capabilities: ['forwarding'],
  skips,
  create: ({ upstream, policy }) => {
    const agent = createAgent();
    const target = originOf(upstream, 'httpxy');
    const proxy = createProxyServer({ target, agent, xfwd: true, proxyTimeout: 0 });
    const server = createFront(policy, (request, response) => void proxy.web(request, response));
    const handler = new FedServer(server, () => agent.destroy());
    proxy.on('error', (_error, _request, response) => {
      handler.countFailure();
      if (response !== undefined) answerBadGateway(response);
    });
    return handler;
  },
};

export default httpxy;
