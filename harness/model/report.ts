/**
 * The report document, schema version 1: the one source of every rendering, and what `--json`
 * prints. Types only; `report/` builds, checks and renders it.
 */
import type { Tier } from '../../impls/contract.ts';
import type { Attribution } from './attribution.ts';
import type { Environment } from './environment.ts';
import type { MetricName, MetricUnit } from './metric.ts';
import type { ArmRole, Round } from './round.ts';
import type { Warning } from './warning.ts';

export const REPORT_SCHEMA_VERSION = 1;

/**
 * `improved` and `regressed` are said only with evidence, `unchanged` only if the interval rules
 * out a change beyond the minimum effect; all else is `inconclusive`.
 */
export type Verdict = 'improved' | 'unchanged' | 'regressed' | 'inconclusive';

/** A confidence interval, lower end first. */
export type Interval = readonly [low: number, high: number];

export interface ReportDocument {
  readonly schemaVersion: typeof REPORT_SCHEMA_VERSION;
  readonly tool: { readonly name: 'hopmark'; readonly version: string };
  readonly run: {
    /** Also the name of the report folder. */
    readonly id: string;
    /** ISO 8601, UTC. */
    readonly startedAt: string;
    readonly durationMs: number;
    readonly seed: number;
    /** The command line that gave this report. */
    readonly command: string;
    /** Rounds that were measured. */
    readonly rounds: number;
  };
  readonly environment: Environment;
  /** What was sent: each scenario of the run by name, with the hash of its definition. */
  readonly scenarios: readonly ScenarioReference[];
  /** The policy that every proxy ran: its file, and how many rules it has. */
  readonly policy: { readonly file: string; readonly rules: number };
  readonly arms: readonly ArmReport[];
  readonly comparisons: readonly Comparison[];
  /** Reference against twin, the control: judged as a comparison is, and must be unchanged. */
  readonly controls: readonly Comparison[];
  /** Of a run of more arms than two, whose comparisons are in here and not above. */
  readonly ranking?: Ranking;
  /** Missing where the twin alone gave the noise floors. */
  readonly calibration?: CalibrationReport;
  /** When the run looked at its figures, and what confirmed a regression. */
  readonly sequence: SequenceReport;
  readonly targets: readonly TargetResult[];
  readonly rounds: readonly Round[];
  readonly histograms: readonly HistogramReport[];
  readonly timeline: readonly TimelinePoint[];
  /** Of a run that regressed: what grew. */
  readonly attribution?: Attribution;
  readonly validity: {
    /** False: something makes the figures untrustworthy; the verdict is inconclusive then. */
    readonly valid: boolean;
    /** False: the run ended before its rounds were done. */
    readonly complete: boolean;
    /** Whole cycles left out. */
    readonly discarded: number;
    readonly warnings: readonly Warning[];
  };
  readonly verdict: Verdict;
}

/** More than two arms put in an order: `docs/statistics.md` says how. */
export interface Ranking {
  /** The highest tier of conformance that all ranked arms have passed. */
  readonly tier: Tier;
  /** An order for each metric that arms are ranked by, the first one the table's. */
  readonly orders: readonly RankOrder[];
  /** Every arm but direct, reference and twin, held against the reference, in the arms' order. */
  readonly against: readonly {
    /** Its id. */
    readonly arm: string;
    /** As of a run of two arms. */
    readonly comparisons: readonly Comparison[];
  }[];
  /** Arms that are measured and have no place: a floor, a proxy that does more than the others. */
  readonly unranked: readonly { readonly arm: string; readonly reason: string }[];
  /** What was to be ranked and was not measured. */
  readonly leftOut: readonly LeftOut[];
  /** True if thresholds were given: `verdict` says then whether all candidates kept to them. */
  readonly judged: boolean;
}

/** The arms in the order of one metric. */
export interface RankOrder {
  readonly scenario: string;
  readonly metric: MetricName;
  /** The probability of calling any two arms different that are the same, at most. */
  readonly error: number;
  /** Rounds that can tell two of so many arms apart; with fewer, neighbours share their places. */
  readonly leastRounds: number;
  /** The best first. */
  readonly places: readonly RankPlace[];
  /** Ranked arms whose figure could not be had in every round, and why. */
  readonly missing: readonly { readonly arm: string; readonly reason: string }[];
}

/** Where an arm stands, from 1. The same figure twice: it was told apart from all others. */
export interface RankPlace {
  readonly arm: string;
  readonly best: number;
  readonly worst: number;
}

/** A proxy that was named and is in no figure. */
export interface LeftOut {
  readonly name: string;
  readonly version: string | null;
  /** A clause: `it fails body-of-one-byte`. */
  readonly reason: string;
}

/** The looks of a run: `docs/statistics.md`. */
export interface SequenceReport {
  /** Each with the error that it was held to; the last one's level is that of the intervals. */
  readonly looks: readonly { readonly rounds: number; readonly error: number }[];
  /** The fresh rounds that a suspicion asked for, and how many came before; null: none arose. */
  readonly confirmation: { readonly after: number; readonly rounds: number } | null;
}

/** The calibration that gave a run its noise floors. */
export interface CalibrationReport {
  readonly measuredAt: string;
  readonly implementation: string;
  readonly scenario: string;
  /** Rounds that it measured. */
  readonly rounds: number;
  /** The budget whose figures are used, in milliseconds, and what resampled gates of it did. */
  readonly budgetMs: number;
  readonly gates: number;
  readonly falseAlarms: number;
  readonly inconclusive: number;
}

export interface ScenarioReference {
  readonly name: string;
  readonly title: string;
  readonly hash: string;
}

export interface ArmReport {
  readonly id: string;
  readonly role: ArmRole;
  readonly name: string;
  /** `origin`, `built-in`, `module`, `command` or `url`. */
  readonly kind: string;
  readonly version: string | null;
  /** The highest tier whose cases all passed, or null for the direct arm. */
  readonly tier: Tier | null;
  readonly conformance: ArmConformance | null;
  readonly metrics: readonly ArmMetric[];
}

export interface ArmConformance {
  /** Cases that ran: the fast subset, or all. */
  readonly scope: 'fast' | 'full';
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly { readonly case: string; readonly reason: string }[];
}

/** One arm's figure over all rounds: the median of the rounds' figures, with its interval. */
export interface ArmMetric {
  readonly scenario: string;
  readonly metric: MetricName;
  readonly unit: MetricUnit;
  /** Null if it could not be had; `reason` says why then. */
  readonly value: number | null;
  readonly interval: Interval | null;
  readonly reason?: string;
}

export interface Comparison {
  readonly scenario: string;
  readonly metric: MetricName;
  readonly unit: MetricUnit;
  readonly better: 'lower' | 'higher';
  readonly primary: boolean;
  /** The two values, as the arms' metrics have them. */
  readonly reference: number | null;
  readonly candidate: number | null;
  /** Candidate over reference, the Hodges-Lehmann estimate over rounds. */
  readonly ratio: number | null;
  readonly ratioInterval: Interval | null;
  /** The confidence level of the interval, 0..1. */
  readonly level: number;
  /** As {@link MetricDefinition}.threshold, after configuration. */
  readonly threshold: number | null;
  /** The change that counts: the larger of threshold and noise floor, as a fraction. */
  readonly minimumEffect: number | null;
  /** The half-width of the control's interval in this run, as a fraction. */
  readonly noiseFloor: number | null;
  /** The smallest change this run would have called with a power of 80 %, as a fraction. */
  readonly detectable: number | null;
  /** Null for a metric that is shown and not judged. */
  readonly verdict: Verdict | null;
  /** Why there is no ratio. */
  readonly reason?: string;
}

/** A named limit on one figure. */
export interface TargetResult {
  readonly name: string;
  readonly scenario: string;
  readonly metric: MetricName;
  readonly unit: MetricUnit;
  readonly limit: number;
  readonly observed: number | null;
  readonly interval: Interval | null;
  readonly verdict: 'met' | 'missed' | 'inconclusive';
  /** Of an inconclusive one, the figure of the round in which requests without a proxy were fastest. */
  readonly leastDisturbed?: number;
}

/** A latency histogram of one arm over all rounds. */
export interface HistogramReport {
  readonly arm: string;
  readonly scenario: string;
  /** Warm requests, one in flight. */
  readonly metric: 'hop';
  readonly unit: 'ns';
  readonly count: number;
  /** HdrHistogram V2 compressed encoding, base64. */
  readonly encoded: string;
}

/** What the machine did during a round. */
export interface TimelinePoint {
  readonly atMs: number;
  readonly stealFraction: number | null;
  readonly unsettledWaits: number;
}
