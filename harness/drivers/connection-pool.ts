/**
 * The open connections of an open-loop client. Idle ones are taken in turn, the longest idle first,
 * so that all of them stay in use. One that the server closed is opened again in the background. It
 * deliberately knows nothing of requests.
 */
import { Connection } from './connection.ts';
import { LoadError, type LoadTarget } from './load-error.ts';

/** What a pool needs of a connection; `Connection` is the real one. */
export type PooledConnection = Pick<Connection, 'usable' | 'open' | 'send' | 'expire' | 'close'>;

/** A place in the pool: one connection at a time. */
export interface Lane {
  connection: PooledConnection;
  /** The request under way on it, -1 for none; whoever took the lane writes these. */
  request: number;
  attempt: number;
  sentAtMs: number;
}

/** A connection that cannot be opened is tried again after this long. */
const RETRY_MS = 100;

/** A pool of connections to one target. */
export class ConnectionPool {
  readonly #target: LoadTarget;
  readonly #connect: (target: LoadTarget) => PooledConnection;
  readonly #lanes: Lane[] = [];
  /** A ring of idle lanes. */
  #idle: (Lane | null)[] = [];
  #first = 0;
  #count = 0;
  #closed = false;
  readonly #retries = new Set<NodeJS.Timeout>();
  /** Called when a connection that had to be opened again can be taken. */
  onReopened: () => void = () => {};
  /** Called when one could not be opened; it is tried again after a while. */
  onConnectFailed: (failure: LoadError) => void = () => {};
  /** Connections opened again because the server had closed them. */
  reopened = 0;

  constructor(
    target: LoadTarget,
    connect = (to: LoadTarget): PooledConnection => new Connection(to),
  ) {
    this.#target = target;
    this.#connect = connect;
  }

  /** Every lane, idle or not. */
  get lanes(): readonly Lane[] {
    return this.#lanes;
  }

  /** Opens connections until there are `count` lanes. Rejects with the LoadError of one that fails. */
  async ensureOpen(count: number): Promise<void> {
    const fresh: Lane[] = [];
    while (this.#lanes.length + fresh.length < count) {
      const connection = this.#connect(this.#target);
      fresh.push({ connection, request: -1, attempt: 0, sentAtMs: 0 });
    }
    // In groups: a listener's backlog is bounded.
    for (let at = 0; at < fresh.length; at += OPENED_AT_ONCE) {
      const group = fresh.slice(at, at + OPENED_AT_ONCE);
      await Promise.all(group.map(({ connection }) => connection.open()));
      this.#lanes.push(...group);
      for (const lane of group) this.#put(lane);
    }
  }

  /** A usable lane, or null while there is none. */
  take(): Lane | null {
    while (this.#count > 0) {
      const lane = this.#idle[this.#first] ?? null;
      this.#idle[this.#first] = null;
      this.#first = (this.#first + 1) % this.#idle.length;
      this.#count -= 1;
      if (lane === null) throw new Error('a hole in the ring of idle lanes');
      if (lane.connection.usable) return lane;
      this.#reopen(lane);
    }
    return null;
  }

  /** Gives a lane back, whatever became of its connection. */
  give(lane: Lane): void {
    lane.request = -1;
    if (lane.connection.usable) this.#put(lane);
    else this.#reopen(lane);
  }

  /** Closes every connection. Nothing is called back after it. */
  close(): void {
    this.#closed = true;
    for (const timer of this.#retries) clearTimeout(timer);
    for (const { connection } of this.#lanes) connection.close();
    this.#lanes.length = 0;
    this.#idle = [];
    this.#count = 0;
  }

  #put(lane: Lane): void {
    if (this.#count === this.#idle.length) this.#grow();
    this.#idle[(this.#first + this.#count) % this.#idle.length] = lane;
    this.#count += 1;
  }

  /** Makes room for every lane there is. */
  #grow(): void {
    const room: (Lane | null)[] = new Array(Math.max(8, 2 * this.#lanes.length)).fill(null);
    for (let at = 0; at < this.#count; at += 1) {
      room[at] = this.#idle[(this.#first + at) % this.#idle.length] ?? null;
    }
    this.#idle = room;
    this.#first = 0;
  }

  #reopen(lane: Lane): void {
    if (this.#closed) return;
    this.reopened += 1;
    lane.connection.open().then(
      () => {
        if (this.#closed) {
          lane.connection.close();
          return;
        }
        this.#put(lane);
        this.onReopened();
      },
      (error: unknown) => {
        if (this.#closed) return;
        if (!(error instanceof LoadError)) throw error;
        this.onConnectFailed(error);
        // It had bytes that nobody asked for, and refuses ever after; another one may do better.
        if (error.kind === 'surplus-bytes') lane.connection = this.#connect(this.#target);
        const timer = setTimeout(() => {
          this.#retries.delete(timer);
          this.#reopen(lane);
        }, RETRY_MS);
        this.#retries.add(timer);
      },
    );
  }
}

const OPENED_AT_ONCE = 256;
