/** `hopmark report --history`: what the runs of a folder show together. */
import { join, relative } from 'node:path';
import { HopmarkError } from '../model/error.ts';
import type { History, HistoryEntry } from '../model/history.ts';
import { METRIC_NAMES, type MetricName, metricDefinition } from '../model/metric.ts';
import { renderHistoryPage } from '../report/history-page.ts';
import { renderHistoryMarkdown, renderHistoryText } from '../report/history-text.ts';
import { HISTORY_FILE, readHistory } from '../store/history-file.ts';
import { analyseHistory } from '../verdict/history.ts';
import { type Shell, wantsColor } from './shell.ts';

/** What is wanted of a history. */
export interface HistoryOptions {
  readonly as: string;
  /** Default: the primary metrics, memory and cache hits. */
  readonly metric?: readonly MetricName[];
  readonly reports: string;
  readonly color: boolean;
}

const DEFAULT_COLUMNS = 80;
const BESIDE_PRIMARY: readonly MetricName[] = [
  'memory-rss',
  'cache-hit-rate',
  'latency-p50',
  'latency-p99',
];

/** Prints a folder's history. Rejects with a HopmarkError where there is none. */
export async function reportHistory(shell: Shell, options: HistoryOptions): Promise<void> {
  const { entries, unreadable } = await readHistory(options.reports);
  const file = relative(process.cwd(), join(options.reports, HISTORY_FILE));
  if (unreadable.length > 0) {
    shell.err(`hopmark: ${file}: no entries, and left out: line ${unreadable.join(', ')}.\n`);
  }
  shell.out(rendered(analyse(entries, options), options, file));
}

function analyse(entries: readonly HistoryEntry[], { metric }: HistoryOptions): History {
  const wants = (name: MetricName): boolean =>
    metric === undefined
      ? metricDefinition(name).primary || BESIDE_PRIMARY.includes(name)
      : metric.includes(name);
  return analyseHistory(entries, { wants });
}

function rendered(history: History, { as, color }: HistoryOptions, file: string): string {
  switch (as) {
    case 'text':
      return renderHistoryText(history, {
        file,
        color: wantsColor(process.stdout, color),
        width: process.stdout.columns ?? DEFAULT_COLUMNS,
      });
    case 'json':
      return `${JSON.stringify(history, null, 2)}\n`;
    case 'markdown':
      return renderHistoryMarkdown(history);
    case 'html':
      return renderHistoryPage(history);
    default:
      throw new HopmarkError('user', 'format-unfit', `no history is written as ${as}`, {
        remedy: 'Print it as text, markdown, html or json.',
      });
  }
}

/** A metric's name as given; throws a user's HopmarkError, `unknown-metric`. */
export function metricNamed(text: string): MetricName {
  const found = METRIC_NAMES.find((name) => name === text);
  if (found !== undefined) return found;
  throw new HopmarkError('user', 'unknown-metric', `there is no metric ${text}`, {
    remedy: `Metrics: ${METRIC_NAMES.join(', ')}.`,
  });
}
