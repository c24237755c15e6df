/** What an open-loop run is given and what it gives. Types alone. */
import type { LoadError, LoadErrorKind } from './load-error.ts';
import type { Schedule } from './open-loop-schedule.ts';

/** How one schedule is run. */
export interface OpenLoopOptions {
  readonly schedule: Schedule;
  /** Position in the request stream of the first request. */
  readonly position: number;
  /** Ends it early; what was measured until then is kept. */
  readonly signal?: AbortSignal;
  /** After the last moment, unanswered requests are given up after this long; default 10 s. */
  readonly patienceMs?: number;
  /** Called once a second; what it does delays what is due meanwhile. */
  readonly onSecond?: (soFar: OpenLoopMoment) => void;
}

/** How far a run has come. */
export interface OpenLoopMoment {
  readonly elapsedMs: number;
  /** Requests whose moment has come, and those of them that are answered or have failed. */
  readonly due: number;
  readonly settled: number;
  readonly failed: number;
  /** By intended moment, as in {@link OpenLoopRun}; filled as far as `settled` says. */
  readonly latencyUs: Float64Array;
}

/** What a run gave. Arrays are by intended moment, as long as `due`. */
export interface OpenLoopRun {
  readonly scheduleMs: Float64Array;
  /** Intended moment to the last byte of a right answer, microseconds. NaN for one that failed. */
  readonly latencyUs: Float64Array;
  /** Intended moment to when the driver turned to it, microseconds. Its own lateness alone. */
  readonly lagUs: Float64Array;
  /** Requests whose moment came: all, unless the run was ended early. */
  readonly due: number;
  readonly answered: number;
  /** Failed requests by kind, and connections that could not be opened under `connect-failed`. */
  readonly failures: Readonly<Partial<Record<LoadErrorKind, number>>>;
  readonly firstFailure: LoadError | null;
  /** Neither answered nor failed when the run ended; their latency is at least what is recorded. */
  readonly unanswered: number;
  /** Requests that found every connection in use and had to wait for one. */
  readonly waited: number;
  /** Requests sent again because their connection was closed under them. */
  readonly sentAgain: number;
  /** Connections opened again. */
  readonly reopened: number;
  /** From the start to the last answer, milliseconds. */
  readonly lastAnswerMs: number;
  /** Share of the time, 0..1, in which the driver was not merely waiting. */
  readonly busyFraction: number;
  /** False if the signal ended it. */
  readonly complete: boolean;
}
