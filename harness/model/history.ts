/** Runs over time: a line of the history file a run, and what their series show. Types only. */
import type { MetricName, MetricUnit } from './metric.ts';
import type { Interval } from './report.ts';

export const HISTORY_SCHEMA_VERSION = 1;

/** What a run leaves in the history. */
export interface HistoryEntry {
  readonly schemaVersion: typeof HISTORY_SCHEMA_VERSION;
  /** Also the name of its report folder. */
  readonly runId: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Of the working folder; null outside a git checkout. */
  readonly commit: string | null;
  readonly dirty: boolean;
  /** False: its figures are not used. */
  readonly valid: boolean;
  readonly fingerprint: string;
  readonly figures: readonly HistoryFigure[];
}

/** A figure that can be followed over time. */
export interface HistoryFigure {
  readonly scenario: string;
  /** Of the scenario's definition: others are others. */
  readonly hash: string;
  readonly metric: MetricName;
  readonly candidate: string;
  /**
   * What it is held against: the value is a ratio then. Null: the value stands for itself, in
   * the metric's unit.
   */
  readonly reference: string | null;
  readonly value: number;
  readonly interval: Interval | null;
}

/** One figure over all runs that have it, the oldest first. */
export interface HistorySeries
  extends Pick<HistoryFigure, 'scenario' | 'metric' | 'candidate' | 'reference'> {
  /** Null: of ratios. */
  readonly unit: MetricUnit | null;
  readonly better: 'lower' | 'higher';
  readonly points: readonly HistoryPoint[];
  readonly changes: readonly HistoryChange[];
}

/** A run in a series. */
export interface HistoryPoint
  extends Pick<HistoryEntry, 'runId' | 'startedAt' | 'commit' | 'dirty'> {
  readonly value: number;
  readonly interval: Interval | null;
}

/** Where a series changed its level. */
export interface HistoryChange {
  readonly verdict: 'improved' | 'regressed';
  /** Medians of the stretches before and after. */
  readonly before: number;
  readonly after: number;
  /** The probability of finding such a change where there is none, at most. */
  readonly error: number;
  /** The runs that may be the first after it, the most likely first. */
  readonly suspects: readonly ChangeSuspect[];
}

/** A run that may be the first after a change. */
export interface ChangeSuspect {
  /** Its place in the series' points. */
  readonly at: number;
  /** How likely it is to be the one, 0..1. */
  readonly share: number;
}

/** All of a history file. */
export interface History {
  readonly schemaVersion: typeof HISTORY_SCHEMA_VERSION;
  readonly runs: number;
  /** Runs that are not used, since something made their figures untrustworthy. */
  readonly invalid: number;
  /** Figures of scenarios that have been defined anew since. */
  readonly outdated: number;
  /** Of the first and the last run; null without any. */
  readonly span: readonly [first: string, last: string] | null;
  readonly series: readonly HistorySeries[];
}
