/** A report as CSV (RFC 4180): a header, then a row a metric and candidate. Figures are not rounded. */
import type { ReportDocument } from '../model/report.ts';
import { candidateComparisons } from './judged-rows.ts';

const COLUMNS = [
  'scenario',
  'candidate',
  'metric',
  'unit',
  'better',
  'reference_value',
  'candidate_value',
  'ratio',
  'ratio_low',
  'ratio_high',
  'level',
  'threshold',
  'minimum_effect',
  'verdict',
] as const;

/** The whole file; lines end in CR LF, and what is not there is empty. */
export function renderCsv(report: ReportDocument): string {
  const rows = candidateComparisons(report).map(({ candidate, comparison }) => [
    comparison.scenario,
    candidate,
    comparison.metric,
    comparison.unit,
    comparison.better,
    comparison.reference,
    comparison.candidate,
    comparison.ratio,
    comparison.ratioInterval?.[0] ?? null,
    comparison.ratioInterval?.[1] ?? null,
    comparison.level,
    comparison.threshold,
    comparison.minimumEffect,
    comparison.verdict,
  ]);
  return [COLUMNS, ...rows].map((row) => `${row.map(fieldOf).join(',')}\r\n`).join('');
}

function fieldOf(value: string | number | null): string {
  if (value === null) return '';
  // A text that a spreadsheet would take for a formula is none.
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : `${value}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
