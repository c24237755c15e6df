/**
 * One metric of one arm out of one report, as a sample of its own: for runs that were measured
 * apart, where nothing pairs their rounds. No statistics here.
 */
import type { MetricName } from '../model/metric.ts';
import type { ArmReport, ReportDocument } from '../model/report.ts';
import type { Round } from '../model/round.ts';

/**
 * What two figures of different runs are compared as. `counter`: as they are, since they do not
 * depend on the machine. `ratio`: each relative to the reference of its own run. `time`: as they
 * are, on the same machine.
 */
export type Basis = 'counter' | 'ratio' | 'time';

/** Natural logarithms of a metric, one a round, or why there are none. */
type Samples = { readonly logs: readonly number[] } | { readonly reason: string };

/** One arm's samples on a basis. */
export function samplesOf(
  report: ReportDocument,
  scenario: string,
  metric: MetricName,
  role: 'candidate' | 'reference',
  basis: Basis,
): Samples {
  const own = seriesOf(report, scenario, metric, role);
  if (own === null) return { reason: `not available: ${reasonOf(report, scenario, metric, role)}` };
  const beside = basis === 'ratio' ? seriesOf(report, scenario, metric, 'reference') : null;
  if (basis === 'ratio' && beside === null) {
    return { reason: 'not available for the reference in every round' };
  }
  const values = own.map((value, index) => value / (beside === null ? 1 : (beside[index] ?? 0)));
  return values.every((value) => value > 0 && Number.isFinite(value))
    ? { logs: values.map(Math.log) }
    : { reason: 'zero or below in some rounds, so there is no ratio' };
}

/** An arm's figure of every round, or null if one of them lacks it: its lack may depend on the arm. */
export function seriesOf(
  report: ReportDocument,
  scenario: string,
  metric: MetricName,
  role: ArmReport['role'],
): readonly number[] | null {
  const id = armOf(report, role)?.id ?? '';
  const rounds = roundsOf(report, scenario);
  const values = rounds.flatMap((round) => round.arms[id]?.values[metric] ?? []);
  return rounds.length > 0 && values.length === rounds.length ? values : null;
}

function roundsOf(report: ReportDocument, scenario: string): readonly Round[] {
  return report.rounds.filter((round) => round.scenario === scenario);
}

function reasonOf(
  report: ReportDocument,
  scenario: string,
  metric: MetricName,
  role: ArmReport['role'],
): string {
  const id = armOf(report, role)?.id ?? '';
  const reasons = roundsOf(report, scenario).flatMap(
    (round) => round.arms[id]?.unavailable[metric] ?? [],
  );
  return reasons[0] ?? 'not measured in every round';
}

/** What two identical proxies differed by in a run, as a fraction; 0 where no twin told. */
export function noiseOf(report: ReportDocument, scenario: string, metric: MetricName): number {
  const found = report.comparisons.find(
    (one) => one.scenario === scenario && one.metric === metric,
  );
  return found?.noiseFloor ?? 0;
}

/** The arm of a role that a run has one of. */
export function armOf(report: ReportDocument, role: ArmReport['role']): ArmReport | undefined {
  return report.arms.find((arm) => arm.role === role);
}
