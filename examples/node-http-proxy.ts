/**
 * A `ProxyImplementation` around a server of `node:http` that never listens: the host hands it each
 * accepted socket. Beside what a listener can do it has a version, counts what it does, and can be
 * drained. It leaves out the policy: `reload` takes one and applies none of it, so it claims
 * forwarding alone.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type {
  ProxyCounters,
  ProxyHandler,
  ProxyImplementation,
  ResponseClass,
} from '../impls/contract.ts';
import createListener from './node-listener-proxy.ts';

const proxy: ProxyImplementation = {
  contractVersion: 1,
  name: 'node-http',
  version: '0.1.0',
  capabilities: ['forwarding'],
  create: ({ upstream }) => new NodeHttpHandler(createServer(createListener({ upstream }))),
};

export default proxy;

class NodeHttpHandler implements ProxyHandler {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Those with a request under way. */
  readonly #busy = new Set<Socket>();
  readonly #responses: Record<ResponseClass, number> = {
    '1xx': 0,
    '2xx': 0,
    '3xx': 0,
    '4xx': 0,
    '5xx': 0,
  };
  #requests = 0;
  #draining = false;

  constructor(server: Server) {
    this.#server = server;
    server.on('request', (request, response) => {
      const { socket } = request;
      this.#requests += 1;
      this.#busy.add(socket);
      // The answer then says `Connection: close`.
      if (this.#draining) response.shouldKeepAlive = false;
      response.once('finish', () => this.#count(response.statusCode));
      response.once('close', () => {
        this.#busy.delete(socket);
        if (this.#draining) socket.end();
      });
    });
  }

  #count(status: number): void {
    const first = Math.floor(status / 100);
    if (first >= 2 && first <= 5) this.#responses[`${first as 2 | 3 | 4 | 5}xx`] += 1;
  }

  handle(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    this.#server.emit('connection', socket);
  }

  reload(): { rules: number; patternsKept: number; patternsCompiled: number } {
    return { rules: 0, patternsKept: 0, patternsCompiled: 0 };
  }

  counters(): ProxyCounters {
    return {
      requests: this.#requests,
      responses: { ...this.#responses },
      dropped: 0,
      errors: {},
      caches: {},
      pools: {},
      log: { written: 0, dropped: 0 },
      upstream: { opened: 0, reused: 0, retried: 0 },
    };
  }

  async drain(deadlineMs: number): Promise<{ finished: number; destroyed: number }> {
    this.#draining = true;
    const open = [...this.#sockets];
    for (const socket of open) if (!this.#busy.has(socket)) socket.destroy();
    const closed = open.map((socket) => (socket.destroyed ? null : once(socket, 'close')));
    await Promise.race([Promise.all(closed), setTimeout(deadlineMs)]);
    const destroyed = this.#sockets.size;
    await this.close();
    return { finished: open.length - destroyed, destroyed };
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
  }
}
