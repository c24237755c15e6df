/**
 * A splice, and a whole `ProxyImplementation` in one file: each client connection is joined to an
 * upstream connection of its own, and bytes go both ways unread. It knows nothing of HTTP, so it is
 * the floor that no proxy in this runtime goes below, and no proxy itself.
 *
 * Copy it to begin an implementation on raw sockets. What must be there is in `impls/contract.ts`:
 * take over a socket, count, drain, close.
 */
import { connect, type Socket } from 'node:net';
import {
  CONTRACT_VERSION,
  type DrainReport,
  type ProxyCounters,
  type ProxyHandler,
  type ProxyImplementation,
  type ProxyOptions,
} from '../contract.ts';

const splice: ProxyImplementation = {
  contractVersion: CONTRACT_VERSION,
  name: 'splice',
  // Not even `forwarding`: fields that concern one connection pass as well. A proxy claims at least
  // that tier, or no figure of it is ranked.
  capabilities: [],
  create: (options) => {
    if (options.upstream.protocol !== 'http:') throw new Error('splice needs an http upstream');
    return new Splice(options);
  },
};

export default splice;

class Splice implements ProxyHandler {
  readonly #options: ProxyOptions;
  /** Both sockets of each pair, so that nothing is left open at the end. */
  readonly #sockets = new Set<Socket>();
  readonly #errors = { 'upstream-failed': 0 };
  #opened = 0;

  constructor(options: ProxyOptions) {
    this.#options = options;
  }

  handle(client: Socket, initialBytes?: Uint8Array): void {
    const { host, port } = this.#options.upstream;
    // A side that has ended may still be answered, so neither socket ends by itself.
    const upstream = connect({ host, port, noDelay: true, allowHalfOpen: true });
    upstream.once('connect', () => {
      this.#opened += 1;
    });
    upstream.once('error', () => {
      this.#errors['upstream-failed'] += 1;
    });
    if (initialBytes !== undefined) upstream.write(initialBytes);
    this.#join(client, upstream);
    this.#join(upstream, client);
  }

  /** `pipe` waits for the slower side, and passes the end on. */
  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.pipe(to);
    // A connection that breaks breaks the other one: a clean end would hide it.
    from.on('error', () => to.destroy());
    from.once('close', () => {
      this.#sockets.delete(from);
      if (!from.readableEnded) to.destroy();
    });
  }

  /** No policy is applied, so none is replaced. */
  reload(): { rules: number; patternsKept: number; patternsCompiled: number } {
    return { rules: 0, patternsKept: 0, patternsCompiled: 0 };
  }

  /** Requests are not seen, so none are counted; connections are. */
  counters(): ProxyCounters {
    return {
      requests: 0,
      responses: { '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0 },
      dropped: 0,
      errors: { ...this.#errors },
      caches: {},
      pools: {},
      log: { written: 0, dropped: 0 },
      upstream: { opened: this.#opened, reused: 0, retried: 0 },
    };
  }

  /** Where a request ends is not known, so connections are given the whole time to end. */
  async drain(deadlineMs: number): Promise<DrainReport> {
    const before = this.#sockets.size;
    const allClosed = Promise.all([...this.#sockets].map(closed));
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise((resolve) => {
      timer = setTimeout(resolve, deadlineMs);
    });
    await Promise.race([allClosed, deadline]);
    clearTimeout(timer);
    const left = this.#sockets.size;
    await this.close();
    // Two sockets are one connection of a client.
    return { finished: Math.floor((before - left) / 2), destroyed: Math.ceil(left / 2) };
  }

  async close(): Promise<void> {
    const allClosed = Promise.all([...this.#sockets].map(closed));
    for (const socket of this.#sockets) socket.destroy();
    await allClosed;
  }
}

function closed(socket: Socket): Promise<void> {
  if (socket.closed) return Promise.resolve();
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
  });
}
