/** Every comparison of a report with the candidate that it is of: the rows of formats for machines. */
import type { Comparison, ReportDocument } from '../model/report.ts';
import { formatPercent, formatRatioWithInterval } from './number.ts';

export interface CandidateComparison {
  /** The candidate's name, told apart from others of the same name by its arm's id. */
  readonly candidate: string;
  readonly arm: string;
  readonly comparison: Comparison;
}

/** In the order of the report; of a ranking, candidate by candidate. */
export function candidateComparisons(report: ReportDocument): readonly CandidateComparison[] {
  const nameOf = (id: string): string => report.arms.find((arm) => arm.id === id)?.name ?? id;
  const of = (arm: string, comparisons: readonly Comparison[]): CandidateComparison[] =>
    comparisons.map((comparison) => ({ candidate: nameOf(arm), arm, comparison }));
  const candidate = report.arms.find(({ role }) => role === 'candidate')?.id ?? 'candidate';
  return report.ranking === undefined
    ? of(candidate, report.comparisons)
    : report.ranking.against.flatMap(({ arm, comparisons }) => of(arm, comparisons));
}

/** `regressed: 1.07x (1.05 to 1.09), 5 % is let pass`. */
export function judgedText({
  verdict,
  ratio,
  ratioInterval,
  threshold,
  reason,
}: Comparison): string {
  const figure =
    ratio === null ? (reason ?? 'not measured') : formatRatioWithInterval(ratio, ratioInterval);
  const bar = threshold === null ? '' : `, ${formatPercent(threshold)} is let pass`;
  return `${verdict ?? 'not judged'}: ${figure}${bar}`;
}
