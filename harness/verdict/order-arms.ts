/**
 * Takes one metric out of the rounds of many arms and has them ranked by it. An arm whose figure is
 * missing in a round has no place: what made it missing may depend on the arm.
 */
import { type MetricName, metricDefinition } from '../model/metric.ts';
import type { RankOrder } from '../model/report.ts';
import type { Arm, Round } from '../model/round.ts';
import type { ArmRows } from '../stats/arm-groups.ts';
import { leastRoundsToRank, rankArms } from './rank.ts';

/** Who is ordered, and by what. */
export interface OrderOptions {
  readonly scenario: string;
  readonly metric: MetricName;
  readonly reference: Arm;
  /** A second process of the reference, which counts as one more of it. */
  readonly twin: Arm;
  /** The reference and what is ranked beside it. */
  readonly ranked: readonly Arm[];
  /** All arms of the rounds; those that are not ranked only tell what a round's moment was. */
  readonly arms: readonly Arm[];
  /** Over all pairs of arms. */
  readonly error: number;
  /** An arm's ratio to the reference; null where there is none. */
  readonly ratioOf: (arm: Arm) => number | null;
}

/** The order of arms in the rounds of one scenario. */
export function orderArms(rounds: readonly Round[], options: OrderOptions): RankOrder {
  const { scenario, metric, reference, twin, error } = options;
  const rowsOf = (processes: readonly Arm[]): ArmRows | string =>
    logarithms(rounds, metric, processes);
  const taken = options.ranked.map((arm) => {
    const rows = rowsOf(arm === reference ? [reference, twin] : [arm]);
    return { arm, rows, ratio: arm === reference ? 1 : options.ratioOf(arm) };
  });
  const rankable = taken.flatMap(({ arm, rows, ratio }) =>
    typeof rows === 'string' || ratio === null
      ? []
      : [{ id: arm.id, rows, estimate: orientation(metric) * Math.log(ratio) }],
  );
  const others = options.arms
    .filter((arm) => arm !== twin && !options.ranked.includes(arm))
    .map((arm) => rowsOf([arm]))
    .filter((rows) => typeof rows !== 'string');
  return {
    scenario,
    metric,
    error,
    leastRounds: leastRoundsToRank(rankable.length, error),
    places: rankArms(rankable, others, error).map(({ id, best, worst }) => ({
      arm: id,
      best,
      worst,
    })),
    missing: taken.flatMap(({ arm, rows }) =>
      typeof rows === 'string' ? [{ arm: arm.id, reason: rows }] : [],
    ),
  };
}

/** A row a round, smaller is better; or why there is none. */
function logarithms(
  rounds: readonly Round[],
  metric: MetricName,
  processes: readonly Arm[],
): ArmRows | string {
  if (rounds.length === 0) return 'no round was done';
  for (const { id } of processes) {
    const without = rounds.find(({ arms }) => arms[id]?.values[metric] === undefined);
    if (without !== undefined) return without.arms[id]?.unavailable[metric] ?? 'not measured';
    if (!rounds.every(({ arms }) => (arms[id]?.values[metric] ?? 0) > 0)) {
      return 'zero or below in some rounds';
    }
  }
  return rounds.map(({ arms }) =>
    processes.map(
      ({ id }) => orientation(metric) * Math.log(arms[id]?.values[metric] ?? Number.NaN),
    ),
  );
}

function orientation(metric: MetricName): 1 | -1 {
  return metricDefinition(metric).better === 'lower' ? 1 : -1;
}
