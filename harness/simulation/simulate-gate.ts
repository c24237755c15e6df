/**
 * One simulated gate: rounds from a source instead of a machine, everything else as in a real one.
 * It drives the sequence and the decision that real runs are decided by, not copies of them.
 */
import type { MetricName } from '../model/metric.ts';
import type { Verdict } from '../model/report.ts';
import { type Arm, CONFIRMING_BUDGET, type Round } from '../model/round.ts';
import { decideRun } from '../verdict/decide-run.ts';
import { Sequence } from '../verdict/sequence.ts';
import type { Thresholds } from '../verdict/thresholds.ts';
import type { RoundSource } from './noise-model.ts';

/** How a gate is run. */
export interface GateDesign {
  /** Rounds that its budget holds. */
  readonly rounds: number;
  /** Rounds from one look to the next; null: one look, at the end. */
  readonly lookEvery: number | null;
  /** Beside the metrics' own. */
  readonly thresholds: Thresholds;
  /** The error over all looks and metrics. */
  readonly error: number;
  /** From a calibration; without it the twin serves. */
  readonly noiseFloors?: Readonly<Partial<Record<MetricName, number>>>;
}

/** How it ended. */
export interface GateOutcome {
  readonly verdict: Verdict;
  readonly rounds: number;
}

const REFERENCE: Arm = { id: 'reference', role: 'reference', name: 'reference' };
const TWIN: Arm = { id: 'twin', role: 'twin', name: 'reference' };
const CANDIDATE: Arm = { id: 'candidate', role: 'candidate', name: 'candidate' };

/** Runs one gate to its verdict. */
export function simulateGate(source: RoundSource, design: GateDesign): GateOutcome {
  const arms = { reference: REFERENCE, twin: TWIN, candidate: CANDIDATE };
  const sequence = new Sequence({ ...design, ...arms, goesBeyond: true });
  const rounds: Round[] = [];
  for (;;) {
    rounds.push(source.next());
    const last = rounds.length >= design.rounds;
    const share = last ? 1 : rounds.length / design.rounds;
    const { done, confirming } = sequence.next(rounds, { share, last });
    const planned = confirming ? Math.floor(CONFIRMING_BUDGET * design.rounds) : design.rounds;
    if (done || rounds.length >= planned) break;
  }
  const { verdict } = decideRun(rounds, {
    ...design,
    ...arms,
    level: sequence.level,
    complete: true,
    bearsOut: (decision) => sequence.bearsOut(rounds, decision),
  });
  return { verdict, rounds: rounds.length };
}
