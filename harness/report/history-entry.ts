/** What a report leaves in the history: the figures that can be compared from run to run. */
import { HISTORY_SCHEMA_VERSION, type HistoryEntry, type HistoryFigure } from '../model/history.ts';
import type { LoadReport } from '../model/load-report.ts';
import { type MetricName, metricDefinition } from '../model/metric.ts';
import type { ArmReport, Comparison, ReportDocument } from '../model/report.ts';
import { formatSignificant } from './number.ts';

/**
 * Of a comparison: the ratio to the reference of every metric, since times mean something beside
 * others of the same run alone, and the candidate's own figure where it does not depend on the
 * machine. A reference that is an earlier revision of the candidate is another one in every run:
 * ratios to it show no level and are left out.
 */
export function historyEntry(report: ReportDocument): HistoryEntry {
  const { comparisons, ranking } = report;
  const judged = [
    { arm: 'candidate', comparisons },
    ...(ranking?.against.map(({ arm, comparisons: own }) => ({ arm, comparisons: own })) ?? []),
  ];
  const figures = judged.flatMap(({ arm, comparisons: own }) => figuresOf(report, arm, own));
  return entryOf(report, figures);
}

function entryOf(
  { run, environment, validity }: Pick<LoadReport, 'run' | 'environment' | 'validity'>,
  figures: readonly HistoryFigure[],
): HistoryEntry {
  return {
    schemaVersion: HISTORY_SCHEMA_VERSION,
    runId: run.id,
    startedAt: run.startedAt,
    commit: environment.commit,
    dirty: environment.dirty,
    valid: validity.valid && validity.complete,
    fingerprint: environment.fingerprint,
    figures,
  };
}

function figuresOf(
  report: ReportDocument,
  arm: string,
  comparisons: readonly Comparison[],
): readonly HistoryFigure[] {
  const candidate = report.arms.find(({ id }) => id === arm);
  const reference = report.arms.find(({ role }) => role === 'reference');
  if (candidate === undefined || reference === undefined) return [];
  return comparisons.flatMap(({ scenario, metric, ratio, ratioInterval, candidate: own }) => {
    const figure = { scenario, hash: hashOf(report, scenario), metric, candidate: candidate.name };
    const ratios: HistoryFigure[] =
      ratio === null || isMoving(reference, candidate)
        ? []
        : [
            {
              ...figure,
              reference: reference.name,
              value: significant(ratio),
              interval: ratioInterval === null ? null : rounded(ratioInterval),
            },
          ];
    const interval = candidate.metrics.find(
      (one) => one.metric === metric && one.scenario === scenario,
    )?.interval;
    const alone: HistoryFigure[] =
      own === null || !metricDefinition(metric).machineIndependent
        ? []
        : [
            {
              ...figure,
              reference: null,
              value: significant(own),
              interval: interval == null ? null : rounded(interval),
            },
          ];
    return [...ratios, ...alone];
  });
}

/** `optimized@1a2b3c4d` beside `optimized`, as gates against revisions name them. */
function isMoving(reference: ArmReport, candidate: ArmReport): boolean {
  return reference.name.startsWith(`${candidate.name}@`);
}

function hashOf({ scenarios }: ReportDocument, name: string): string {
  return scenarios.find((one) => one.name === name)?.hash ?? '';
}

/**
 * Of a load at a given rate: latencies over those without the proxy, at that rate. Null for one
 * whose rate was found by measuring, which differs from run to run.
 */
export function loadHistoryEntry(report: LoadReport): HistoryEntry | null {
  const { scenario, load, direct, proxy, implementation } = report;
  if (load.rateFrom !== 'given') return null;
  const latency = (figures: LoadReport['proxy'], metric: MetricName): number | null =>
    figures.latency.find((one) => one.metric === metric)?.value ?? null;
  const metrics: readonly MetricName[] = ['latency-p50', 'latency-p99'];
  return entryOf(
    report,
    metrics.flatMap((metric) => {
      const [own, without] = [latency(proxy, metric), latency(direct, metric)];
      if (own === null || without === null || without === 0) return [];
      return [
        {
          scenario: `${scenario.name} at ${formatSignificant(load.ratePerSecond)}/s`,
          hash: scenario.hash,
          metric,
          candidate: implementation.name,
          reference: 'direct',
          value: significant(own / without),
          interval: null,
        },
      ];
    }),
  );
}

/** Six digits say all that a run knows. */
function significant(value: number): number {
  return Number(value.toPrecision(6));
}

function rounded([low, high]: readonly [number, number]): [number, number] {
  return [significant(low), significant(high)];
}
