/**
 * A round: fresh processes for every arm, one warm-up, one set of figures an arm. It is the unit
 * of all statistics; samples inside a round are not independent of each other.
 */
import type { MetricName } from './metric.ts';
import type { Warning } from './warning.ts';

/**
 * What an arm is in a comparison. `direct`: the origin without a proxy. `twin`: a second process
 * of the reference, the control. `floor`: shown and never ranked.
 */
export type ArmRole = 'direct' | 'reference' | 'twin' | 'candidate' | 'floor';

/** One contestant. Its id is unique in a run: the role, numbered if there are several. */
export interface Arm {
  readonly id: string;
  readonly role: ArmRole;
  /** What a user calls it: `baseline`, `./my-proxy.ts`, `optimized@1a2b3c4`. */
  readonly name: string;
  /** What the registry loads: a built-in name or a module path; default: the name. */
  readonly spec?: string;
}

/** One arm's figures of one round. A metric is in exactly one of the two records. */
export interface ArmFigures {
  readonly values: Readonly<Partial<Record<MetricName, number>>>;
  /** Why a metric could not be had, a short clause. */
  readonly unavailable: Readonly<Partial<Record<MetricName, string>>>;
  /** Requests answered and checked in the measured phases. */
  readonly requests: number;
  /** Share of a loaded wave's duration that the arm's process was on a CPU, 0..1 or above 1. */
  readonly busyFraction: number | null;
}

/** One round as it was measured. */
export interface Round {
  /** From 0. */
  readonly index: number;
  readonly scenario: string;
  /** Milliseconds since the run began. */
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** By arm id. */
  readonly arms: Readonly<Record<string, ArmFigures>>;
  readonly signals: RoundSignals;
  readonly warnings: readonly Warning[];
}

/** Rounds that confirm a suspicion, or decide what is open, may take a run to this many times its budget. */
export const CONFIRMING_BUDGET = 1.25;

/** What disturbed a round; blind to which arm was running. */
export interface RoundSignals {
  /** Share of CPU time stolen by other machines, 0..1, or null where the system does not say. */
  readonly stealFraction: number | null;
  /** Whole cycles measured, and those discarded for a disturbance that hit all arms alike. */
  readonly cycles: number;
  readonly cyclesDiscarded: number;
  /** Waits for other arms' background work that ran into their bound. */
  readonly unsettledWaits: number;
  /** Blocks of warm-up, and whether it ended because the arms were steady. */
  readonly warmUpBlocks: number;
  readonly steady: boolean;
}
