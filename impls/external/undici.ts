/**
 * node:http in front and undici's `dispatch` behind, with nothing in between: what a proxy on these
 * two costs at the least. There is no library to adapt, so what a proxy owes is written here: fields
 * of one connection stay on it, Host and names go on as received, backpressure both ways, an answer
 * that breaks off breaks the client's connection.
 *
 * Its best fair form: `dispatch` is undici's lowest call and its fastest; connections without a
 * bound, one request at a time on each, no timeouts.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { CONTRACT_VERSION, type ProxyImplementation } from '../contract.ts';
import { answerBadGateway, createFront, FedServer, originOf } from './node-server.ts';
import { findPackage } from './peer-package.ts';

// Hopmark's own dependency; imported here so that its version is that of what is loaded.
const { Pool } = await import('undici');
const { version } = findPackage('undici', { from: import.meta.dirname });

const undici: ProxyImplementation = {
  contractVersion: CONTRACT_VERSION,
  name: 'undici',
  version: `${version}, node:http`,
  capabilities: ['forwarding'],
  create: ({ upstream, policy }) => {
    const pool = new Pool(originOf(upstream, 'undici'), {
      connections: null,
      pipelining: 1,
      keepAliveTimeout: 60_000,
      headersTimeout: 0,
      bodyTimeout: 0,
      allowH2: false,
    });
    const server = createFront(policy, (request, response) => {
      const relay = new Relay(response, () => handler.countFailure());
      pool.dispatch(toDispatch(request), relay);
    });
    const handler = new FedServer(server, () => pool.destroy());
    return handler;
  },
};

export default undici;

function toDispatch(request: IncomingMessage): Dispatcher.DispatchOptions {
  const { method = 'GET', url: path = '/', headers } = request;
  const hasBody =
    headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
  return { method, path, headers: requestFields(request), body: hasBody ? request : null };
}

const NOT_FORWARDED: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'te',
  'upgrade',
  // node:http has answered it.
  'expect',
  // Put anew.
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
]);

/** A flat list of names and values, in the order and case in which they came. */
function requestFields({ rawHeaders, headers, socket }: IncomingMessage): string[] {
  const named = namesIn(headers.connection);
  const fields: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    const lower = name.toLowerCase();
    if (NOT_FORWARDED.has(lower) || named?.has(lower)) continue;
    fields.push(name, rawHeaders[i + 1] ?? '');
  }
  fields.push('X-Forwarded-For', socket.remoteAddress ?? '');
  fields.push('X-Forwarded-Host', headers.host ?? '');
  fields.push('X-Forwarded-Proto', 'http');
  return fields;
}

/** The fields that a Connection field names, or null where it says nothing but keep-alive. */
function namesIn(connection: string | undefined): ReadonlySet<string> | null {
  if (connection === undefined || connection === 'keep-alive') return null;
  return new Set(
    connection
      .toLowerCase()
      .split(',')
      .map((name) => name.trim()),
  );
}

/** Passes one answer on as it comes. */
class Relay implements Dispatcher.DispatchHandler {
  readonly #response: ServerResponse;
  readonly #onFailure: () => void;

  constructor(response: ServerResponse, onFailure: () => void) {
    this.#response = response;
    this.#onFailure = onFailure;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // A client that goes away ends its request at the upstream.
    this.#response.once('close', () => {
      if (!this.#response.writableFinished) controller.abort(new Error('the client has gone'));
    });
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: Record<string, string | string[] | undefined>,
    statusMessage?: string,
  ): void {
    if (statusCode < 200) return;
    const named = namesIn(String(headers.connection ?? 'keep-alive'));
    for (const name of named ?? []) delete headers[name];
    for (const name of ['connection', 'keep-alive', 'transfer-encoding', 'proxy-connection']) {
      if (headers[name] !== undefined) delete headers[name];
    }
    this.#response.sendDate = false;
    this.#response.writeHead(statusCode, statusMessage ?? '', headers);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#response.write(chunk)) return;
    controller.pause();
    this.#response.once('drain', () => controller.resume());
  }

  onResponseEnd(): void {
    this.#response.end();
  }

  onResponseError(): void {
    if (this.#response.destroyed) return;
    this.#onFailure();
    answerBadGateway(this.#response);
  }
}
