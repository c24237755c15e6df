/**
 * Saved baselines for a terminal: one implementation's figures, and a run held against a saved one.
 * Returns text; nothing is computed beyond the scaling of units.
 */
import type { ArmReport, ReportDocument } from '../model/report.ts';
import type { AgainstBaseline, BaselineComparison } from '../verdict/against-baseline.ts';
import { componentTables, figureName, isComponentReport } from './component-table.ts';
import { type Cell, type Column, layoutTable, wrap } from './layout.ts';
import {
  chooseUnit,
  formatCount,
  formatIn,
  formatList,
  formatPercent,
  formatRatio,
  formatRatioInterval,
} from './number.ts';
import { createPaint, type Style } from './style.ts';
import { VERDICT_MARKS } from './verdict-mark.ts';

/** How text is laid out. */
export interface TableOptions {
  readonly color: boolean;
  /** Columns; at least 80 are used. */
  readonly width: number;
}

const LEFT: Column = { align: 'left' };
const RIGHT: Column = { align: 'right' };

/** What one implementation costs: each figure with its interval, and as a ratio to the reference. */
export function renderFigures(report: ReportDocument, options: TableOptions): string {
  const paint = createPaint(options.color);
  const candidate = armOf(report, 'candidate');
  const reference = armOf(report, 'reference');
  const rows = (candidate?.metrics ?? []).map(({ scenario, metric, unit, value, interval }) => {
    const shown = chooseUnit(unit, [value]);
    const ratio = report.comparisons.find(
      (one) => one.metric === metric && one.scenario === scenario,
    )?.ratio;
    return [
      cell(`  ${metric}`),
      cell(shown.label, 'dim'),
      cell(value === null ? 'n/a' : formatIn(shown, value)),
      cell(
        interval === null ? '' : `(${interval.map((end) => formatIn(shown, end)).join(' to ')})`,
      ),
      cell(typeof ratio === 'number' ? formatRatio(ratio) : 'n/a', 'dim'),
    ];
  });
  const head = ['  metric', '', candidate?.name ?? '', '(95 % interval)', `of ${reference?.name}`];
  const layout = { width: Math.max(80, options.width), paint };
  const table = isComponentReport(report)
    ? componentTables(report, layout)
    : layoutTable(
        [LEFT, LEFT, RIGHT, LEFT, RIGHT],
        [head.map((text) => cell(text, 'dim')), ...rows],
        layout,
      );
  const { rounds, scenarios, run } = { ...report, rounds: report.run.rounds };
  const names = formatList([...new Set(scenarios.map(({ name }) => name.split('/')[0] ?? name))]);
  const about = `${names}, ${formatCount(rounds, 'round')}, seed ${run.seed}`;
  return lines([`${paint('bold', candidate?.name ?? '')}  ${paint('dim', about)}`, '', ...table]);
}

/** A run against a saved one: the table, what to doubt, and the verdict last. */
export function renderAgainst(
  against: AgainstBaseline,
  names: { readonly current: string; readonly saved: string },
  options: TableOptions,
): string {
  const width = Math.max(80, options.width);
  const paint = createPaint(options.color);
  const head = ['  metric', '', 'saved', 'now', 'change', '(95 % interval)', 'limit'];
  const table = layoutTable(
    [LEFT, LEFT, RIGHT, RIGHT, RIGHT, LEFT, RIGHT],
    [head.map((text) => cell(text, 'dim')), ...against.comparisons.map(rowOf)],
    { width, paint },
  );
  const doubts = against.warnings.flatMap(({ message }) =>
    wrap(message, width, '! ').map((line) => paint('yellow', line)),
  );
  const ratios = against.comparisons.some(({ basis }) => basis === 'ratio')
    ? wrap(
        `x ref: relative to ${against.commonReference}, which was measured beside it both times`,
        width,
        '  ',
      ).map((line) => paint('dim', line))
    : [];
  const { mark, style } = VERDICT_MARKS[against.verdict];
  const verdict = wrap(againstSentence(against, names), width, `${mark} `).map((line) =>
    paint(style === 'plain' ? 'bold' : style, line),
  );
  return lines([
    paint('bold', `${names.current} against the baseline ${names.saved}`),
    '',
    ...table,
    ...ratios,
    '',
    ...(doubts.length === 0 ? [] : [...doubts, '']),
    ...verdict,
  ]);
}

/** `Unchanged, optimized against the baseline phase-1-complete: hop-p50 0.99x.` */
function againstSentence(
  { comparisons, verdict, valid, warnings }: AgainstBaseline,
  names: { readonly current: string; readonly saved: string },
): string {
  const deciding = comparisons.filter((one) => one.verdict === verdict);
  const shown = formatList(
    deciding.map(
      ({ scenario, metric, ratio }) =>
        `${figureName(scenario, metric)} ${ratio === null ? 'n/a' : formatRatio(ratio)}`,
    ),
  );
  const word = verdict.charAt(0).toUpperCase() + verdict.slice(1);
  const why = valid
    ? shown || 'no metric that decides could be had'
    : (warnings[0]?.message.replace(/\.$/, '') ?? 'the runs can not be compared');
  return `${word}, ${names.current} against the baseline ${names.saved}: ${why}.`;
}

function rowOf(one: BaselineComparison): Cell[] {
  const { mark, style } =
    one.verdict === null ? { mark: ' ', style: 'plain' as const } : VERDICT_MARKS[one.verdict];
  const isRatio = one.basis === 'ratio';
  const unit = chooseUnit(one.unit, [one.saved, one.current]);
  const figure = (value: number | null): string => {
    if (value === null) return 'n/a';
    return isRatio ? formatRatio(value) : formatIn(unit, value);
  };
  return [
    cell(`${mark} ${figureName(one.scenario, one.metric)}`, style),
    cell(isRatio ? 'x ref' : unit.label, 'dim'),
    cell(figure(one.saved)),
    cell(figure(one.current)),
    cell(one.ratio === null ? 'n/a' : formatRatio(one.ratio), style),
    cell(
      one.ratio === null || one.ratioInterval === null
        ? ''
        : formatRatioInterval(one.ratio, one.ratioInterval),
      style,
    ),
    cell(one.minimumEffect === null ? '' : limit(one, one.minimumEffect), 'dim'),
  ];
}

function limit({ better }: BaselineComparison, fraction: number): string {
  return `${better === 'lower' ? '+' : '-'}${formatPercent(fraction)}`;
}

function cell(text: string, style: Style = 'plain'): Cell {
  return { text, style };
}

function lines(parts: readonly string[]): string {
  return `${parts.join('\n')}\n`;
}

function armOf(report: ReportDocument, role: ArmReport['role']): ArmReport | undefined {
  return report.arms.find((arm) => arm.role === role);
}
