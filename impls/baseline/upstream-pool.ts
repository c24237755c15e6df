/**
 * undici's pool in front of the one upstream, and what has to be known of its connections: how
 * many were opened, which request went out on a used one, and whether a failed request may be sent
 * again. It does not read bodies: `forward.ts` does.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';
import { Client, type Dispatcher, Pool } from 'undici';
import type { Upstream } from '../contract.ts';
import { connect } from './connect.ts';
import type { Counters } from './counters.ts';

/** Where undici tells that it writes a request's head, and on which socket. */
const SEND_HEADERS = 'undici:client:sendHeaders';

/**
 * The largest answer that is collected. Beyond it the answer is refused: no limit of a policy says
 * how large an answer may be, and one that never ends must not take all memory.
 */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

/** Codes of a connection that the other side ended or reset. */
const BROKEN: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

/** The use of one connection. */
interface Use {
  requests: number;
  /** Bytes read when the last request was written. */
  readBefore: number;
}

/** Connections to the upstream. */
export class UpstreamPool {
  readonly #upstream: Upstream;
  readonly #counters: Counters;
  readonly #origin: string;
  readonly #connectTimeoutMs: () => number;
  readonly #pool: Pool;
  readonly #uses = new WeakMap<Socket, Use>();
  readonly #failedSockets = new WeakMap<Error, Socket>();

  constructor(upstream: Upstream, counters: Counters, connectTimeoutMs: () => number) {
    this.#upstream = upstream;
    this.#counters = counters;
    this.#connectTimeoutMs = connectTimeoutMs;
    const host = upstream.host.includes(':') ? `[${upstream.host}]` : upstream.host;
    this.#origin = `${upstream.protocol}//${host}:${upstream.port}`;
    this.#pool = new Pool(this.#origin, this.#options());
    subscribe(SEND_HEADERS, this.#onSendHeaders);
  }

  /** Sends a request on a connection of the pool. Rejects with undici's or the socket's error. */
  request(options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData> {
    return this.#pool.request(this.#named(options));
  }

  /** Sends a request on a connection of its own, which ends with the answer's body. */
  async requestAnew(options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData> {
    this.#counters.upstreamRetried += 1;
    const client = new Client(this.#origin, this.#options());
    try {
      const answer = await client.request(this.#named(options));
      answer.body.once('close', () => void client.destroy());
      return answer;
    } catch (error) {
      await client.destroy();
      throw error;
    }
  }

  /** Whether a request's connection broke that was used before, and without a byte of an answer. */
  brokeOnReuse(error: unknown): boolean {
    if (!BROKEN.has(codeOf(error))) return false;
    const socket = error instanceof Error ? this.#failedSockets.get(error) : undefined;
    const use = socket === undefined ? undefined : this.#uses.get(socket);
    return use !== undefined && use.requests > 1 && socket?.bytesRead === use.readBefore;
  }

  async close(): Promise<void> {
    unsubscribe(SEND_HEADERS, this.#onSendHeaders);
    await this.#pool.destroy();
  }

  #options(): Pool.Options {
    return {
      allowH2: false,
      maxResponseSize: MAX_ANSWER_BYTES,
      connect: (_options, done) => this.#connect(done),
    };
  }

  /** Keeps undici from taking the server's name from the client's Host. */
  #named(options: Dispatcher.RequestOptions): Dispatcher.RequestOptions {
    const named = { ...options, servername: this.#upstream.host };
    return named;
  }

  #connect(done: (...args: [null, Socket] | [Error, null]) => void): void {
    const options = { timeoutMs: this.#connectTimeoutMs(), allowHalfOpen: false };
    connect(this.#upstream, options, (error, socket) => {
      if (socket === null) {
        done(error ?? new Error('no connection'), null);
        return;
      }
      this.#counters.upstreamOpened += 1;
      this.#uses.set(socket, { requests: 0, readBefore: 0 });
      socket.on('error', (failure) => this.#failedSockets.set(failure, socket));
      done(null, socket);
    });
  }

  readonly #onSendHeaders = (message: unknown): void => {
    if (typeof message !== 'object' || message === null || !('socket' in message)) return;
    const socket = message.socket;
    const use = socket instanceof Socket ? this.#uses.get(socket) : undefined;
    // Another pool's connection, in a process that holds several.
    if (use === undefined || !(socket instanceof Socket)) return;
    if (use.requests > 0) this.#counters.upstreamReused += 1;
    use.requests += 1;
    use.readBefore = socket.bytesRead;
  };
}

/** The code of an error of Node or undici, or ''. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
}
