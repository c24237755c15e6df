/**
 * Makes a `ProxyImplementation` of a plain Node request listener: a `node:http` server around it
 * that never listens and is fed accepted sockets. The server brings time limits, draining and
 * counts, and an answer for a listener that throws or rejects. It applies no policy: a listener
 * gets none, so the tier is `forwarding`. An error that a listener raises later, in a callback of
 * its own, is the process's, as in any Node server.
 */
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  CONTRACT_VERSION,
  type DrainReport,
  type ListenerFactory,
  type ProxyCounters,
  type ProxyHandler,
  type ProxyImplementation,
  type ProxyOptions,
  type ReloadReport,
  type ResponseClass,
} from './contract.ts';
import type { Limits, Policy } from './policy/policy.ts';
import { describe } from './registry-check.ts';
import { RegistryError } from './registry-error.ts';

/**
 * The implementation that serves with a factory's listener. `create` throws a
 * {@link RegistryError} if the factory throws or gives back something else.
 */
export function wrapListener(factory: ListenerFactory, name: string): ProxyImplementation {
  return {
    contractVersion: CONTRACT_VERSION,
    name,
    capabilities: ['forwarding'],
    create: (options) => new WrappedListener(makeListener(factory, name, options), options),
  };
}

type Listener = ReturnType<ListenerFactory>;

function makeListener(factory: ListenerFactory, name: string, options: ProxyOptions): Listener {
  const remedy =
    'The function must take {upstream} and give back a (request, response) listener at once.';
  let listener: unknown;
  try {
    listener = factory({ upstream: options.upstream });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RegistryError(
      'factory-failed',
      `${name}: the factory threw: ${reason}`,
      remedy,
      cause,
    );
  }
  if (typeof listener === 'function') return listener as Listener;
  const found = listener instanceof Promise ? 'a promise' : describe(listener);
  // Nobody waits for it, and its failure is not what is wrong.
  if (listener instanceof Promise) listener.catch(() => {});
  throw new RegistryError(
    'factory-failed',
    `${name}: the factory gave back ${found} and no listener`,
    remedy,
  );
}

/** One client connection and the progress that it makes. */
interface Watched {
  readonly socket: Socket;
  /** The latest request and its response. */
  request: IncomingMessage | null;
  response: ServerResponse | null;
  answering: number;
  bytesSeen: number;
  /** Since when nothing came, and since when a head is coming. */
  quietSinceMs: number;
  headSinceMs: number | null;
  refused: boolean;
  /** What cannot be read came behind a request that is not answered yet. */
  refuseNext: readonly [statusCode: number, kind: string] | null;
}

/** What is read and thrown away after a refusal, so that the answer is not lost to a reset. */
const LINGER_MS = 500;

class WrappedListener implements ProxyHandler {
  readonly #listener: Listener;
  readonly #clock: ProxyOptions['clock'];
  readonly #server: Server;
  readonly #connections = new Map<Duplex, Watched>();
  readonly #sweep: NodeJS.Timeout;
  readonly #errors = new Map<string, number>();
  readonly #responses: Record<ResponseClass, number> = {
    '1xx': 0,
    '2xx': 0,
    '3xx': 0,
    '4xx': 0,
    '5xx': 0,
  };
  #limits: Limits;
  #requests = 0;
  #stopping = false;

  constructor(listener: Listener, { policy, clock }: ProxyOptions) {
    this.#listener = listener;
    this.#clock = clock;
    this.#limits = policy.limits;
    this.#server = this.#createServer();
    const { headTimeoutMs, bodyTimeoutMs, idleTimeoutMs } = this.#limits;
    const shortestMs = Math.min(headTimeoutMs, bodyTimeoutMs, idleTimeoutMs);
    const everyMs = Math.min(500, Math.max(5, shortestMs / 8));
    this.#sweep = setInterval(() => this.#checkTimes(), everyMs).unref();
  }

  handle(socket: Socket, initialBytes?: Uint8Array): void {
    if (this.#stopping || socket.destroyed) {
      socket.destroy();
      return;
    }
    const nowMs = this.#clock.monotonicMs();
    const hasInitialBytes = initialBytes !== undefined && initialBytes.length > 0;
    this.#connections.set(socket, {
      socket,
      request: null,
      response: null,
      answering: 0,
      bytesSeen: socket.bytesRead,
      quietSinceMs: nowMs,
      headSinceMs: hasInitialBytes ? nowMs : null,
      refused: false,
      refuseNext: null,
    });
    socket.on('error', () => {});
    socket.once('close', () => this.#connections.delete(socket));
    if (hasInitialBytes) socket.unshift(initialBytes);
    this.#server.emit('connection', socket);
  }

  reload(policy: Policy): ReloadReport {
    this.#limits = policy.limits;
    Object.assign(this.#server, { maxHeaderSize: policy.limits.headBytes });
    return { rules: 0, patternsKept: 0, patternsCompiled: 0 };
  }

  counters(): ProxyCounters {
    return {
      requests: this.#requests,
      responses: { ...this.#responses },
      dropped: 0,
      errors: Object.fromEntries(this.#errors),
      caches: {},
      pools: {},
      log: { written: 0, dropped: 0 },
      upstream: { opened: 0, reused: 0, retried: 0 },
    };
  }

  async drain(deadlineMs: number): Promise<DrainReport> {
    this.#stopping = true;
    const before = this.#connections.size;
    const allClosed = Promise.all([...this.#connections.keys()].map(closed));
    for (const { socket, answering, request } of this.#connections.values()) {
      if (answering === 0 && (request === null || request.complete)) socket.end();
    }
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
  }

  async #destroyConnections(): Promise<void> {
    const left = [...this.#connections.keys()];
    const allClosed = Promise.all(left.map(closed));
    for (const socket of left) socket.destroy();
    await allClosed;
  }

  #createServer(): Server {
    const server = createServer({
      maxHeaderSize: this.#limits.headBytes,
      keepAliveTimeout: 0,
      requestTimeout: 0,
      headersTimeout: 0,
    });
    // Node would leave out what is beyond a count without a word.
    server.maxHeadersCount = 0;
    // Else Node ends its side as soon as the client has ended its own, and the answer is lost. The
    // property is Node's, but its types leave it out.
    Object.assign(server, { httpAllowHalfOpen: true });
    server.on('request', (request, response) => this.#serve(request, response));
    server.on('connect', (_request, socket) => this.#refuse(socket, 405, 'connect-refused'));
    server.on('clientError', (error, socket) => {
      const code = 'code' in error ? String(error.code) : '';
      // After a request with Connection: close there is nothing to read.
      if (code === 'HPE_CLOSED_CONNECTION') return;
      if (code === 'HPE_HEADER_OVERFLOW') this.#refuse(socket, 431, 'head-too-large');
      else if (code.startsWith('HPE_')) this.#refuse(socket, 400, 'bad-request');
      else socket.destroy();
    });
    return server;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.#connections.get(request.socket);
    if (connection === undefined || connection.refused) return;
    this.#requests += 1;
    connection.request = request;
    connection.response = response;
    connection.quietSinceMs = this.#clock.monotonicMs();
    connection.answering += 1;
    connection.headSinceMs = null;
    if (this.#stopping) response.shouldKeepAlive = false;
    response.once('close', () => {
      connection.answering -= 1;
      connection.quietSinceMs = this.#clock.monotonicMs();
      connection.bytesSeen = request.socket.bytesRead;
      if (response.headersSent) this.#countResponse(response.statusCode);
      if (connection.answering > 0) return;
      if (connection.refuseNext !== null) this.#refuse(connection.socket, ...connection.refuseNext);
      else if (this.#stopping) connection.socket.end();
    });
    try {
      const returned: unknown = this.#listener(request, response);
      if (returned instanceof Promise) {
        returned.catch(() => this.#failed(connection, response));
      }
    } catch {
      this.#failed(connection, response);
    }
  }

  /** A listener that threw: 500 if nothing has been sent, else the answer breaks off. */
  #failed({ socket }: Watched, response: ServerResponse): void {
    this.#countError('listener-failed');
    if (response.headersSent || response.destroyed) {
      socket.destroy();
      return;
    }
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    const body = 'the listener failed\n';
    response.writeHead(500, {
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Length': body.length,
      Connection: 'close',
    });
    response.end(response.req.method === 'HEAD' ? '' : body);
  }

  /** A fed server runs no time limits by itself (the contract's known trap). */
  #checkTimes(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const connection of this.#connections.values()) {
      if (connection.refused) continue;
      const { socket, request } = connection;
      const moved = socket.bytesRead > connection.bytesSeen;
      connection.bytesSeen = socket.bytesRead;
      // A body that the listener has not read yet is not the client's delay.
      const inBody = request !== null && !request.complete && !request.destroyed;
      if (inBody) {
        if (moved || request.readableLength > 0) connection.quietSinceMs = nowMs;
        else if (nowMs - connection.quietSinceMs >= this.#limits.bodyTimeoutMs) {
          this.#refuse(socket, 408, 'body-timeout');
        }
      } else if (connection.answering === 0) {
        if (moved) connection.headSinceMs ??= nowMs;
        if (connection.headSinceMs !== null) {
          const tooSlow = nowMs - connection.headSinceMs >= this.#limits.headTimeoutMs;
          if (tooSlow) this.#refuse(socket, 408, 'head-timeout');
        } else if (nowMs - connection.quietSinceMs >= this.#limits.idleTimeoutMs) {
          socket.destroy();
        }
      }
    }
  }

  /** An answer for which there is no response object; the connection closes. */
  #refuse(stream: Duplex, statusCode: number, kind: string): void {
    const connection = this.#connections.get(stream);
    if (connection === undefined || connection.refused) return;
    if (connection.answering > 0 && connection.request?.complete) {
      connection.refuseNext ??= [statusCode, kind];
      return;
    }
    connection.refused = true;
    this.#countError(kind);
    const { socket } = connection;
    // An answer has begun, or the turn is another request's: nothing can be put in between.
    if (
      connection.answering > 1 ||
      (connection.answering === 1 && connection.response?.headersSent)
    ) {
      socket.destroy();
      return;
    }
    this.#countResponse(statusCode);
    const reason = STATUS_CODES[statusCode] ?? '';
    const body = `${reason.toLowerCase()}\n`;
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once('close', () => clearTimeout(timer));
    socket.removeAllListeners('data');
    socket.resume();
    socket.end(
      `HTTP/1.1 ${statusCode} ${reason}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
        `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
  }

  #countResponse(statusCode: number): void {
    const digit = Math.floor(statusCode / 100);
    const responseClass = RESPONSE_CLASSES[digit - 1];
    if (responseClass !== undefined) this.#responses[responseClass] += 1;
  }

  #countError(kind: string): void {
    this.#errors.set(kind, (this.#errors.get(kind) ?? 0) + 1);
  }
}

const RESPONSE_CLASSES: readonly ResponseClass[] = ['1xx', '2xx', '3xx', '4xx', '5xx'];

function closed(stream: Duplex): Promise<void> {
  if (stream.closed) return Promise.resolve();
  return new Promise((resolve) => stream.once('close', () => resolve()));
}
