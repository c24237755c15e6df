/**
 * The running proxy: a `node:http` server that never listens and is fed accepted sockets, the
 * connections that it holds, and the timer that does for them what such a server does not.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type {
  DrainReport,
  ProxyCounters,
  ProxyHandler,
  ProxyOptions,
  ReloadReport,
} from '../contract.ts';
import type { Policy } from '../policy/policy.ts';
import { ClientConnection } from './client-connection.ts';
import { Configuration } from './configuration.ts';
import { Counters } from './counters.ts';
import { serveExchange } from './exchange.ts';
import type { ExchangeHost } from './exchange-state.ts';
import { LogQueue } from './log-queue.ts';
import { toRefusal } from './parse-errors.ts';
import { UpstreamPool } from './upstream-pool.ts';

/** How long `close` waits for lines that the log sink has not taken yet. */
const LAST_LINES_MS = 1000;

/** Makes a handler. Throws a RangeError if the policy cannot be served, and leaves nothing then. */
export function createHandler(options: ProxyOptions): ProxyHandler {
  return new Handler(options);
}

class Handler implements ProxyHandler {
  readonly #configuration: Configuration;
  readonly #counters = new Counters();
  readonly #connections = new Map<Duplex, ClientConnection>();
  readonly #host: ExchangeHost;
  readonly #clock: ProxyOptions['clock'];
  readonly #server: Server;
  #sweep: NodeJS.Timeout;
  #stopping = false;

  constructor({ upstream, policy, log, clock }: ProxyOptions) {
    this.#configuration = new Configuration(policy);
    this.#clock = clock;
    const counters = this.#counters;
    const connectTimeoutMs = (): number => this.#configuration.policy.limits.connectTimeoutMs;
    this.#host = {
      configuration: this.#configuration,
      counters,
      pool: new UpstreamPool(upstream, counters, connectTimeoutMs),
      tunnels: { upstream, counters, connectTimeoutMs },
      log: new LogQueue(log, counters, policy.limits.logQueueBytes),
      clock,
    };
    this.#server = this.#createServer(policy);
    this.#sweep = this.#startSweep(policy);
  }

  handle(socket: Socket, initialBytes?: Uint8Array): void {
    if (this.#stopping || socket.destroyed) {
      socket.destroy();
      return;
    }
    const hasInitialBytes = initialBytes !== undefined && initialBytes.length > 0;
    const connection = new ClientConnection(
      socket,
      {
        counters: this.#counters,
        nowMs: this.#clock.nowMs,
        monotonicMs: this.#clock.monotonicMs,
        serve: (incoming) => serveExchange(this.#host, incoming),
        readRequests: (each) => this.#server.emit('connection', each),
      },
      hasInitialBytes,
    );
    this.#connections.set(socket, connection);
    socket.once('close', () => this.#connections.delete(socket));
    if (hasInitialBytes) socket.unshift(initialBytes);
    this.#server.emit('connection', socket);
  }

  async reload(policy: Policy): Promise<ReloadReport> {
    await this.#configuration.replace(policy);
    // Node's parser takes this when a connection begins; request-checks.ts counts again.
    Object.assign(this.#server, { maxHeaderSize: parserHeadBytes(policy) });
    this.#host.log.setLimit(policy.limits.logQueueBytes);
    clearInterval(this.#sweep);
    this.#sweep = this.#startSweep(policy);
    const { drop, logging, responseLogging } = policy;
    const rules = [drop, logging, responseLogging].reduce((sum, set) => sum + set.rules.length, 0);
    // Patterns are compiled by each request.
    return { rules, patternsKept: 0, patternsCompiled: 0 };
  }

  counters(): ProxyCounters {
    return this.#counters.read();
  }

  async drain(deadlineMs: number): Promise<DrainReport> {
    this.#stopping = true;
    const before = this.#connections.size;
    const allClosed = Promise.all([...this.#connections.values()].map(closed));
    for (const connection of this.#connections.values()) connection.drain();
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise((resolve) => {
      timer = setTimeout(resolve, deadlineMs);
    });
    await Promise.race([allClosed, deadline]);
    clearTimeout(timer);
    const destroyed = this.#connections.size;
    await this.#destroyConnections();
    return { finished: before - destroyed, destroyed };
  }

  async close(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#sweep);
    await this.#destroyConnections();
    await this.#host.pool.close();
    await this.#host.log.flushed(LAST_LINES_MS);
  }

  async #destroyConnections(): Promise<void> {
    const left = [...this.#connections.values()];
    const allClosed = Promise.all(left.map(closed));
    for (const { socket } of left) socket.destroy();
    await allClosed;
  }

  #createServer(policy: Policy): Server {
    const server = createServer({
      insecureHTTPParser: false,
      maxHeaderSize: parserHeadBytes(policy),
      requireHostHeader: false,
      keepAliveTimeout: 0,
      requestTimeout: 0,
      headersTimeout: 0,
      // An upgrade with a body is an ordinary request: its body is no tunnel.
      shouldUpgradeCallback: isTunnelRequest,
    });
    // Not counted by Node, which would leave out what is beyond the count without a word.
    server.maxHeadersCount = 0;
    // Without it Node ends its side as soon as the client has ended its own, and the answer is
    // lost. The property is Node's, but its types leave it out.
    Object.assign(server, { httpAllowHalfOpen: true });

    const take = (request: IncomingMessage, response: Parameters<ClientConnection['take']>[1]) =>
      this.#connections.get(request.socket)?.take(request, response, null);
    server.on('request', take);
    server.on('checkContinue', take);
    server.on('checkExpectation', take);
    server.on('upgrade', (request, _socket, head) => {
      this.#connections.get(request.socket)?.take(request, null, head);
    });
    server.on('connect', (request, _socket, head) => {
      this.#connections.get(request.socket)?.take(request, null, head);
    });
    server.on('clientError', (error, socket) => {
      const refusal = toRefusal(error);
      const connection = this.#connections.get(socket);
      if (refusal === null || connection === undefined) socket.destroy();
      else connection.takeRefusal(refusal);
    });
    return server;
  }

  #startSweep(policy: Policy): NodeJS.Timeout {
    const { headTimeoutMs, idleTimeoutMs } = policy.limits;
    const everyMs = Math.min(500, Math.max(5, Math.min(headTimeoutMs, idleTimeoutMs) / 8));
    const sweep = setInterval(() => {
      const { limits } = this.#configuration.policy;
      for (const connection of this.#connections.values()) connection.checkTimes(limits);
    }, everyMs);
    return sweep.unref();
  }
}

/** Node counts names and values alone and refuses from the limit on; the exact count comes after. */
function parserHeadBytes(policy: Policy): number {
  return policy.limits.headBytes + 1;
}

function isTunnelRequest(request: IncomingMessage): boolean {
  const { headers } = request;
  const hasBody =
    headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  return request.httpVersion === '1.1' && !hasBody;
}

function closed({ socket }: ClientConnection): Promise<void> {
  if (socket.closed) return Promise.resolve();
  return new Promise((resolve) => socket.once('close', () => resolve()));
}
