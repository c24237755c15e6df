/**
 * Component scenarios for a terminal: a table a scenario, a row a case, with time and allocated
 * bytes side by side. Returns lines; nothing is computed beyond the scaling of units.
 */
import type { MetricName } from '../model/metric.ts';
import type { Comparison, ReportDocument } from '../model/report.ts';
import { type Cell, type Column, layoutTable } from './layout.ts';
import {
  chooseUnit,
  formatPercent,
  formatRatio,
  formatRatioInterval,
  formatSignificant,
} from './number.ts';
import type { Paint } from './style.ts';
import { VERDICT_MARKS } from './verdict-mark.ts';

const LEFT: Column = { align: 'left' };
const RIGHT: Column = { align: 'right' };

/** Whether a scenario's name is that of a case of a component scenario. */
export function isCase(scenario: string): boolean {
  return scenario.includes('/');
}

/** Whether a report is of component scenarios. */
export function isComponentReport({ scenarios }: Pick<ReportDocument, 'scenarios'>): boolean {
  return scenarios.length > 0 && scenarios.every(({ name }) => isCase(name));
}

/** A metric where scenarios have to be told apart: `regex-cache/cached-5 time`. */
export function figureName(scenario: string, metric: MetricName): string {
  return isCase(scenario) ? `${scenario} ${metric.replace('component-', '')}` : metric;
}

/** The tables of a component report, with an empty line between them. */
export function componentTables(
  report: ReportDocument,
  options: { readonly width: number; readonly paint: Paint },
): string[] {
  const groups = Map.groupBy(report.scenarios, ({ name }) => name.split('/')[0] ?? name);
  return [...groups].flatMap(([group, cases], index) => [
    ...(index === 0 ? [] : ['']),
    ...layoutTable(
      [LEFT, RIGHT, RIGHT, LEFT, RIGHT, LEFT, RIGHT, LEFT, RIGHT],
      [headOf(report, group), ...cases.map(({ name }) => rowOf(report, name))],
      options,
    ),
  ]);
}

function headOf(report: ReportDocument, group: string): Cell[] {
  const name = (role: string): string => report.arms.find((arm) => arm.role === role)?.name ?? role;
  const [reference, candidate] = [name('reference'), name('candidate')];
  const fit = Math.max(reference.length, candidate.length) <= 'reference'.length;
  const shown =
    fit && reference !== candidate ? [reference, candidate] : ['reference', 'candidate'];
  const level = formatPercent(report.comparisons[0]?.level ?? 0);
  const { label } = chooseUnit('us', []);
  const times = [...shown, '', 'ratio', `(${level} interval)`];
  return [`  ${group}, ${label}`, ...times, 'bytes', '', 'ratio'].map(
    (text): Cell => ({ text, style: 'dim' }),
  );
}

function rowOf(report: ReportDocument, scenario: string): Cell[] {
  const find = (metric: MetricName): Comparison | undefined =>
    report.comparisons.find((one) => one.scenario === scenario && one.metric === metric);
  const [time, bytes] = [find('component-time'), find('component-allocated')];
  return [
    { text: `  ${scenario.slice(scenario.indexOf('/') + 1)}` },
    figure(time?.reference),
    figure(time?.candidate),
    ...ratioCells(time),
    { text: intervalText(time), style: 'dim' },
    figure(bytes?.candidate),
    ...ratioCells(bytes),
  ];
}

function figure(value: number | null | undefined): Cell {
  return { text: typeof value === 'number' ? formatSignificant(value) : 'n/a' };
}

/** The verdict's mark, and the ratio. */
function ratioCells(comparison: Comparison | undefined): Cell[] {
  if (comparison === undefined || comparison.ratio === null) return [{ text: '' }, { text: 'n/a' }];
  const shown = formatRatio(comparison.ratio);
  if (comparison.verdict === null) return [{ text: '' }, { text: shown }];
  const { mark, style } = VERDICT_MARKS[comparison.verdict];
  return [
    { text: mark, style },
    { text: shown, style },
  ];
}

function intervalText(comparison: Comparison | undefined): string {
  const { ratio = null, ratioInterval = null } = comparison ?? {};
  return ratio === null || ratioInterval === null ? '' : formatRatioInterval(ratio, ratioInterval);
}
