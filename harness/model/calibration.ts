/**
 * What a calibration found of a machine: how much two identical proxies differ on it, and what a gate
 * can tell there. Types and nothing else.
 */
import type { MetricName } from './metric.ts';

export const CALIBRATION_VERSION = 1;

/** A machine's profile, kept by its fingerprint. */
export interface Calibration {
  readonly schemaVersion: typeof CALIBRATION_VERSION;
  /** ISO 8601, UTC. */
  readonly measuredAt: string;
  /** Of the machine, as reports have it. */
  readonly fingerprint: string;
  /** What was run against itself, and on which scenario. */
  readonly implementation: string;
  readonly scenario: string;
  /** Rounds that were measured, and how long one took, in milliseconds. */
  readonly rounds: number;
  readonly roundMs: number;
  /** Shortest budget first. */
  readonly budgets: readonly BudgetProfile[];
}

/** What a gate of one budget can tell here. */
export interface BudgetProfile {
  readonly budgetMs: number;
  /** Rounds that the budget holds. */
  readonly rounds: number;
  readonly metrics: readonly MetricProfile[];
  /** Gates of the implementation against itself, of rounds resampled from those measured. */
  readonly gates: number;
  readonly falseAlarms: number;
  readonly inconclusive: number;
}

/** One metric at one budget. Fractions: 0.01 is 1 %. */
export interface MetricProfile {
  readonly metric: MetricName;
  /** 95 of 100 runs of identical proxies show less difference than this. */
  readonly noiseFloor: number;
  /**
   * The smallest change for the worse that a gate whose threshold is the noise floor catches in 95
   * of 100 runs; null if that is more than twice the cost.
   */
  readonly caught: number | null;
}
