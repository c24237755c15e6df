/** `hopmark report FOLDER`: a report that was written, printed again, or seen again as it came about. */
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { parseRecording, type RecordedEvent } from '../dashboard/recording.ts';
import { HopmarkError } from '../model/error.ts';
import type { MetricName } from '../model/metric.ts';
import {
  FORMATS,
  type Format,
  parseAnyReport,
  renderAs,
  renderText,
} from '../report/any-report.ts';
import { metricNamed, reportHistory } from './history-report.ts';
import { RECORDING_FILE, watchRun } from './run-watch.ts';
import { type Shell, wantsColor } from './shell.ts';

interface ReportOptions {
  readonly as: 'text' | 'json' | Format;
  readonly json?: boolean;
  readonly replay?: boolean;
  readonly history?: boolean;
  readonly metric?: readonly MetricName[];
  readonly reports: string;
  readonly speed: number;
  readonly quiet?: boolean;
  readonly color: boolean;
}

const HELP = `
Examples:
  $ hopmark report                                     the newest
  $ hopmark report reports/2026-11-27T10-00-00-000Z-baseline-optimized
  $ hopmark report reports/RUN --as markdown > comment.md
  $ hopmark report reports/RUN --as junit > junit.xml
  $ hopmark report reports/RUN --as annotations        in a GitHub workflow
  $ hopmark report reports/RUN --replay --speed 20     the run as its dashboard showed it
  $ hopmark report --history                           all runs: what changed, and with which
  $ hopmark report --history --as html > history.html  with a chart for each figure

Exit codes: 0 printed, whatever its verdict; 2 it is not there, or no report; 130, 143 interrupted.`;

const DEFAULT_COLUMNS = 80;
const REPORT_FILE = 'report.json';
const MOST_SPEED = 10_000;

/** The command. */
export function reportCommand(shell: Shell): Command {
  return new Command('report')
    .description('print a report that was written, or show its run again')
    .argument('[folder]', 'the folder of a run, or its report.json (default: the newest)')
    .addOption(
      new Option('--as <format>', 'how it is printed')
        .choices(['text', 'json', ...FORMATS])
        .default('text'),
    )
    .option('--reports <folder>', 'where the newest, and the history, are looked for', 'reports')
    .option('--json', 'as --as json')
    .option('--replay', 'show the run first, as it was seen')
    .addOption(
      new Option(
        '--history',
        'all runs of the folder of reports: what changed its level, and when',
      ).conflicts('replay'),
    )
    .option(
      '--metric <name>',
      'of a history: this metric; may be given again (default: those judged, memory, cache hits)',
      addMetric,
    )
    .option('--speed <factor>', 'how many times as fast as it was', parseSpeed, 10)
    .option('--no-dashboard', 'replay in lines on a terminal too')
    .option('-q, --quiet', 'no replay')
    .addHelpText('after', HELP)
    .action(async (folder: string | undefined, options: ReportOptions) => {
      if (options.history !== true && options.metric !== undefined) {
        throw new HopmarkError('user', 'usage', '--metric is of a history', {
          remedy: 'Add --history: a report has all its metrics.',
        });
      }
      if (options.history === true) await history(shell, folder, options);
      else await report(shell, folder ?? (await newest(options.reports)), options);
    });
}

async function report(shell: Shell, given: string, options: ReportOptions): Promise<void> {
  const path = await fileOf(given);
  const document = await read(path, 'It is the folder that a run named.');
  const any = parseAnyReport(document, path);
  if (options.replay === true) {
    const recording = join(path, '..', RECORDING_FILE);
    const text = await read(recording, 'Reports of older versions cannot be replayed.');
    await replay(shell, parseRecording(text, recording), options);
  }
  const format = options.json === true ? 'json' : options.as;
  // The document is printed as it was written, to the byte.
  if (format === 'json') shell.out(document);
  else if (format !== 'text') shell.out(renderAs(any, format));
  else
    shell.out(
      renderText(any, {
        color: wantsColor(process.stdout, options.color),
        width: process.stdout.columns ?? DEFAULT_COLUMNS,
        folder: relative(process.cwd(), join(path, '..')),
      }),
    );
}

function history(shell: Shell, folder: string | undefined, options: ReportOptions): Promise<void> {
  const as = options.json === true ? 'json' : options.as;
  return reportHistory(shell, { ...options, as, reports: folder ?? options.reports });
}

async function replay(
  shell: Shell,
  events: readonly RecordedEvent[],
  { speed, quiet }: ReportOptions,
): Promise<void> {
  const watch = await watchRun(shell, { quiet });
  const begunMs = performance.now();
  try {
    for (const { atMs, event } of events) {
      // A pause is seen again, and waited for no longer than it was.
      const dueMs = begunMs + watch.pausedMs() + atMs / speed;
      await setTimeout(Math.max(0, dueMs - performance.now()), undefined, { signal: shell.signal });
      await watch.tell(event);
      if (event.type === 'round') await watch.whenGoingOn();
    }
  } catch (error) {
    // Who stops a replay wants to see the report.
    if (!shell.signal.aborted) throw error;
  } finally {
    await watch.end();
  }
}

/** The folder of the run that began last: their names begin with the moment. */
async function newest(reports: string): Promise<string> {
  const names = await readdir(reports).catch(() => []);
  const run = names
    .filter((name) => existsSync(join(reports, name, REPORT_FILE)))
    .sort()
    .at(-1);
  if (run !== undefined) return join(reports, run);
  throw new HopmarkError('user', 'no-report', `there is no report in ${reports}`, {
    remedy: 'Name the folder of a run, or its parent with --reports.',
  });
}

async function fileOf(given: string): Promise<string> {
  const isFolder = await stat(given).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isFolder ? join(given, REPORT_FILE) : given;
}

async function read(path: string, remedy: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const message = `cannot read ${path}: ${(cause as Error).message}`;
    throw new HopmarkError('user', 'report-unreadable', message, { cause, remedy });
  }
}

function addMetric(text: string, before: readonly MetricName[] = []): readonly MetricName[] {
  return [...before, metricNamed(text)];
}

function parseSpeed(text: string): number {
  const speed = Number(text);
  if (speed > 0 && speed <= MOST_SPEED) return speed;
  throw new InvalidArgumentError(`It is a number above 0 and up to ${MOST_SPEED}.`);
}
