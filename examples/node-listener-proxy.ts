/**
 * The smallest proxy that can be measured: a factory that is given the upstream and gives back a
 * plain `(request, response)` listener of `node:http`. It answers 502 when the upstream fails, and
 * leaves out what a real proxy owes: dropping hop-by-hop fields, limits, logs. `examples/README.md`
 * says how it is run.
 *
 * To try your own, replace the body of the inner function; Express, Connect and most middleware
 * are such functions too.
 */
import {
  Agent,
  type IncomingMessage,
  type ServerResponse,
  request as sendRequest,
} from 'node:http';
import { pipeline } from 'node:stream';
import type { Upstream } from '../impls/contract.ts';

export default function createListener({ upstream }: { readonly upstream: Upstream }) {
  // One agent for all requests: without keep-alive every request would open a connection.
  const agent = new Agent({ keepAlive: true });
  const { protocol, host, port } = upstream;
  if (protocol !== 'http:') throw new Error('this example needs an http upstream');

  return (request: IncomingMessage, response: ServerResponse): void => {
    const { method, url: path, rawHeaders: headers } = request;
    const outgoing = sendRequest({ agent, host, port, method, path, headers }, (answer) => {
      // The raw fields keep their order, their case and their number.
      response.sendDate = false;
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders);
      // An answer that breaks off destroys the response, so that its client sees that it did.
      pipeline(answer, response, () => {});
    });
    // A client that goes away ends its request at the upstream.
    response.once('close', () => outgoing.destroy());
    outgoing.on('error', () => {
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end('the upstream did not answer\n');
    });
    request.pipe(outgoing);
  };
}
