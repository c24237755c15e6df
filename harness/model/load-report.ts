/**
 * What `load`, `soak` and their relatives report, schema version 1: one implementation under load,
 * beside the origin alone. Types only; `report/` renders it.
 */
import type { Environment } from './environment.ts';
import type {
  ArmMetric,
  ArmReport,
  Interval,
  ReportDocument,
  ScenarioReference,
} from './report.ts';
import type { Warning } from './warning.ts';

export const LOAD_REPORT_SCHEMA_VERSION = 1;

/**
 * `met` and `missed` are said of a limit, and only with evidence; `measured` where there was none
 * to judge by.
 */
export type LoadVerdict = 'met' | 'missed' | 'measured' | 'inconclusive';

/** A document of one of the four kinds. */
export type AnyLoadReport = LoadReport | SweepReport | SoakReport | SaturationReport;

/** What every kind says. */
interface LoadReportHead {
  readonly schemaVersion: typeof LOAD_REPORT_SCHEMA_VERSION;
  readonly tool: ReportDocument['tool'];
  readonly run: Omit<ReportDocument['run'], 'rounds'>;
  readonly environment: Environment;
  readonly scenario: ScenarioReference;
  readonly policy: ReportDocument['policy'];
  readonly implementation: Omit<ArmReport, 'id' | 'role' | 'metrics'>;
  readonly validity: {
    /** False: something makes the figures untrustworthy. */
    readonly valid: boolean;
    /** False: the run ended before its time, whatever ended it. */
    readonly complete: boolean;
    readonly warnings: readonly Warning[];
  };
  readonly verdict: LoadVerdict;
  /** Why; the first is the one that decides. */
  readonly reasons: readonly LoadReason[];
}

/** What a verdict rests on. */
export type LoadReason =
  | 'nothing-to-judge'
  | 'latency-met'
  | 'latency-missed'
  | 'latency-undecided'
  /** The origin alone already takes as long. */
  | 'direct-above-target'
  /** The driver's own lateness explains what was missed. */
  | 'driver-limited'
  | 'rate-not-held'
  | 'requests-failed'
  | 'no-leak'
  | 'leak'
  | 'leak-undecided'
  | 'memory-within'
  | 'memory-exceeded'
  /** Nobody let it run to its end. */
  | 'ended-early'
  /** A smoke run proves nothing. */
  | 'smoke';

/** How requests were sent. */
export interface OfferedLoad {
  readonly connections: number;
  readonly ratePerSecond: number;
  /** `half-capacity`: of what was measured first. */
  readonly rateFrom: 'given' | 'half-capacity';
  readonly arrivals: 'constant' | 'poisson';
  /** Requests a second of a closed loop on as many connections; null if it was not measured. */
  readonly capacityPerSecond: number | null;
}

/** One implementation at one rate. */
export interface LoadReport extends LoadReportHead {
  readonly kind: 'load';
  readonly load: OfferedLoad;
  /** Of the 99th percentile, microseconds; null if none was given. */
  readonly targetLatencyUs: number | null;
  /** The origin without a proxy, at the same rate in stretches between. */
  readonly direct: OpenLoopFigures;
  readonly proxy: OpenLoopFigures;
  /** About a second each, in the order of time. */
  readonly timeline: readonly TimelineWindow[];
}

/** What an arm did under open loop, over all its stretches. */
export interface OpenLoopFigures {
  /** Requests whose moment came. */
  readonly requests: number;
  readonly answered: number;
  /** By kind; `connect-failed` counts connections. */
  readonly failures: Readonly<Record<string, number>>;
  readonly unanswered: number;
  /** Requests that found every connection in use. */
  readonly waited: number;
  readonly sentAgain: number;
  readonly reopened: number;
  /** Answers over the time from the first moment to the last answer. */
  readonly achievedPerSecond: number;
  /** `latency-p50`, `latency-p99`, `latency-p999`. */
  readonly latency: readonly ArmMetric[];
  /** The driver's own lateness. */
  readonly lag: LagFigures;
  /** Share of the time in which the driver was not merely waiting, 0..1. */
  readonly driverBusyFraction: number;
  /** The half of the windows in which others took least of the machine; null where none is known. */
  readonly quiet: {
    readonly windows: number;
    readonly p50Us: number;
    readonly p99Us: number;
  } | null;
  /** HdrHistogram V2 compressed encoding, base64. */
  readonly histogram: { readonly unit: 'ns'; readonly count: number; readonly encoded: string };
}

/** Release lag, microseconds. */
export interface LagFigures {
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly maxUs: number;
}

/** About a second of one arm. */
export interface TimelineWindow {
  readonly arm: 'direct' | 'proxy';
  /** Since the run began. */
  readonly atMs: number;
  readonly durationMs: number;
  readonly requests: number;
  readonly failed: number;
  /** Null where nothing was answered. */
  readonly p50Us: number | null;
  readonly p99Us: number | null;
  readonly maxUs: number | null;
  readonly lagP99Us: number;
  /** Of the machine's time: what other machines took, and other processes of this one; 0..1. */
  readonly stealFraction: number | null;
  readonly othersFraction: number | null;
}

/** Latency against rate. */
export interface SweepReport extends LoadReportHead {
  readonly kind: 'sweep';
  readonly connections: number;
  readonly arrivals: OfferedLoad['arrivals'];
  readonly capacityPerSecond: number;
  /** Ascending rates. */
  readonly steps: readonly SweepStep[];
  readonly knee: Knee | null;
}

/** One rate of a sweep, over all its passes. */
export interface SweepStep {
  readonly ratePerSecond: number;
  readonly ofCapacity: number;
  readonly figures: OpenLoopFigures;
  /** The median over passes of each pass's percentile, microseconds; null without an answer. */
  readonly p50Us: number | null;
  readonly p99Us: number | null;
  readonly passes: number;
  /** Whether the server kept up: docs/metrics.md. */
  readonly held: boolean;
  /** Whether the driver itself was late, so that what was not held may be its own doing. */
  readonly driverLate: boolean;
}

/** The highest rate at which latency is still what it is at low rates. */
export interface Knee {
  readonly ratePerSecond: number;
  /** The next rate that was tried; null if there was none above. */
  readonly beyondPerSecond: number | null;
  /** The 99th percentile at low rates, and the most that is let pass for it. */
  readonly baseP99Us: number;
  readonly limitP99Us: number;
}

/** Memory, latency and handles over a long time at one rate. */
export interface SoakReport extends LoadReportHead {
  readonly kind: 'soak';
  readonly load: OfferedLoad;
  /** Resident, beyond what the process took before its first request. */
  readonly maxMemoryBytes: number;
  readonly proxy: OpenLoopFigures;
  readonly timeline: readonly TimelineWindow[];
  readonly readings: readonly MemoryPoint[];
  readonly leak: LeakReport;
  readonly memory: {
    /** Resident before the first request: mostly the runtime's. */
    readonly idleRssBytes: number;
    /** The largest resident size that was read, and whether what it adds is within the limit. */
    readonly largestRssBytes: number;
    readonly within: boolean;
  };
  /** Null where the system does not say. */
  readonly handles: {
    readonly before: ProcessHandles | null;
    readonly during: ProcessHandles | null;
    readonly after: ProcessHandles | null;
  };
}

/** A proxy's memory between two stretches, all its requests answered. Bytes. */
export interface MemoryPoint {
  readonly atMs: number;
  /** Requests answered since the first reading. */
  readonly requests: number;
  /** Heap and external memory after a forced collection; null where it cannot be had. */
  readonly heldBytes: number | null;
  /** Resident, before the collection and after it. */
  readonly rssBytes: number;
  readonly settledRssBytes: number;
}

/** Whether memory stays behind for each request. */
export interface LeakReport {
  readonly verdict: 'leak' | 'no-leak' | 'cannot-tell';
  /** `held` memory, or `rss` where that cannot be had. */
  readonly of: 'held' | 'rss';
  /** Of the memory judged, bytes a request; null with too few readings. */
  readonly bytesPerRequest: number | null;
  readonly interval: Interval | null;
  readonly level: number;
  /** A leak keeps more than this many bytes a request. */
  readonly leastBytesPerRequest: number;
  /** Readings that count, those of the beginning left out. */
  readonly readings: number;
  /** Of the resident size, for comparison. */
  readonly rssBytesPerRequest: number | null;
}

/** What a process holds open. */
export interface ProcessHandles {
  /** Connections of clients, connections to the upstream, and all other sockets. */
  readonly clientSockets: number;
  readonly upstreamSockets: number;
  readonly otherSockets: number;
  /** All open descriptors, sockets included. */
  readonly descriptors: number;
}

/** A closed loop at several numbers of connections. */
export interface SaturationReport extends LoadReportHead {
  readonly kind: 'saturation';
  readonly steps: readonly SaturationStep[];
}

/** One number of connections. */
export interface SaturationStep {
  /** `concurrency-100`. */
  readonly name: string;
  readonly connections: number;
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** Service times of a closed loop, whole milliseconds: no latency at any rate. */
  readonly serviceP50Ms: number;
  readonly serviceP99Ms: number;
  readonly serviceMaxMs: number;
  readonly failures: Readonly<Record<string, number>>;
}
