/**
 * The candidate's own figures for services that track benchmarks over time. Both forms hold the arm's
 * figures, not its ratios: they compare with other days, which says less than a run does, and is theirs
 * to judge.
 */
import { METRICS } from '../model/metric.ts';
import type { ArmMetric, ReportDocument } from '../model/report.ts';
import { formatSignificant } from './number.ts';

/**
 * For github-action-benchmark with the tool `customSmallerIsBetter`: figures of which less is
 * better; the others cannot be had in the same list.
 */
export function renderActionBenchmark(report: ReportDocument): string {
  const smaller = new Set(
    METRICS.filter(({ better }) => better === 'lower').map(({ name }) => name),
  );
  const entries = candidateFigures(report)
    .filter(({ figure }) => smaller.has(figure.metric))
    .map(({ name, value, figure: { unit, interval, scenario, metric } }) => ({
      name: `${name}: ${metric} (${scenario})`,
      unit,
      value,
      ...(interval === null
        ? {}
        : { range: `${formatSignificant(interval[0])} to ${formatSignificant(interval[1])}` }),
      extra: `${report.run.rounds} rounds, seed ${report.run.seed}, hopmark ${report.tool.version}`,
    }));
  return `${JSON.stringify(entries, null, 2)}\n`;
}

/** Bencher Metric Format: benchmarks, each with its measures, each with its interval. */
export function renderBencher(report: ReportDocument): string {
  const benchmarks: Record<string, Record<string, object>> = {};
  for (const { name, value, figure } of candidateFigures(report)) {
    const { interval, scenario, metric } = figure;
    const benchmark = `${name}: ${scenario}`;
    const bounds = interval === null ? {} : { lower_value: interval[0], upper_value: interval[1] };
    benchmarks[benchmark] = { ...benchmarks[benchmark], [metric]: { value, ...bounds } };
  }
  return `${JSON.stringify(benchmarks, null, 2)}\n`;
}

interface CandidateFigure {
  readonly name: string;
  readonly value: number;
  readonly figure: ArmMetric;
}

function candidateFigures({ arms }: ReportDocument): readonly CandidateFigure[] {
  return arms
    .filter(({ role }) => role === 'candidate')
    .flatMap(({ name, metrics }) =>
      metrics.flatMap((figure) =>
        figure.value === null ? [] : [{ name, value: figure.value, figure }],
      ),
    );
}
