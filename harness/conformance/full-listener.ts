/**
 * A loopback port that lets nobody in: its listener runs in a thread that is held still, and its
 * queue is filled, so that the system leaves further connections unanswered.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { withBound } from './bound.ts';

/** Connections that may fit into a queue of 1 (Linux: two). */
const MOST_FILLERS = 16;
/** A connection that takes longer than this on loopback did not fit. */
const FULL_AFTER_MS = 150;

const THREAD = `
const { createServer } = require('node:net');
const { parentPort } = require('node:worker_threads');
const server = createServer();
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
`;

export class FullListener {
  readonly port: number;
  readonly #worker: Worker;
  readonly #fillers: readonly Socket[];

  private constructor(port: number, worker: Worker, fillers: readonly Socket[]) {
    this.port = port;
    this.#worker = worker;
    this.#fillers = fillers;
  }

  /** Rejects if the system lets any number of connections in. */
  static async open(): Promise<FullListener> {
    const worker = new Worker(THREAD, { eval: true });
    const [port] = await once(worker, 'message');
    const fillers: Socket[] = [];
    for (let i = 0; i < MOST_FILLERS; i++) {
      const socket = connect({ host: '127.0.0.1', port: Number(port) });
      socket.on('error', () => {});
      fillers.push(socket);
      const fits = await withBound(once(socket, 'connect'), FULL_AFTER_MS, 'a connection').then(
        () => true,
        () => false,
      );
      if (!fits) return new FullListener(Number(port), worker, fillers);
    }
    for (const socket of fillers) socket.destroy();
    await worker.terminate();
    throw new Error('this system has no full listen queue');
  }

  async close(): Promise<void> {
    for (const socket of this.#fillers) socket.destroy();
    await this.#worker.terminate();
  }
}
