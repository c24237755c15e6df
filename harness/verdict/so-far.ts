/**
 * What the rounds of a run say before it has ended, for whoever watches it. It decides nothing: the
 * run's own looks do, which spend its error where these spend none.
 */
import { METRICS, type MetricName } from '../model/metric.ts';
import type { Arm, Round } from '../model/round.ts';
import type { FigureSoFar } from '../model/run-event.ts';
import { median } from '../stats/quantile.ts';
import { summarizeArm } from './arm-metrics.ts';
import { describe } from './compare.ts';
import { type DecisionOptions, decideMetrics } from './decide-metrics.ts';

/** Every metric of two sides, in the order of tables. */
export function figuresSoFar(
  rounds: readonly Round[],
  options: DecisionOptions,
): readonly FigureSoFar[] {
  const { reference, candidate, level } = options;
  const armMetrics = Object.fromEntries(
    [reference, candidate].map((arm) => [arm.id, summarizeArm(rounds, arm, level)]),
  );
  return decideMetrics(rounds, options).map((decision) => {
    const { comparison, moreRounds } = describe(decision, {
      ...{ reference, candidate, level, armMetrics },
    });
    const { scenario, metric, unit, ratio, ratioInterval, verdict } = comparison;
    const own = rounds.filter((round) => round.scenario === scenario).length;
    const evidence = moreRounds === null ? 0 : own / (own + moreRounds);
    return {
      group: scenario,
      label: metric,
      unit,
      reference: comparison.reference,
      candidate: comparison.candidate,
      ratio,
      interval: ratioInterval,
      verdict,
      decided: verdict === null ? null : verdict === 'inconclusive' ? evidence : 1,
    };
  });
}

const RANKED: readonly MetricName[] = ['cpu-per-request', 'hop-p50', 'allocated-per-request'];

/** What each contestant of a ranking costs, metric by metric, over the reference. */
export function rankingSoFar(
  rounds: readonly Round[],
  arms: readonly Arm[],
): readonly FigureSoFar[] {
  const reference = arms.find(({ role }) => role === 'reference');
  const shown = arms.filter(({ role }) => role !== 'direct' && role !== 'twin');
  return METRICS.filter(({ name }) => RANKED.includes(name)).flatMap(({ name, unit }) => {
    const value = (round: Round, arm: Arm | undefined): number | undefined =>
      arm === undefined ? undefined : round.arms[arm.id]?.values[name];
    return shown.map((arm) => {
      const own = rounds.flatMap((round) => value(round, arm) ?? []);
      const ratios = rounds.flatMap((round) => {
        const [mine, theirs] = [value(round, arm), value(round, reference)];
        return mine === undefined || theirs === undefined ? [] : [mine / theirs];
      });
      return {
        group: name,
        label: arm.name,
        unit,
        reference: null,
        candidate: own.length === 0 ? null : median(own),
        ratio: ratios.length === 0 ? null : median(ratios),
        interval: null,
        verdict: null,
        decided: null,
      };
    });
  });
}
