/** The time of a driver that keeps a schedule; a fake one runs it in tests, as fast as it can. */

export interface DriverTime {
  /** Milliseconds with a fraction, monotonic. */
  now(): number;
  /** Milliseconds that the event loop has slept so far, waiting for something to happen. */
  sleptMs(): number;
  /** Calls back as soon as what has happened meanwhile is dealt with. */
  soon(callback: () => void): void;
  /** Calls back after at least this many milliseconds, give or take one or two. */
  later(delayMs: number, callback: () => void): void;
}

/** The event loop's. */
export const EVENT_LOOP: DriverTime = {
  now: () => performance.now(),
  sleptMs: () => performance.eventLoopUtilization().idle,
  soon: (callback) => {
    setImmediate(callback);
  },
  later: (delayMs, callback) => {
    setTimeout(callback, delayMs);
  },
};
