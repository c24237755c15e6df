/**
 * The smallest proxy that can be measured: a factory that is given the upstream and gives back a
 * plain `(request, response)` listener of `node:http`. It leaves out what a whole proxy owes
 * beside: strictness, limits, rules and logs. `examples/README.md` says how it is run.
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
    const { method, url: path } = request;
    const headers = endToEnd(request.rawHeaders);
    const outgoing = sendRequest({ agent, host, port, method, path, headers }, (answer) => {
      response.sendDate = false;
      const fields = endToEnd(answer.rawHeaders, 'transfer-encoding');
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, fields);
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

const OF_ONE_HOP = ['connection', 'keep-alive', 'proxy-connection', 'te', 'upgrade'];

/** Raw fields without those that concern one connection; the rest keeps its order and its case. */
function endToEnd(raw: readonly string[], ...more: readonly string[]): string[] {
  const isName = (_text: string, index: number) => index % 2 === 0;
  const values = raw.filter((_text, i) => i % 2 === 1 && /^connection$/i.test(raw[i - 1] ?? ''));
  const named = values
    .join(',')
    .split(',')
    .map((name) => name.trim());
  const left = new Set([...OF_ONE_HOP, ...more, ...named].map((name) => name.toLowerCase()));
  return raw
    .filter(isName)
    .flatMap((name, i) => (left.has(name.toLowerCase()) ? [] : [name, raw[2 * i + 1] ?? '']));
}
