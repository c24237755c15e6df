/**
 * What the adapters of libraries for `node:http` share: the server in front of them, made for all in
 * the same way and fed with accepted sockets, the agent that keeps connections to the upstream, and
 * the answer for an upstream that fails. It is Node's server as its documentation has it, without
 * limits in time and with the policy's on heads: nothing here makes a library stricter or more lenient than it is.
 *
 * It applies no policy and sees no answers, so it counts requests and failures of the upstream only.
 */
import {
  Agent,
  createServer,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import type {
  DrainReport,
  ProxyCounters,
  ProxyHandler,
  ReloadReport,
  Upstream,
} from '../contract.ts';
import type { Policy } from '../policy/policy.ts';

/** A server that keeps idle connections for ever. Feed it through {@link FedServer}. */
export function createFront({ limits }: Policy, listener: RequestListener): Server {
  const unlimited = { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 };
  return createServer({ ...unlimited, maxHeaderSize: limits.headBytes }, listener);
}

/** Far beyond what any scenario keeps idle at once. */
const MAX_FREE_SOCKETS = 4096;

/** An agent that reuses connections and bounds none. */
export function createAgent(): Agent {
  return new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: MAX_FREE_SOCKETS });
}

/**
 * `http://HOST:PORT` of the upstream.
 *
 * @throws Error if the upstream is https: no adapter is measured on it.
 */
export function originOf({ protocol, host, port }: Upstream, name: string): string {
  if (protocol !== 'http:') throw new Error(`${name} is adapted for an http upstream only`);
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** What a client gets when the upstream failed: 502, or a broken connection within an answer. */
export function answerBadGateway(response: ServerResponse | Socket): void {
  if (!('headersSent' in response) || response.headersSent) {
    response.destroy();
    return;
  }
  // A library may still be about to write what came before the failure.
  response.on('error', () => {});
  const body = 'the upstream failed\n';
  response.writeHead(502, { 'Content-Type': 'text/plain', 'Content-Length': body.length });
  response.end(body);
}

/** How often connections that have become idle are looked for in a drain. */
const DRAIN_POLL_MS = 10;

/** A handler that gives its sockets to a server that never listens. */
export class FedServer implements ProxyHandler {
  readonly #server: Server;
  readonly #release: () => unknown;
  /** Each with the latest answer on it: while that is under way the connection is not idle. */
  readonly #sockets = new Map<Socket, ServerResponse | null>();
  readonly #errors = { 'upstream-failed': 0 };
  #requests = 0;

  /** `release` ends what the adapter holds: agents, pools. */
  constructor(server: Server, release: () => unknown) {
    this.#server = server;
    this.#release = release;
    server.on('request', (request, response) => {
      this.#requests += 1;
      this.#sockets.set(request.socket, response);
    });
  }

  handle(socket: Socket, initialBytes?: Uint8Array): void {
    this.#sockets.set(socket, null);
    socket.once('close', () => this.#sockets.delete(socket));
    if (initialBytes !== undefined) socket.unshift(initialBytes);
    this.#server.emit('connection', socket);
  }

  /** An answer was made because the upstream failed. */
  countFailure(): void {
    this.#errors['upstream-failed'] += 1;
  }

  /** No policy is applied, so none is replaced. */
  reload(): ReloadReport {
    return { rules: 0, patternsKept: 0, patternsCompiled: 0 };
  }

  /** Answers are the library's own and not seen, so none are counted; requests are. */
  counters(): ProxyCounters {
    return {
      requests: this.#requests,
      responses: { '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0 },
      dropped: 0,
      errors: { ...this.#errors },
      caches: {},
      pools: {},
      log: { written: 0, dropped: 0 },
      upstream: { opened: 0, reused: 0, retried: 0 },
    };
  }

  /** Connections are closed as they become idle; answers in flight do not announce it. */
  async drain(deadlineMs: number): Promise<DrainReport> {
    const before = this.#sockets.size;
    const poll = setInterval(() => this.#endIdle(), DRAIN_POLL_MS);
    this.#endIdle();
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise((resolve) => {
      timer = setTimeout(resolve, deadlineMs);
    });
    await Promise.race([this.#allClosed(), deadline]);
    clearInterval(poll);
    clearTimeout(timer);
    const destroyed = this.#sockets.size;
    await this.close();
    return { finished: before - destroyed, destroyed };
  }

  async close(): Promise<void> {
    const allClosed = this.#allClosed();
    for (const socket of this.#sockets.keys()) socket.destroy();
    await allClosed;
    await this.#release();
  }

  /** The server's own `closeIdleConnections` knows only connections that it accepted itself. */
  #endIdle(): void {
    for (const [socket, response] of this.#sockets) {
      if (response === null || response.closed) socket.destroySoon();
    }
  }

  async #allClosed(): Promise<void> {
    await Promise.all([...this.#sockets.keys()].map(closed));
  }
}

function closed(socket: Socket): Promise<void> {
  if (socket.closed) return Promise.resolve();
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
  });
}
