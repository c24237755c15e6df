/**
 * Waits until no arm works in the background. Compiling and collecting garbage go on after an
 * answer has been sent, and would burn CPU in the next arm's wave; so a wave starts when the CPU
 * clocks of all arms stand still and none of their threads runs (the clock of a thread that runs
 * lags by a tick, so a standing clock alone proves nothing), or after a bound.
 */

/** What settling needs of a process's CPU clock. */
export interface SettleClock {
  readNs(): number;
  isRunning(): boolean;
}

/** Two readings this far apart that agree mean that a process sleeps. */
const STILL_MS = 0.1;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Blocks this thread; its event loop has nothing to do between waves. */
function sleepBlocking(ms: number): void {
  Atomics.wait(sleeper, 0, 0, ms);
}

/** Reads clocks until they stand still. */
export class Settler {
  readonly #clocks: readonly (SettleClock | null)[];
  /** Each clock's reading, in nanoseconds, when they last stood still; a missing clock reads 0. */
  readonly readings: Float64Array;
  readonly #boundMs: number;
  readonly #sleep: (ms: number) => void;
  readonly #now: () => number;
  /** Waits that ran into the bound. */
  unsettled = 0;

  /** A process that never rests must not stop the run: a wait ends after `boundMs`, and is counted. */
  constructor(
    clocks: readonly (SettleClock | null)[],
    boundMs: number,
    sleep: (ms: number) => void = sleepBlocking,
    now: () => number = () => performance.now(),
  ) {
    this.#clocks = clocks;
    this.readings = new Float64Array(clocks.length);
    this.#boundMs = boundMs;
    this.#sleep = sleep;
    this.#now = now;
  }

  /** Waits until the clocks stand still. Returns {@link readings}, which the next call overwrites. */
  settle(): Float64Array {
    const deadline = this.#now() + this.#boundMs;
    this.#read();
    for (;;) {
      this.#sleep(STILL_MS);
      if (!this.#read() && !this.#anyRuns()) return this.readings;
      if (this.#now() > deadline) {
        this.unsettled += 1;
        return this.readings;
      }
    }
  }

  #anyRuns(): boolean {
    return this.#clocks.some((clock) => clock?.isRunning() === true);
  }

  /** Reads all clocks. Returns true if any has moved. */
  #read(): boolean {
    let moved = false;
    for (const [index, clock] of this.#clocks.entries()) {
      const now = clock?.readNs() ?? 0;
      if (now !== this.readings[index]) moved = true;
      this.readings[index] = now;
    }
    return moved;
  }
}
