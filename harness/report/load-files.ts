/** What the folder of a load report holds. Writes nothing. */
import type { AnyLoadReport, LoadVerdict } from '../model/load-report.ts';
import { renderLoadPage } from './load-page.ts';
import { loadVerdictSentence } from './load-sentence.ts';
import { renderLoadText } from './load-text.ts';

const TEXT_COLUMNS = 100;
const MARKS: Readonly<Record<LoadVerdict, string>> = {
  met: '✅',
  missed: '❌',
  measured: '🟰',
  inconclusive: '❔',
};

/** The document as text: what `--json` prints. */
export function renderLoadJson(report: AnyLoadReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** The text under its verdict. */
export function renderLoadMarkdown(report: AnyLoadReport): string {
  return underVerdict(report, plainText(report));
}

function plainText(report: AnyLoadReport): string {
  return renderLoadText(report, { color: false, width: TEXT_COLUMNS });
}

function underVerdict(report: AnyLoadReport, text: string): string {
  const sentence = `## ${MARKS[report.verdict]} ${loadVerdictSentence(report)}`;
  return `${sentence}\n\n\`\`\`text\n${text}\`\`\`\n`;
}

/**
 * The files by name. `percentileText` is HdrHistogram's own distribution of the proxy's latencies,
 * which its plotters read; null where there is none.
 */
export function loadReportFiles(
  report: AnyLoadReport,
  percentileText: string | null,
): Readonly<Record<string, string>> {
  const text = plainText(report);
  return {
    'report.json': renderLoadJson(report),
    'report.md': underVerdict(report, text),
    'index.html': renderLoadPage(report),
    'report.txt': text,
    ...(percentileText === null ? {} : { 'latency.hgrm': percentileText }),
    ...(report.kind === 'sweep' ? { 'sweep.csv': sweepCsv(report) } : {}),
  };
}

function sweepCsv({ steps }: Extract<AnyLoadReport, { kind: 'sweep' }>): string {
  const rows = steps.map(({ ratePerSecond, figures, p50Us, p99Us, held }) =>
    [
      ratePerSecond,
      figures.achievedPerSecond.toFixed(1),
      p50Us?.toFixed(1) ?? '',
      p99Us?.toFixed(1) ?? '',
      figures.lag.p99Us.toFixed(1),
      held ? 1 : 0,
    ].join(','),
  );
  return `rate_per_second,answers_per_second,p50_us,p99_us,lag_p99_us,held\n${rows.join('\n')}\n`;
}
