/**
 * The wave driver: short bursts of requests to one arm at a time. A sequential wave has one
 * request in flight, a loaded one W. It knows nothing of arms' roles, of order, or of rounds; that
 * is the plan's. Method: docs/measuring.md.
 */
import type { LoadExchange } from './answer-reader.ts';
import { ANSWER_TIMEOUT_MS, Connection, MOST_ATTEMPTS } from './connection.ts';
import type { LoadError, LoadTarget } from './load-error.ts';
import { exchangeAt, type RequestStream, tourOf } from './request-stream.ts';

export type { RequestStream } from './request-stream.ts';

/** A loaded wave's result. */
export interface LoadedWave {
  /** Requests sent, and answered rightly. */
  readonly requests: number;
  /** Those in the counted middle, and how long they took together, in milliseconds. */
  readonly counted: number;
  readonly countedMs: number;
  /** First request written to last answer read, in milliseconds. */
  readonly totalMs: number;
}

/** The connections of one arm. */
export class WaveClient {
  readonly #target: LoadTarget;
  readonly #stream: RequestStream;
  readonly #connections: Connection[] = [];
  /** Whether a request's connection is its own: opening it is then part of its time. */
  readonly #oneEach: boolean;
  #tour: RequestStream | null = null;
  /** Connections that had to be opened again because the server had closed them. */
  reopened = 0;
  /** Requests that were answered rightly. */
  answered = 0;
  /** Times that a request was sent again because its connection was closed under it. */
  sentAgain = 0;

  constructor(target: LoadTarget, stream: RequestStream) {
    this.#target = target;
    this.#stream = stream;
    this.#oneEach = stream.conditions?.connections === 'one-each';
  }

  /**
   * Sees to it that the first `count` connections can take a request, if they are kept. Returns whether
   * any had to be opened.
   */
  async ensureOpen(count: number): Promise<boolean> {
    while (this.#connections.length < count) {
      this.#connections.push(new Connection(this.#target, this.#stream.opening ?? null));
    }
    if (this.#oneEach) return false;
    const stale = this.#connections.slice(0, count).filter((connection) => !connection.usable);
    await Promise.all(stale.map((connection) => connection.open()));
    return stale.length > 0;
  }

  /**
   * Sends `count` requests one after the other on the first connection, or each on its own, beginning
   * at `position` of the stream. Writes each one's time from write to last byte, in microseconds, to `timesUs` from
   * `offset` on. Rejects with a LoadError at the first that is not answered rightly.
   */
  async sequential(
    position: number,
    count: number,
    timesUs: Float64Array,
    offset: number,
  ): Promise<void> {
    await this.ensureOpen(1);
    if (this.#oneEach) return this.#sequentialAnew(position, count, timesUs, offset);
    let sent = 0;
    let attempts = 1;
    while (sent < count) {
      // A run ends early only when the server closed the connection: that is opened again outside
      // the timing, and a request that met the closed one is sent again.
      const run = await this.#sequentialRun(position + sent, count - sent, timesUs, offset + sent);
      sent += run.answered;
      if (run.answered > 0) attempts = 1;
      if (run.unanswered !== null) {
        attempts += 1;
        if (attempts > MOST_ATTEMPTS) throw run.unanswered;
        this.sentAgain += 1;
      }
      if (sent < count) await this.#open(this.#first());
    }
  }

  /** From the connection's opening to the last byte of the answer. */
  async #sequentialAnew(
    position: number,
    count: number,
    timesUs: Float64Array,
    offset: number,
  ): Promise<void> {
    const connection = this.#first();
    for (let index = 0; index < count; index += 1) {
      const exchange = exchangeAt(this.#stream, position + index);
      const beganAt = performance.now();
      await connection.open();
      await this.#exchangeOn(connection, exchange);
      timesUs[offset + index] = (performance.now() - beganAt) * 1000;
      this.answered += 1;
    }
  }

  #exchangeOn(connection: Connection, exchange: LoadExchange): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.#watch([connection]);
      connection.send(exchange, (failure) => {
        clearTimeout(timer);
        if (failure === null) resolve();
        else reject(failure);
      });
    });
  }

  #sequentialRun(
    position: number,
    count: number,
    timesUs: Float64Array,
    offset: number,
  ): Promise<{ readonly answered: number; readonly unanswered: LoadError | null }> {
    const connection = this.#first();
    return new Promise((resolve, reject) => {
      let index = 0;
      let sentAt = 0;
      const timer = this.#watch([connection]);
      const settle = (action: () => void): void => {
        clearTimeout(timer);
        action();
      };
      const finished = (failure: LoadError | null): void => {
        const now = performance.now();
        if (failure !== null) {
          settle(() => {
            if (failure.kind === 'no-answer') resolve({ answered: index, unanswered: failure });
            else reject(failure);
          });
          return;
        }
        timesUs[offset + index] = (now - sentAt) * 1000;
        timer.refresh();
        this.answered += 1;
        index += 1;
        if (index === count || !connection.usable) {
          settle(() => resolve({ answered: index, unanswered: null }));
        } else next();
      };
      const next = (): void => {
        const exchange = exchangeAt(this.#stream, position + index);
        sentAt = performance.now();
        connection.send(exchange, finished);
      };
      next();
    });
  }

  /**
   * Keeps `concurrency` requests in flight until `count` have been answered. The first and the last
   * `concurrency` answers are not counted: a burst and a drain are not concurrency.
   */
  loaded(position: number, concurrency: number, count: number): Promise<LoadedWave> {
    return this.#loadedOf(this.#stream, position, concurrency, count);
  }

  async #loadedOf(
    stream: RequestStream,
    position: number,
    concurrency: number,
    count: number,
  ): Promise<LoadedWave> {
    if (count < 3 * concurrency) throw new Error('a loaded wave needs at least 3 W requests');
    await this.ensureOpen(concurrency);
    return new Promise((resolve, reject) => {
      const connections = this.#connections.slice(0, concurrency);
      const timer = this.#watch(connections);
      const startedAt = performance.now();
      let countingFrom = 0;
      let countedTo = 0;
      let sent = 0;
      let answered = 0;
      let over = false;
      const fail = (error: unknown): void => {
        if (over) return;
        over = true;
        clearTimeout(timer);
        for (const connection of connections) connection.close();
        reject(error);
      };
      const begin = (connection: Connection): void => {
        const exchange = exchangeAt(stream, position + sent);
        sent += 1;
        const send = (): void => submit(connection, exchange, 1);
        if (this.#oneEach) connection.open().then(send, fail);
        else if (connection.usable) send();
        else this.#open(connection).then(send, fail);
      };
      const submit = (connection: Connection, exchange: LoadExchange, attempt: number): void => {
        connection.send(exchange, (failure) => {
          if (over) return;
          if (failure !== null) {
            if (failure.kind !== 'no-answer' || attempt === MOST_ATTEMPTS) fail(failure);
            else resubmit(connection, exchange, attempt + 1);
            return;
          }
          timer.refresh();
          this.answered += 1;
          answered += 1;
          if (answered === concurrency) countingFrom = performance.now();
          else if (answered === count - concurrency) countedTo = performance.now();
          else if (answered === count) {
            over = true;
            clearTimeout(timer);
            resolve({
              requests: count,
              counted: count - 2 * concurrency,
              countedMs: countedTo - countingFrom,
              totalMs: performance.now() - startedAt,
            });
            return;
          }
          if (sent < count) begin(connection);
        });
      };
      const resubmit = (connection: Connection, exchange: LoadExchange, attempt: number): void => {
        this.sentAgain += 1;
        this.#open(connection).then(() => submit(connection, exchange, attempt), fail);
      };
      for (const connection of connections) begin(connection);
    });
  }

  /**
   * A wave of {@link tourOf}'s requests, from `position` on, which is less than `tour.order.length`. It
   * goes on at the beginning where it meets the end.
   */
  visit(
    tour: RequestStream,
    position: number,
    concurrency: number,
    count: number,
  ): Promise<LoadedWave> {
    return this.#loadedOf(tour, position, concurrency, count);
  }

  /** The stream of its requests that visits each target. */
  get tour(): RequestStream {
    this.#tour ??= tourOf(this.#stream);
    return this.#tour;
  }

  /** Closes every connection. */
  close(): void {
    for (const connection of this.#connections) connection.close();
    this.#connections.length = 0;
  }

  #first(): Connection {
    const connection = this.#connections[0];
    if (connection === undefined) throw new Error('no connection is open');
    return connection;
  }

  #open(connection: Connection): Promise<void> {
    this.reopened += 1;
    return connection.open();
  }

  /** One timer for a whole wave, put off by each answer: it goes off when none comes any more. */
  #watch(connections: readonly Connection[]): NodeJS.Timeout {
    return setTimeout(() => {
      for (const connection of connections) connection.expire(ANSWER_TIMEOUT_MS);
    }, ANSWER_TIMEOUT_MS);
  }
}
