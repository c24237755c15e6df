/** A stored report of whatever command, and its renderings. */

import { HopmarkError } from '../model/error.ts';
import { type AnyLoadReport, LOAD_REPORT_SCHEMA_VERSION } from '../model/load-report.ts';
import type { ReportDocument } from '../model/report.ts';
import { renderAnnotations } from './annotations.ts';
import { renderCsv } from './csv.ts';
import { renderJunit } from './junit.ts';
import { renderLoadMarkdown } from './load-files.ts';
import { renderLoadPage } from './load-page.ts';
import { loadReportSchema } from './load-schema.ts';
import { renderLoadText } from './load-text.ts';
import { renderMarkdown } from './markdown.ts';
import { renderPage } from './page.ts';
import { parseDocument, parseJson } from './parse-document.ts';
import { REPORT_KIND } from './schema.ts';
import { renderTerminal, type TerminalOptions } from './terminal.ts';
import { renderActionBenchmark, renderBencher } from './tracker-json.ts';

/** A comparison, or a load. */
export type AnyReport =
  | { readonly of: 'comparison'; readonly report: ReportDocument }
  | { readonly of: 'load'; readonly report: AnyLoadReport };

/** As `parseReport` does, whichever of the two it is. */
export function parseAnyReport(text: string, path: string): AnyReport {
  const value = parseJson(text, path);
  const isLoad = typeof value === 'object' && value !== null && 'kind' in value;
  if (!isLoad) return { of: 'comparison', report: parseDocument(value, path, REPORT_KIND) };
  const kind = { schema: loadReportSchema, version: LOAD_REPORT_SCHEMA_VERSION };
  return { of: 'load', report: parseDocument(value, path, kind) };
}

/** What a report is rendered as, beside the terminal's text and the document itself. */
export type Format =
  | 'markdown'
  | 'html'
  | 'junit'
  | 'csv'
  | 'action-benchmark'
  | 'bencher'
  | 'annotations';

const OF_COMPARISONS: Readonly<Record<Format, (report: ReportDocument) => string>> = {
  markdown: renderMarkdown,
  html: renderPage,
  junit: renderJunit,
  csv: renderCsv,
  'action-benchmark': renderActionBenchmark,
  bencher: renderBencher,
  annotations: renderAnnotations,
};

const OF_LOADS: Readonly<Partial<Record<Format, (report: AnyLoadReport) => string>>> = {
  markdown: renderLoadMarkdown,
  html: renderLoadPage,
};

export const FORMATS = Object.keys(OF_COMPARISONS) as readonly Format[];

/**
 * A report in a format; markdown is as its command wrote it into the folder. Throws a user's
 * HopmarkError, `format-unfit`, where a load is asked for as what only comparisons are.
 */
export function renderAs(any: AnyReport, format: Format): string {
  if (any.of === 'comparison') return OF_COMPARISONS[format](any.report);
  const render = OF_LOADS[format];
  if (render !== undefined) return render(any.report);
  throw new HopmarkError('user', 'format-unfit', `no load report is written as ${format}`, {
    remedy:
      'Print it as text, markdown, html or json; latency.hgrm in its folder has the percentiles.',
  });
}

/** As its command printed it. */
export function renderText(any: AnyReport, options: TerminalOptions): string {
  return any.of === 'load'
    ? renderLoadText(any.report, options)
    : renderTerminal(any.report, options);
}
