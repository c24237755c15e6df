/** The report document as JSON text: what `--json` prints and `report.json` holds. */
import type { ReportDocument } from '../model/report.ts';

/** Indented, so that two reports can be compared line by line; ends with a line feed. */
export function renderJson(report: ReportDocument): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}
