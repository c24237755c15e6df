/**
 * What a run of the conformance suite found, as plain data: for tables, for reports, and for the
 * decision whether a proxy may be measured. No logic.
 */
import type { Tier } from '../../impls/contract.ts';

/** The outcome of all cases that were asked for. */
export interface ConformanceResult {
  /** In the order in which they were asked for. */
  readonly cases: readonly CaseResult[];
  /** Per tier; a tier of which no case was asked for is absent. */
  readonly tiers: Readonly<Partial<Record<Tier, TierCounts>>>;
  /**
   * The highest tier of which, and of all tiers below it, no case failed; null if not even
   * `forwarding` held. Skipped cases do not count against it: whoever shows it shows the skips too.
   */
  readonly highestTier: Tier | null;
  readonly durationMs: number;
}

export interface TierCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export type CaseResult = PassedCase | FailedCase | SkippedCase;

interface CaseIdentity {
  readonly id: string;
  readonly tier: Tier;
  readonly family: string;
  readonly title: string;
  readonly section: string;
}

export interface PassedCase extends CaseIdentity {
  readonly status: 'passed';
  readonly evidence: CaseEvidence;
}

export interface FailedCase extends CaseIdentity {
  readonly status: 'failed';
  /** What was not as it must be, in sentences; at least one. */
  readonly failures: readonly string[];
  /** Null where the case was not run because the proxy was found dead before it. */
  readonly evidence: CaseEvidence | null;
}

export interface SkippedCase extends CaseIdentity {
  readonly status: 'skipped';
  /** As the implementation declares it. */
  readonly reason: string;
}

/**
 * What went over the wire, readable and bounded: control bytes are escaped, long runs of bytes
 * cut in the middle. One string a connection, in the order of opening.
 */
export interface CaseEvidence {
  /** By the client. */
  readonly sent: readonly string[];
  readonly receivedByOrigin: readonly string[];
  /** To the client, with how the connection ended. */
  readonly answered: readonly string[];
  readonly logLines: readonly string[];
}

/** Several implementations held against the suite, in the order in which they were asked for. */
export interface ConformanceMatrix {
  readonly rows: readonly MatrixRow[];
}

export type MatrixRow = HeldRow | UnavailableRow;

/** An implementation that could be started, and every case that it was held to. */
export interface HeldRow {
  readonly state: 'held';
  /** As the user named it. */
  readonly spec: string;
  readonly version: string | null;
  readonly capabilities: readonly Tier[];
  readonly cases: readonly MatrixCase[];
  /** Cases that cannot be tried on it because of how it runs, such as behind a URL. */
  readonly untried: readonly SkippedCase[];
  readonly durationMs: number;
}

/** A case that was run, whether or not the implementation claims to meet it. */
export type MatrixCase = (PassedCase | FailedCase) & {
  /** Why the implementation declares that it cannot meet it; null: it does not. */
  readonly declared: string | null;
  /** It claims the tier and does not declare the case. */
  readonly claimed: boolean;
};

/** An implementation that could not be started here, so nothing is known of it. */
export interface UnavailableRow {
  readonly state: 'unavailable';
  readonly spec: string;
  /** What it needs is not installed, or it could be started and failed. */
  readonly why: 'missing' | 'broken';
  readonly reason: string;
  readonly remedy: string;
}
