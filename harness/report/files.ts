/** What a report folder holds: the document, and its renderings for people. Writes nothing. */
import type { ReportDocument } from '../model/report.ts';
import { renderJson } from './json.ts';
import { renderMarkdown } from './markdown.ts';
import { renderPage } from './page.ts';
import { renderTerminal } from './terminal.ts';

const TEXT_COLUMNS = 100;

/** The files by name, each complete. */
export function reportFiles(report: ReportDocument): Readonly<Record<string, string>> {
  return {
    'report.json': renderJson(report),
    'report.md': renderMarkdown(report),
    'index.html': renderPage(report),
    'report.txt': renderTerminal(report, { color: false, width: TEXT_COLUMNS }),
  };
}
