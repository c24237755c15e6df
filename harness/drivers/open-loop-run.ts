/**
 * One run of an open-loop schedule: the loop that turns to each request when its moment has come,
 * and the accounts of what became of it. The way in is `open-loop.ts`, which says why it is so.
 */
import { ANSWER_TIMEOUT_MS, MOST_ATTEMPTS } from './connection.ts';
import type { ConnectionPool, Lane } from './connection-pool.ts';
import type { DriverTime } from './driver-time.ts';
import type { LoadError, LoadErrorKind } from './load-error.ts';
import type { OpenLoopOptions, OpenLoopRun } from './open-loop-result.ts';
import type { Schedule } from './open-loop-schedule.ts';
import { exchangeAt, type RequestStream } from './request-stream.ts';

const PATIENCE_MS = 10_000;
/** How often requests under way are looked at for ones that take too long. */
const EXPIRY_CHECK_MS = 250;
const US_PER_MS = 1000;

/** What a run works with. */
export interface RunParts {
  readonly pool: ConnectionPool;
  readonly stream: RequestStream;
  readonly time: DriverTime;
  /** The driver sleeps where the next moment is further away than this. */
  readonly spinMs: number;
}

/** A request that is to be sent once more. */
interface Again {
  readonly request: number;
  readonly attempt: number;
}

/** One run of a schedule. */
export class ScheduleRun {
  readonly #pool: ConnectionPool;
  readonly #stream: RequestStream;
  readonly #time: DriverTime;
  readonly #spinMs: number;
  readonly #options: OpenLoopOptions;
  readonly #resolve: (run: OpenLoopRun) => void;
  readonly #schedule: Schedule;
  readonly #patienceMs: number;
  readonly #latencyUs: Float64Array;
  readonly #lagUs: Float64Array;
  readonly #failures: Partial<Record<LoadErrorKind, number>> = {};
  /** By lane, so that no closure is made for a request. */
  readonly #finished = new Map<Lane, (failure: LoadError | null) => void>();
  readonly #again: Again[] = [];
  #firstFailure: LoadError | null = null;
  #startMs = 0;
  /** Requests up to here are due, and up to here they have been given a connection. */
  #due = 0;
  #released = 0;
  #answered = 0;
  #failed = 0;
  #waited = 0;
  #sentAgain = 0;
  #lastAnswerMs = 0;
  /** Releases and answers so far, and as the last turn of the loop saw them. */
  #events = 0;
  #seenEvents = 0;
  #lastTurnMs = 0;
  #lastSleptMs = 0;
  #idleMs = 0;
  #nextSecondMs = 1000;
  #nextExpiryMs = EXPIRY_CHECK_MS;
  #over = false;

  constructor(
    { pool, stream, time, spinMs }: RunParts,
    options: OpenLoopOptions,
    resolve: (run: OpenLoopRun) => void,
  ) {
    this.#pool = pool;
    this.#stream = stream;
    this.#time = time;
    this.#spinMs = spinMs;
    this.#options = options;
    this.#resolve = resolve;
    this.#schedule = options.schedule;
    this.#patienceMs = options.patienceMs ?? PATIENCE_MS;
    this.#latencyUs = new Float64Array(options.schedule.length).fill(Number.NaN);
    this.#lagUs = new Float64Array(options.schedule.length).fill(Number.NaN);
  }

  begin(): void {
    this.#pool.reopened = 0;
    this.#pool.onReopened = () => this.#releaseWaiting();
    this.#pool.onConnectFailed = (failure) => this.#count(failure);
    this.#lastSleptMs = this.#sleptMs();
    this.#startMs = this.#time.now();
    this.#turn();
  }

  /** Once around the event loop: what is due leaves, what takes too long is given up. */
  readonly #turn = (): void => {
    if (this.#over) return;
    const nowMs = this.#time.now() - this.#startMs;
    this.#countIdleTime(nowMs);
    this.#releaseDue(nowMs);
    if (nowMs >= this.#nextExpiryMs) this.#expire(nowMs);
    if (nowMs >= this.#nextSecondMs) this.#tellSecond(nowMs);
    if (this.#isOver(nowMs)) this.#end();
    else this.#goRound(nowMs);
  };

  /** A turn in which nothing left and nothing came was waiting, and so was what it slept. */
  #countIdleTime(nowMs: number): void {
    const sleptMs = this.#sleptMs();
    const nothingHappened = this.#events === this.#seenEvents;
    this.#idleMs += nothingHappened ? nowMs - this.#lastTurnMs : sleptMs - this.#lastSleptMs;
    this.#seenEvents = this.#events;
    this.#lastTurnMs = nowMs;
    this.#lastSleptMs = sleptMs;
  }

  #sleptMs(): number {
    return this.#spinMs === Number.POSITIVE_INFINITY ? 0 : this.#time.sleptMs();
  }

  #goRound(nowMs: number): void {
    const nextMs = this.#schedule[this.#due] ?? Number.POSITIVE_INFINITY;
    const sleepMs = Math.min(nextMs - nowMs, EXPIRY_CHECK_MS) - this.#spinMs;
    if (sleepMs > 0) this.#time.later(Math.max(1, sleepMs), this.#turn);
    else this.#time.soon(this.#turn);
  }

  /** Turns to every request whose moment has come. */
  #releaseDue(fromMs: number): void {
    let nowMs = fromMs;
    for (;;) {
      const intendedMs = this.#schedule[this.#due];
      if (intendedMs === undefined || intendedMs > nowMs) return;
      this.#lagUs[this.#due] = (nowMs - intendedMs) * US_PER_MS;
      this.#due += 1;
      const first = this.#released === this.#due - 1 && this.#again.length === 0;
      const lane = first ? this.#pool.take() : null;
      if (lane === null) this.#waited += 1;
      else this.#release(lane, nowMs);
      nowMs = this.#time.now() - this.#startMs;
    }
  }

  /** Gives connections that have become free to requests that wait for one. */
  #releaseWaiting(): void {
    while (!this.#over && (this.#again.length > 0 || this.#released < this.#due)) {
      const lane = this.#pool.take();
      if (lane === null) return;
      this.#release(lane, this.#time.now() - this.#startMs);
    }
  }

  /** Puts the next request on a lane: one that is to be sent again, or the first that waits. */
  #release(lane: Lane, nowMs: number): void {
    const again = this.#again.shift();
    lane.request = again?.request ?? this.#released;
    lane.attempt = again?.attempt ?? 1;
    if (again === undefined) this.#released += 1;
    this.#send(lane, nowMs);
  }

  #send(lane: Lane, nowMs: number): void {
    this.#events += 1;
    lane.sentAtMs = nowMs;
    let finished = this.#finished.get(lane);
    if (finished === undefined) {
      finished = (failure) => this.#settle(lane, failure);
      this.#finished.set(lane, finished);
    }
    const exchange = exchangeAt(this.#stream, this.#options.position + lane.request);
    lane.connection.send(exchange, finished);
  }

  #settle(lane: Lane, failure: LoadError | null): void {
    this.#events += 1;
    const nowMs = this.#time.now() - this.#startMs;
    const { request, attempt } = lane;
    if (failure === null) {
      this.#answered += 1;
      this.#latencyUs[request] = (nowMs - (this.#schedule[request] ?? 0)) * US_PER_MS;
      this.#lastAnswerMs = nowMs;
    } else if (failure.kind === 'no-answer' && attempt < MOST_ATTEMPTS) {
      this.#sentAgain += 1;
      this.#again.push({ request, attempt: attempt + 1 });
    } else {
      this.#failed += 1;
      this.#count(failure);
    }
    this.#pool.give(lane);
    this.#releaseWaiting();
    // Many answers may come in one turn: what becomes due meanwhile does not wait for the last.
    this.#releaseDue(nowMs);
  }

  #count(failure: LoadError): void {
    this.#firstFailure ??= failure;
    this.#failures[failure.kind] = (this.#failures[failure.kind] ?? 0) + 1;
  }

  #expire(nowMs: number): void {
    this.#nextExpiryMs = nowMs + EXPIRY_CHECK_MS;
    for (const lane of this.#pool.lanes) {
      if (lane.request !== -1 && nowMs - lane.sentAtMs > ANSWER_TIMEOUT_MS) {
        lane.connection.expire(ANSWER_TIMEOUT_MS);
      }
    }
  }

  #tellSecond(nowMs: number): void {
    this.#nextSecondMs += 1000;
    this.#options.onSecond?.({
      elapsedMs: nowMs,
      due: this.#due,
      settled: this.#answered + this.#failed,
      failed: this.#failed,
      latencyUs: this.#latencyUs,
    });
  }

  #isOver(nowMs: number): boolean {
    if (this.#options.signal?.aborted === true) return true;
    if (this.#due < this.#schedule.length) return false;
    const lastMs = this.#schedule.at(-1) ?? 0;
    return this.#answered + this.#failed === this.#due || nowMs > lastMs + this.#patienceMs;
  }

  #end(): void {
    this.#over = true;
    this.#pool.onReopened = () => {};
    this.#pool.onConnectFailed = () => {};
    const endMs = this.#time.now() - this.#startMs;
    const complete = this.#due === this.#schedule.length && this.#options.signal?.aborted !== true;
    const unanswered = this.#giveUp(endMs);
    this.#resolve({
      scheduleMs: this.#schedule.subarray(0, this.#due),
      latencyUs: this.#latencyUs.subarray(0, this.#due),
      lagUs: this.#lagUs.subarray(0, this.#due),
      due: this.#due,
      answered: this.#answered,
      failures: this.#failures,
      firstFailure: this.#firstFailure,
      unanswered,
      waited: this.#waited,
      sentAgain: this.#sentAgain,
      reopened: this.#pool.reopened,
      lastAnswerMs: this.#lastAnswerMs,
      busyFraction: endMs > 0 ? 1 - this.#idleMs / endMs : 0,
      complete,
    });
  }

  /** Leaves what is neither answered nor failed. Its latency is its age: it is that at least. */
  #giveUp(endMs: number): number {
    const left = this.#again.map(({ request }) => request);
    for (let request = this.#released; request < this.#due; request += 1) left.push(request);
    for (const lane of this.#pool.lanes) {
      if (lane.request === -1) continue;
      left.push(lane.request);
      lane.connection.close();
      this.#pool.give(lane);
    }
    for (const request of left) {
      this.#latencyUs[request] = (endMs - (this.#schedule[request] ?? 0)) * US_PER_MS;
    }
    return left.length;
  }
}
