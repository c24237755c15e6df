/** A finished comparison as its command prints it: the document, or the table for people. */
import { relative } from 'node:path';
import { renderJson } from '../report/json.ts';
import { renderTerminal } from '../report/terminal.ts';
import type { FinishedComparison } from './comparison-run.ts';
import { wantsColor } from './shell.ts';

const DEFAULT_COLUMNS = 80;

/** The text for standard output. */
export function renderFinished(
  { report, folder }: FinishedComparison,
  options: { readonly json?: boolean; readonly color: boolean },
): string {
  if (options.json === true) return renderJson(report);
  return renderTerminal(report, {
    color: wantsColor(process.stdout, options.color),
    width: process.stdout.columns ?? DEFAULT_COLUMNS,
    folder: relative(process.cwd(), folder),
  });
}
