/**
 * Takes one metric out of the rounds as blocks: the candidate's figure and those of its controls,
 * the reference and, where it ran, its twin. No statistics here: only whether there are figures at
 * all, and if not, why.
 */
import type { MetricName } from '../model/metric.ts';
import type { Arm, Round } from '../model/round.ts';
import type { Block } from '../stats/aligned-rank.ts';

export type Pairing =
  /** Natural logarithms, a block a round: the candidate's figure first. */
  | { readonly state: 'paired'; readonly blocks: readonly Block[] }
  /** One of the arms has the figure in no round at all. */
  | { readonly state: 'unavailable'; readonly reason: string }
  /** There are figures, but no ratio of them. */
  | { readonly state: 'no-ratio'; readonly reason: string };

/**
 * The blocks of a metric over rounds. A round in which a figure is missing is not passed over: what
 * made it missing may well depend on the arm.
 */
export function pairMetric(
  rounds: readonly Round[],
  metric: MetricName,
  candidate: Arm,
  controls: readonly Arm[],
): Pairing {
  for (const arm of [...controls, candidate]) {
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
  const blocks: Block[] = [];
  for (const round of rounds) {
    const values = [candidate, ...controls].map(
      (arm) => round.arms[arm.id]?.values[metric] ?? Number.NaN,
    );
    if (!values.every((value) => value > 0)) {
      return { state: 'no-ratio', reason: 'zero or below in some rounds, so there is no ratio' };
    }
    blocks.push(values.map((value) => Math.log(value)));
  }
  return { state: 'paired', blocks };
}
