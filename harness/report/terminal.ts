/**
 * The report for a terminal of 80 columns or more, read from top to bottom: what ran, the table,
 * what was judged, what to doubt, and the verdict last, where the eye is when the command ends.
 * Returns text; printing it, and knowing whether colour is wanted, is the command line's.
 */
import type { ArmReport, Comparison, Ranking, ReportDocument, Verdict } from '../model/report.ts';
import { describeCalibration } from './calibration-line.ts';
import { componentTables, isComponentReport } from './component-table.ts';
import { fewOfAKind } from './few-of-a-kind.ts';
import { foldDoubts } from './fold-doubts.ts';
import { growthLines } from './growth-table.ts';
import { type Cell, type Column, layoutTable, wrap } from './layout.ts';
import { formatCount, formatDuration, formatPercent, formatQuantity } from './number.ts';
import { describeTwin, rankingSections } from './ranking-terminal.ts';
import { comparisonRows, type ScenarioRows } from './rows.ts';
import { contestants, verdictSentence } from './sentence.ts';
import { createPaint, type Paint, type Style } from './style.ts';
import { targetLines } from './target-table.ts';
import { VERDICT_MARKS } from './verdict-mark.ts';

export interface TerminalOptions {
  readonly color: boolean;
  /** Columns; at least 80 are used. */
  readonly width: number;
  /** The report folder as people can open it; left out if it was not written. */
  readonly folder?: string;
}

interface Canvas {
  readonly width: number;
  readonly paint: Paint;
}

const LEFT: Column = { align: 'left' };
const RIGHT: Column = { align: 'right' };

/** The whole report, lines ended by line feeds. */
export function renderTerminal(report: ReportDocument, options: TerminalOptions): string {
  const canvas = { width: Math.max(80, options.width), paint: createPaint(options.color) };
  const { ranking } = report;
  const sections = [
    heading(report, canvas),
    whatRan(report, canvas),
    ...(ranking === undefined
      ? figuresOfTwo(report, canvas)
      : rankingSections(report, ranking, canvas)),
    targetLines(report.targets, canvas),
    doubts(report, canvas),
    options.folder === undefined ? [] : [`  ${canvas.paint('dim', 'Report')}  ${options.folder}`],
    closing(report, canvas),
  ];
  const text = sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${text.join('\n\n')}\n`;
}

/** Candidate against reference. */
function figuresOfTwo(report: ReportDocument, canvas: Canvas): string[][] {
  const table = comparisonRows(report);
  const components = isComponentReport(report);
  return [
    ...(components
      ? [componentTables(report, canvas)]
      : table.scenarios.map((scenario) => comparisonTable(report, scenario, canvas))),
    table.footnotes.flatMap((note, index) => wrap(note, canvas.width, `  [${index + 1}] `)),
    components ? [] : judgedTable(report, canvas),
    report.attribution === undefined ? [] : growthLines(report.attribution, canvas),
  ];
}

function heading(report: ReportDocument, { paint }: Canvas): string[] {
  const { rounds, durationMs, seed } = report.run;
  const about = `${formatCount(rounds, 'round')} in ${formatDuration(durationMs)}, seed ${seed}`;
  return [`${paint('bold', contestants(report))}  ${paint('dim', about)}`];
}

function whatRan(report: ReportDocument, { paint, width }: Canvas): string[] {
  const { policy, environment, ranking } = report;
  const facts: [string, string][] = [
    ...report.arms.filter((arm) => !isPolicyRow(arm, ranking)).flatMap((arm) => describeArm(arm)),
    ...(ranking === undefined ? [] : factsOfRanking(report, ranking)),
    ['policy', describePolicy(policy)],
    ...(isComponentReport(report) ? [] : report.scenarios).map(
      ({ name, title }): [string, string] => ['scenario', `${name}: ${title}`],
    ),
    ['machine', describeMachine(environment)],
    ['noise', describeCalibration(report.calibration)],
  ];
  const label = Math.max(...facts.map(([name]) => name.length));
  return facts.flatMap(([name, text]) => {
    const [first = '', ...rest] = wrap(text, width, ' '.repeat(label + 4));
    return [`  ${paint('dim', name.padEnd(label))}  ${first.trimStart()}`, ...rest];
  });
}

/** The same implementation once more: its row tells it apart. */
function isPolicyRow({ id, role }: ArmReport, ranking: ReportDocument['ranking']): boolean {
  return role === 'candidate' && (ranking?.unranked.some(({ arm }) => arm === id) ?? false);
}

function factsOfRanking(report: ReportDocument, ranking: Ranking): [string, string][] {
  return [
    ['twin', describeTwin(report, ranking)],
    ['tier', `${ranking.tier}, the highest that all of them have passed`],
  ];
}

function describePolicy({ file, rules }: ReportDocument['policy']): string {
  return rules === 0 ? file : `${file}, ${formatCount(rules, 'rule')}, the same for every proxy`;
}

/** Contestants with their conformance; origin and floor with what they cost by themselves. */
function describeArm(arm: ArmReport): [string, string][] {
  if (arm.role === 'twin') return [];
  if (arm.role === 'direct' || arm.role === 'floor') {
    const costs = (['hop-p50', 'loaded-request-time'] as const).flatMap((metric) => {
      const own = arm.metrics.find((one) => one.metric === metric);
      const value = own?.value ?? null;
      return own === undefined || value === null
        ? []
        : [`${metric} ${formatQuantity(own.unit, value)}`];
    });
    const what = arm.role === 'direct' ? 'no proxy' : `${arm.name}, never ranked`;
    return [[arm.role, `${what}: ${costs.join(', ') || 'n/a'}`]];
  }
  const version = arm.version === null ? '' : ` ${arm.version}`;
  return [[arm.role, `${arm.name}${version}; ${describeConformance(arm)}`]];
}

/** `policy tier: 40 passed, 2 skipped (fast subset)`. */
export function describeConformance({
  tier,
  conformance,
}: Pick<ArmReport, 'tier' | 'conformance'>): string {
  if (conformance === null) return 'conformance not checked';
  const { passed, failed, skipped, scope } = conformance;
  const counts = [
    `${passed} passed`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(skipped.length > 0 ? [`${skipped.length} skipped`] : []),
  ];
  const subset = scope === 'fast' ? ' (fast subset)' : '';
  return `${tier === null ? 'no tier' : `${tier} tier`}: ${counts.join(', ')}${subset}`;
}

function describeMachine(environment: ReportDocument['environment']): string {
  const { cpuModel, cpuCount, os, node, stealFraction } = environment;
  const steal = stealFraction === null ? 'n/a' : formatPercent(stealFraction);
  return `${formatCount(cpuCount, 'CPU')} ${cpuModel}, ${os}, Node ${node}, stolen time ${steal}`;
}

/** Names as headings where they fit and differ; otherwise the roles, which stand above. */
function headings(report: ReportDocument): { reference: string; candidate: string } {
  const name = (role: string): string => report.arms.find((arm) => arm.role === role)?.name ?? role;
  const [reference, candidate] = [name('reference'), name('candidate')];
  const fit = Math.max(reference.length, candidate.length) <= 'reference'.length;
  return fit && reference !== candidate
    ? { reference, candidate }
    : { reference: 'reference', candidate: 'candidate' };
}

function comparisonTable(
  report: ReportDocument,
  { scenario, rows }: ScenarioRows,
  { width, paint }: Canvas,
): string[] {
  const { reference, candidate } = headings(report);
  const level = report.comparisons[0]?.level ?? 0;
  const title = report.scenarios.length > 1 ? scenario : 'metric';
  const head = [
    `  ${title}`,
    '',
    reference,
    candidate,
    'ratio',
    `(${formatPercent(level)} interval)`,
    'twin',
  ];
  const cells = rows.map((row): Cell[] => {
    const { mark, style } = row.verdict === null ? UNJUDGED : VERDICT_MARKS[row.verdict];
    return [
      { text: `${mark} ${row.metric}`, style },
      { text: row.unit, style: 'dim' },
      { text: row.reference },
      { text: row.candidate },
      { text: row.ratio, style },
      { text: row.interval, style },
      { text: row.twin, style: 'dim' },
    ];
  });
  return layoutTable(
    [LEFT, LEFT, RIGHT, RIGHT, RIGHT, LEFT, RIGHT],
    [head.map((text): Cell => ({ text, style: 'dim' })), ...cells],
    { width, paint },
  );
}

const UNJUDGED: { readonly mark: string; readonly style: Style } = { mark: ' ', style: 'plain' };

/** The metrics that decide, with what counts as a change and what this run could have seen. */
function judgedTable(report: ReportDocument, { width, paint }: Canvas): string[] {
  const judged = report.comparisons.filter((one) => one.verdict !== null);
  if (judged.length === 0) return [];
  const several = report.scenarios.length > 1;
  const share = (fraction: number | null): string =>
    fraction === null ? 'n/a' : formatPercent(fraction);
  const head = ['  judged', 'verdict', 'counts from', 'noise', 'detectable'];
  const rowOf = (one: Comparison & { verdict: Verdict }): Cell[] => [
    { text: `  ${one.metric}${several ? ` ${one.scenario}` : ''}` },
    {
      text: `${VERDICT_MARKS[one.verdict].mark} ${one.verdict}`,
      style: VERDICT_MARKS[one.verdict].style,
    },
    { text: share(one.minimumEffect) },
    { text: share(one.noiseFloor) },
    { text: share(one.detectable) },
  ];
  const rows = judged.flatMap((one) =>
    one.verdict === null ? [] : [rowOf({ ...one, verdict: one.verdict })],
  );
  const table = layoutTable(
    [LEFT, LEFT, RIGHT, RIGHT, RIGHT],
    [head.map((text): Cell => ({ text, style: 'dim' })), ...rows],
    { width, paint },
  );
  return [...table, ...wrap(LEGEND, width, '  ').map((line) => paint('dim', line))];
}

const LEGEND = 'counts from: threshold or noise; detectable: would be called in 4 of 5 runs';

function doubts(report: ReportDocument, { width, paint }: Canvas): string[] {
  const { warnings, discarded } = report.validity;
  const cycles = report.rounds.reduce((sum, round) => sum + round.signals.cycles, 0);
  const leftOut =
    discarded === 0
      ? []
      : wrap(
          `${discarded} of ${formatCount(cycles + discarded, 'cycle')} left out for disturbances that hit all arms alike`,
          width,
          '  ',
        ).map((line) => paint('dim', line));
  const messages =
    report.ranking === undefined ? fewOfAKind(warnings) : foldDoubts(warnings, report.arms);
  return [
    ...messages.flatMap((message) =>
      wrap(message, width, '! ').map((line) => paint('yellow', line)),
    ),
    ...leftOut,
  ];
}

function closing(report: ReportDocument, { width, paint }: Canvas): string[] {
  const { mark, style } = VERDICT_MARKS[markedAs(report)];
  return wrap(verdictSentence(report), width, `${mark} `).map((line) =>
    paint(style === 'plain' ? 'bold' : style, line),
  );
}

/** A ranking that nothing judges is well if it is whole and every proxy is in it. */
function markedAs({ ranking, validity, verdict }: ReportDocument): Verdict {
  if (ranking === undefined) return verdict;
  if (ranking.leftOut.length > 0) return 'regressed';
  if (!validity.valid || !validity.complete) return 'inconclusive';
  return ranking.judged ? verdict : 'improved';
}
