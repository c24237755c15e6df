/**
 * The open-loop driver: requests leave by a schedule fixed beforehand, whatever the answers do, and
 * a request's latency counts from its intended moment. So a server that stalls is charged for every
 * request that had to wait, sent or not; a closed loop would stop asking and never see them
 * (coordinated omission). What the driver itself was late by, its release lag, is recorded beside.
 *
 * Between two moments the event loop spins: timers are a millisecond coarse, and a machine that has
 * gone to sleep wakes up late. It deliberately judges nothing: whether its own lag was too high is
 * for `harness/verdict`. Method: docs/measuring.md.
 */
import { ConnectionPool, type PooledConnection } from './connection-pool.ts';
import { type DriverTime, EVENT_LOOP } from './driver-time.ts';
import type { LoadTarget } from './load-error.ts';
import type { OpenLoopOptions, OpenLoopRun } from './open-loop-result.ts';
import { ScheduleRun } from './open-loop-run.ts';
import type { RequestStream } from './request-stream.ts';

export interface OpenLoopClientOptions {
  readonly time?: DriverTime;
  readonly connect?: (target: LoadTarget) => PooledConnection;
  /**
   * Where the next moment is further away than this, the driver sleeps; default: it never does.
   * Only for a machine with one CPU, which spinning would take from the server.
   */
  readonly spinMs?: number;
}

/** The connections of one arm under open loop. Runs come one after the other. */
export class OpenLoopClient {
  readonly #pool: ConnectionPool;
  readonly #stream: RequestStream;
  readonly #time: DriverTime;
  readonly #spinMs: number;

  constructor(target: LoadTarget, stream: RequestStream, options: OpenLoopClientOptions = {}) {
    this.#pool = new ConnectionPool(target, options.connect);
    this.#stream = stream;
    this.#time = options.time ?? EVENT_LOOP;
    this.#spinMs = options.spinMs ?? Number.POSITIVE_INFINITY;
  }

  /** Sees to it that there are `count` connections. Rejects with a LoadError. */
  ensureOpen(count: number): Promise<void> {
    return this.#pool.ensureOpen(count);
  }

  /** Runs a schedule. Never rejects for what a server does: failures are counted. */
  run(options: OpenLoopOptions): Promise<OpenLoopRun> {
    return new Promise((resolve) => {
      const parts = { pool: this.#pool, stream: this.#stream, time: this.#time };
      new ScheduleRun({ ...parts, spinMs: this.#spinMs }, options, resolve).begin();
    });
  }

  /** Closes every connection. */
  close(): void {
    this.#pool.close();
  }
}
