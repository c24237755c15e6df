/**
 * How often gates of one design say what, over many simulated runs: false alarms, inconclusive
 * ones, changes caught, rounds to a decision.
 */
import type { Interval, Verdict } from '../model/report.ts';
import { clopperPearson } from '../stats/clopper-pearson.ts';
import type { RoundSource } from './noise-model.ts';
import { type GateDesign, simulateGate } from './simulate-gate.ts';

/** A share of runs, with its exact interval at 95 %. */
export interface Share {
  readonly count: number;
  readonly share: number;
  readonly interval: Interval;
}

/** What a design did in so many runs. */
export interface OperatingCharacteristics {
  readonly gates: number;
  readonly regressed: Share;
  readonly inconclusive: Share;
  readonly improved: Share;
  readonly unchanged: Share;
  readonly meanRounds: number;
}

/** Simulates gates 0 to `gates - 1`; `sourceOf` gives each its rounds. */
export function operatingCharacteristics(
  gates: number,
  design: GateDesign,
  sourceOf: (gate: number) => RoundSource,
): OperatingCharacteristics {
  const counts: Record<Verdict, number> = {
    regressed: 0,
    inconclusive: 0,
    improved: 0,
    unchanged: 0,
  };
  let rounds = 0;
  for (let gate = 0; gate < gates; gate += 1) {
    const outcome = simulateGate(sourceOf(gate), design);
    counts[outcome.verdict] += 1;
    rounds += outcome.rounds;
  }
  const share = (count: number): Share => ({
    count,
    share: count / gates,
    interval: clopperPearson(count, gates),
  });
  return {
    gates,
    regressed: share(counts.regressed),
    inconclusive: share(counts.inconclusive),
    improved: share(counts.improved),
    unchanged: share(counts.unchanged),
    meanRounds: rounds / gates,
  };
}
