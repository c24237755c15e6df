/**
 * Decides a whole run: every metric of the candidate, the control beside it, and what both together
 * allow to be said. It computes nothing that only people read (`judge.ts` adds that), so that a
 * simulation can decide ten thousand runs by the very code that decides a real one.
 */
import type { Verdict } from '../model/report.ts';
import type { Round } from '../model/round.ts';
import type { Warning } from '../model/warning.ts';
import { leastBlocks } from '../stats/aligned-rank.ts';
import {
  type DecisionOptions,
  decideMetrics,
  type MetricDecision,
  overallVerdict,
} from './decide-metrics.ts';
import { invalidReasons } from './validity.ts';

/** What a run is decided by. */
export interface RunOptions extends Omit<DecisionOptions, 'candidate'> {
  /** Null: a run of a reference alone, in which nothing is compared. */
  readonly candidate: DecisionOptions['candidate'] | null;
  /** False if the run ended before its rounds were done. */
  readonly complete: boolean;
  /**
   * Whether fresh rounds bear out a regression; without it, all rounds suffice
   * (`sequence.ts`).
   */
  readonly bearsOut?: (decision: MetricDecision) => boolean;
}

/** A run, decided. */
export interface RunDecision {
  readonly decisions: readonly ConfirmedDecision[];
  /** Reference against twin, metric by metric. */
  readonly controls: readonly MetricDecision[];
  /** Rounds of the scenario that has fewest, and the least that can be judged. */
  readonly rounds: { readonly measured: number; readonly least: number };
  /** What about its rounds spoils a judged metric; none in a valid run. */
  readonly spoiledBy: readonly Warning[];
  /** False: too few rounds, spoiled ones, or a control that differs; inconclusive then. */
  readonly valid: boolean;
  readonly verdict: Verdict;
}

/** A decision after its confirmation. */
export interface ConfirmedDecision extends MetricDecision {
  /** True if all rounds call it regressed and fresh ones do not bear it out. */
  readonly unconfirmed: boolean;
}

/** Decides the rounds of a run. `docs/statistics.md` states the rules. */
export function decideRun(rounds: readonly Round[], options: RunOptions): RunDecision {
  const { reference, twin, candidate, level } = options;
  const controls =
    twin === null ? [] : decideMetrics(rounds, { ...options, twin: null, candidate: twin });
  const decisions =
    candidate === null
      ? []
      : decideMetrics(rounds, { ...options, reference, candidate }).map((decision) =>
          confirm(decision, options.bearsOut),
        );
  const counts = Map.groupBy(rounds, (round) => round.scenario);
  const measured =
    counts.size === 0 ? 0 : Math.min(...[...counts.values()].map((own) => own.length));
  const least = leastBlocks(1 - level, twin === null ? 1 : 2);
  const judged = [...decisions, ...controls].filter(({ verdict }) => verdict !== null);
  const metrics = new Set(judged.map(({ definition }) => definition.name));
  const spoiledBy = invalidReasons(rounds, [...metrics]);
  const valid = measured >= least && spoiledBy.length === 0 && !controls.some(differs);
  return {
    decisions,
    controls,
    rounds: { measured, least },
    spoiledBy,
    valid,
    verdict:
      valid && options.complete
        ? overallVerdict(decisions.map(({ verdict }) => verdict))
        : 'inconclusive',
  };
}

/** True of a control that shows a change where there is none. */
export function differs({ verdict }: Pick<MetricDecision, 'verdict'>): boolean {
  return verdict === 'regressed' || verdict === 'improved';
}

/** A regression that fresh rounds do not show is in doubt. */
function confirm(decision: MetricDecision, bearsOut: RunOptions['bearsOut']): ConfirmedDecision {
  if (decision.verdict !== 'regressed' || bearsOut === undefined || bearsOut(decision)) {
    return { ...decision, unconfirmed: false };
  }
  return { ...decision, verdict: 'inconclusive', unconfirmed: true };
}
