/**
 * Takes one metric of two arms out of the rounds as paired differences. No statistics here: only
 * whether there are differences at all, and if not, why.
 */
import type { MetricName } from '../model/metric.ts';
import type { Arm, Round } from '../model/round.ts';

export type Pairing =
  | {
      readonly state: 'paired' /** ln(candidate / reference), a round each. */;
      readonly differences: readonly number[];
    }
  /** One of the arms has the figure in no round at all. */
  | { readonly state: 'unavailable'; readonly reason: string }
  /** There are figures, but no ratio of them. */
  | { readonly state: 'no-ratio'; readonly reason: string };

/**
 * The differences of a metric over rounds. A round in which a figure is missing is not passed
 * over: what made it missing may well depend on the arm.
 */
export function pairMetric(
  rounds: readonly Round[],
  metric: MetricName,
  reference: Arm,
  candidate: Arm,
): Pairing {
  for (const arm of [reference, candidate]) {
    const missing = rounds.filter((round) => round.arms[arm.id]?.values[metric] === undefined);
    const first = missing[0];
    if (first === undefined) continue;
    const why = first.arms[arm.id]?.unavailable[metric] ?? 'not measured';
    return missing.length === rounds.length
      ? { state: 'unavailable', reason: `not available for ${arm.id}: ${why}` }
      : {
          state: 'no-ratio',
          reason: `missing for ${arm.id} in ${missing.length} of ${rounds.length} rounds: ${why}`,
        };
  }
  const differences: number[] = [];
  for (const round of rounds) {
    const before = round.arms[reference.id]?.values[metric] ?? Number.NaN;
    const after = round.arms[candidate.id]?.values[metric] ?? Number.NaN;
    if (!(before > 0 && after > 0)) {
      return { state: 'no-ratio', reason: 'zero or below in some rounds, so there is no ratio' };
    }
    differences.push(Math.log(after / before));
  }
  return { state: 'paired', differences };
}
