/** One arm's own figures over all rounds: medians with their intervals. Compares nothing. */
import { METRICS } from '../model/metric.ts';
import type { ArmMetric } from '../model/report.ts';
import type { Arm, Round } from '../model/round.ts';
import { median, medianInterval } from '../stats/quantile.ts';

/** Every metric that the arm reports, or says it cannot have, by scenario. */
export function summarizeArm(rounds: readonly Round[], arm: Arm, level: number): ArmMetric[] {
  return [...Map.groupBy(rounds, (round) => round.scenario)].flatMap(([scenario, ofScenario]) =>
    METRICS.flatMap(({ name, unit }): ArmMetric[] => {
      const figures = ofScenario.flatMap((round) => round.arms[arm.id] ?? []);
      const values = figures.flatMap((figure) => figure.values[name] ?? []);
      const reason = figures
        .map((figure) => figure.unavailable[name])
        .find((why) => why !== undefined);
      const metric = { scenario, metric: name, unit };
      if (values.length > 0) {
        const interval = medianInterval(values, level)?.interval ?? null;
        return [{ ...metric, value: median(values), interval }];
      }
      return reason === undefined ? [] : [{ ...metric, value: null, interval: null, reason }];
    }),
  );
}
