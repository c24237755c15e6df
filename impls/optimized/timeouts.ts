/**
 * All timeouts of a handler by one coarse sweep. The trick: a deadline is a number on the
 * connection, set without a system call and without a timer; one unref'd interval compares them.
 * A deadline is met late by up to two ticks, never early.
 */
import type { Clock } from '../contract.ts';

/** Something that may be too late. */
export interface Timed {
  /** Looks at its deadlines; `nowMs` is monotonic. May remove itself. */
  checkTime(nowMs: number): void;
}

const SHORTEST_TICK_MS = 10;
const LONGEST_TICK_MS = 250;

export class Timeouts {
  readonly #clock: Clock;
  readonly #timed = new Set<Timed>();
  #tickMs = LONGEST_TICK_MS;
  #nowMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(clock: Clock, shortestMs: number) {
    this.#clock = clock;
    this.setShortest(shortestMs);
  }

  /** Adapts the tick to the shortest timeout in force. */
  setShortest(shortestMs: number): void {
    this.#tickMs = Math.min(LONGEST_TICK_MS, Math.max(SHORTEST_TICK_MS, shortestMs / 8));
    if (this.#timer === undefined) return;
    this.#stop();
    this.#start();
  }

  /** The deadline `afterMs` from now, to compare with what `checkTime` is given. */
  after(afterMs: number): number {
    return this.#nowMs + this.#tickMs + afterMs;
  }

  add(timed: Timed): void {
    this.#timed.add(timed);
    if (this.#timer === undefined) this.#start();
  }

  remove(timed: Timed): void {
    this.#timed.delete(timed);
    if (this.#timed.size === 0) this.#stop();
  }

  close(): void {
    this.#timed.clear();
    this.#stop();
  }

  #start(): void {
    this.#nowMs = this.#clock.monotonicMs();
    this.#timer = setInterval(() => this.#sweep(), this.#tickMs).unref();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #sweep(): void {
    this.#nowMs = this.#clock.monotonicMs();
    for (const timed of this.#timed) timed.checkTime(this.#nowMs);
  }
}
