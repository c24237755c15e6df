/**
 * The rows of the comparison table as plain text cells, for every rendering that has such a table.
 * What is null becomes `n/a` with the number of a footnote. No layout here.
 */
import type { Comparison, ReportDocument, Verdict } from '../model/report.ts';
import { chooseUnit, formatIn, formatRatio, formatRatioInterval } from './number.ts';

/** One metric of one scenario. */
export interface MetricRow {
  readonly metric: string;
  readonly unit: string;
  readonly reference: string;
  readonly candidate: string;
  readonly ratio: string;
  /** Empty where there is none. */
  readonly interval: string;
  /** The control's ratio. */
  readonly twin: string;
  /** Null for a metric that is shown and not judged. */
  readonly verdict: Verdict | null;
}

export interface ScenarioRows {
  readonly scenario: string;
  readonly rows: readonly MetricRow[];
}

export interface ComparisonRows {
  readonly scenarios: readonly ScenarioRows[];
  /** Footnote 1 first. */
  readonly footnotes: readonly string[];
}

/** The rows of a report, a table a scenario. */
export function comparisonRows(report: ReportDocument): ComparisonRows {
  const footnotes: string[] = [];
  const unavailable = (reason: string | undefined): string => {
    const text = reason ?? 'not measured';
    if (!footnotes.includes(text)) footnotes.push(text);
    return `n/a [${footnotes.indexOf(text) + 1}]`;
  };
  const reasonOf = (role: 'reference' | 'candidate', of: Comparison): string | undefined =>
    report.arms
      .find((arm) => arm.role === role)
      ?.metrics.find((one) => one.metric === of.metric && one.scenario === of.scenario)?.reason;

  // Where a value is missing, its own footnote explains the ratio too.
  const withoutRatio = ({ reference, candidate, reason }: Comparison): string =>
    reference === null || candidate === null ? 'n/a' : unavailable(reason);

  const rowOf = (comparison: Comparison): MetricRow => {
    const { metric, scenario, reference, candidate, ratio, ratioInterval } = comparison;
    const unit = chooseUnit(comparison.unit, [reference, candidate]);
    const control = report.controls.find(
      (one) => one.metric === metric && one.scenario === scenario,
    );
    return {
      metric,
      unit: unit.label,
      reference:
        reference === null
          ? unavailable(reasonOf('reference', comparison))
          : formatIn(unit, reference),
      candidate:
        candidate === null
          ? unavailable(reasonOf('candidate', comparison))
          : formatIn(unit, candidate),
      ratio: ratio === null ? withoutRatio(comparison) : formatRatio(ratio),
      interval:
        ratio === null || ratioInterval === null ? '' : formatRatioInterval(ratio, ratioInterval),
      twin: control === undefined || control.ratio === null ? 'n/a' : formatRatio(control.ratio),
      verdict: comparison.verdict,
    };
  };
  const scenarios = [...Map.groupBy(report.comparisons, (one) => one.scenario)].map(
    ([scenario, comparisons]) => ({ scenario, rows: comparisons.map(rowOf) }),
  );
  return { scenarios, footnotes };
}
