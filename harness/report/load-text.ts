/**
 * A load report for a terminal of 80 columns or more: what ran, its tables, what to doubt, and the
 * verdict last. Returns text; printing it is the command line's.
 */
import type { AnyLoadReport, LoadVerdict, OfferedLoad } from '../model/load-report.ts';
import { wrap } from './layout.ts';
import { describeRate, loadVerdictSentence } from './load-sentence.ts';
import {
  type Canvas,
  loadTables,
  saturationTables,
  soakTables,
  sweepTables,
} from './load-tables.ts';
import { formatCount, formatDuration, formatPercent, formatQuantity } from './number.ts';
import { createPaint, type Style } from './style.ts';
import { describeConformance, type TerminalOptions } from './terminal.ts';

const VERDICTS: Readonly<Record<LoadVerdict, { readonly mark: string; readonly style: Style }>> = {
  met: { mark: '✓', style: 'green' },
  missed: { mark: '✗', style: 'red' },
  measured: { mark: '=', style: 'bold' },
  inconclusive: { mark: '?', style: 'yellow' },
};

const TITLES: Readonly<Record<AnyLoadReport['kind'], string>> = {
  load: 'under load',
  sweep: 'at rising rates',
  soak: 'for a long time',
  saturation: 'saturated',
};

/** The whole report, lines ended by line feeds. */
export function renderLoadText(report: AnyLoadReport, options: TerminalOptions): string {
  const canvas: Canvas = {
    width: Math.max(80, options.width),
    paint: createPaint(options.color),
  };
  const { durationMs, seed } = report.run;
  const title = `${report.implementation.name} ${TITLES[report.kind]}`;
  const about = `${formatDuration(durationMs)}, seed ${seed}`;
  const sections = [
    [`${canvas.paint('bold', title)}  ${canvas.paint('dim', about)}`],
    whatRan(report, canvas),
    ...tablesOf(report, canvas),
    notes(report, canvas),
    report.validity.warnings.flatMap(({ message }) =>
      wrap(message, canvas.width, '! ').map((line) => canvas.paint('yellow', line)),
    ),
    options.folder === undefined ? [] : [`  ${canvas.paint('dim', 'Report')}  ${options.folder}`],
    closing(report, canvas),
  ];
  const text = sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${text.join('\n\n')}\n`;
}

function tablesOf(report: AnyLoadReport, canvas: Canvas): string[][] {
  switch (report.kind) {
    case 'load':
      return loadTables(report, canvas);
    case 'sweep':
      return sweepTables(report, canvas);
    case 'soak':
      return soakTables(report, canvas);
    case 'saturation':
      return saturationTables(report, canvas);
  }
}

function whatRan(report: AnyLoadReport, { width, paint }: Canvas): string[] {
  const { implementation, policy, scenario, environment } = report;
  const { cpuCount, cpuModel, os, node, stealFraction } = environment;
  const version = implementation.version === null ? '' : ` ${implementation.version}`;
  const facts: [string, string][] = [
    ['proxy', `${implementation.name}${version}; ${describeConformance(implementation)}`],
    ['policy', policy.rules === 0 ? policy.file : `${policy.file}, ${policy.rules} rules`],
    ['scenario', `${scenario.name}: ${scenario.title}`],
    ['load', describeLoad(report)],
    [
      'machine',
      `${formatCount(cpuCount, 'CPU')} ${cpuModel}, ${os}, Node ${node}, stolen time ${stealFraction === null ? 'n/a' : formatPercent(stealFraction)}`,
    ],
  ];
  return facts.flatMap(([name, text]) => {
    const [first = '', ...rest] = wrap(text, width, ' '.repeat(12));
    return [`  ${paint('dim', name.padEnd(8))}  ${first.trimStart()}`, ...rest];
  });
}

/** How requests were sent, in a sentence. */
export function describeLoad(report: AnyLoadReport): string {
  switch (report.kind) {
    case 'load':
      return describeOffered(report.load);
    case 'soak':
      return `${describeOffered(report.load)}; at most ${formatQuantity('bytes', report.maxMemoryBytes)} beyond the ${formatQuantity('bytes', report.memory.idleRssBytes)} resident before the first request`;
    case 'sweep':
      return `${report.connections} connections, ${report.arrivals} arrivals; capacity ${describeRate(report.capacityPerSecond)}, measured first by a closed loop`;
    case 'saturation':
      return 'a closed loop by autocannon: every connection has a request under way';
  }
}

function describeOffered(load: OfferedLoad): string {
  const { connections, arrivals, ratePerSecond, rateFrom, capacityPerSecond } = load;
  const from =
    rateFrom === 'given' || capacityPerSecond === null
      ? ''
      : `, half of the capacity of ${describeRate(capacityPerSecond)}`;
  return `${describeRate(ratePerSecond)} on ${connections} connections, ${arrivals} arrivals${from}`;
}

/** What a reader has to know to read the tables. */
function notes(report: AnyLoadReport, { width, paint }: Canvas): string[] {
  const text = noteOf(report);
  return text === '' ? [] : wrap(text, width, '  ').map((line) => paint('dim', line));
}

function noteOf(report: AnyLoadReport): string {
  switch (report.kind) {
    case 'load':
    case 'soak':
      return 'waited: found every connection in use; release lag: what the driver itself was late by, which latency includes; others: what other processes took of this machine';
    case 'sweep':
      return report.knee === null
        ? 'held: all was answered, and at most 1 % of the requests waited for a connection'
        : `>: the knee, the highest rate held with a p99 of at most ${formatQuantity('us', report.knee.limitP99Us)}, twice that of low rates; late: not held, but the driver itself was late`;
    case 'saturation':
      return 'service times of a closed loop, in whole milliseconds: a server that stalls is asked less, so they are no latencies at a rate, and are not judged';
  }
}

function closing(report: AnyLoadReport, { width, paint }: Canvas): string[] {
  const { mark, style } = VERDICTS[report.verdict];
  return wrap(loadVerdictSentence(report), width, `${mark} `).map((line) => paint(style, line));
}
