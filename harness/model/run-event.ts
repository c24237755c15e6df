/**
 * What a run tells whoever watches it, in the order in which it happens. The line reporter, the
 * dashboard and recordings all live on this one stream. Every event is plain JSON; times are in
 * milliseconds since the run began.
 */
import type { MetricUnit } from './metric.ts';
import type { Interval, Verdict } from './report.ts';
import type { ArmRole } from './round.ts';

export type RunEvent =
  | RunBegun
  | StageReached
  | RoundAdvanced
  | RoundDone
  | LoadAdvanced
  | PauseChanged;

/** The first event, and the first of every further run of a command that makes several. */
export interface RunBegun {
  readonly type: 'begun';
  /** Of what is run: `compare`, `soak` and the like. */
  readonly command: string;
  readonly scenario: string;
  /** The reference first; of a load one alone. */
  readonly contestants: readonly RunContestant[];
}

export interface RunContestant {
  readonly id: string;
  readonly role: ArmRole;
  readonly name: string;
}

/** Something begins that is not a round: conformance, a profile. */
export interface StageReached {
  readonly type: 'stage';
  readonly stage: string;
  readonly text: string;
}

/** Within a round, between waves. */
export interface RoundAdvanced {
  readonly type: 'advanced';
  /** From 0. */
  readonly round: number;
  /** What is measured now, in words. */
  readonly doing: string;
  readonly elapsedMs: number;
  /** Best estimate; null before there is one. */
  readonly remainingMs: number | null;
  /** As far as is known. */
  readonly plannedRounds: number | null;
}

/** A round is done: what it was like, and what all rounds so far say. */
export interface RoundDone {
  readonly type: 'round';
  /** From 0. */
  readonly round: number;
  /** The median warm hop of the round in microseconds, by arm id; arms that have none are left out. */
  readonly hopUs: Readonly<Record<string, number>>;
  /** Share of CPU time stolen by other machines, 0..1, or null where the system does not say. */
  readonly stolen: number | null;
  /** Share of loaded waves that the candidate's process was on a CPU, 0..1 or above 1. */
  readonly busy: number | null;
  readonly cycles: number;
  readonly cyclesDiscarded: number;
  /** The warm hops of all rounds so far, in bins of equal width. Null: none measured. */
  readonly distribution: HopDistribution | null;
  readonly figures: readonly FigureSoFar[];
}

/** Counts by arm id, in bins of equal width; what lies outside is left out. */
export interface HopDistribution {
  readonly fromUs: number;
  readonly toUs: number;
  readonly counts: Readonly<Record<string, readonly number[]>>;
}

/** One row of the live table. Nothing here is a verdict: rounds to come may change it. */
export interface FigureSoFar {
  /** The scenario, or of a ranking the metric. */
  readonly group: string;
  /** The metric, or of a ranking the contestant. */
  readonly label: string;
  readonly unit: MetricUnit;
  readonly reference: number | null;
  readonly candidate: number | null;
  readonly ratio: number | null;
  readonly interval: Interval | null;
  /** Null: shown and not judged. */
  readonly verdict: Verdict | null;
  /** How much of the evidence that a decision needs is there, 0..1; null: not judged. */
  readonly decided: number | null;
}

/** Of a load, about once a second. */
export interface LoadAdvanced {
  readonly type: 'load';
  readonly phase: string;
  readonly elapsedMs: number;
  /** Of the measuring itself; 0 where it has no known end. */
  readonly totalMs: number;
  readonly live: LiveFigures | null;
  /** What else is known, short; or empty. */
  readonly note: string;
}

/** Of the last second. */
export interface LiveFigures {
  readonly answersPerSecond: number;
  /** Since the beginning. */
  readonly failed: number;
  readonly p50Us: number | null;
  readonly p99Us: number | null;
}

/** `asked`: the round that is being measured is ended first. */
export interface PauseChanged {
  readonly type: 'pause';
  readonly state: 'none' | 'asked' | 'paused';
}
