/** A history for people on a terminal and in Markdown: its series, and where they changed. */
import type { History, HistoryChange, HistoryPoint, HistorySeries } from '../model/history.ts';
import { figureName } from './component-table.ts';
import { type Cell, type Column, layoutTable, wrap } from './layout.ts';
import { escapeMarkup, tableOf } from './markdown-table.ts';
import { boundsOf, sparkline } from './marks.ts';
import { formatCount, formatPercent, formatQuantity, formatRatio } from './number.ts';
import { createPaint } from './style.ts';
import type { TerminalOptions } from './terminal.ts';
import { VERDICT_MARKS } from './verdict-mark.ts';

const LEFT: Column = { align: 'left' };
const RIGHT: Column = { align: 'right' };
const SPARKS = 24;
const MOST_SUSPECTS = 3;
const COMMIT_DIGITS = 10;

/** The history as text. `file` is where it is kept. */
export function renderHistoryText(
  history: History,
  { color, width, file }: Omit<TerminalOptions, 'folder'> & { readonly file: string },
): string {
  const paint = createPaint(color);
  const lines = [...wrap(historySentence(history), width, `  ${file}  `), ''];
  for (const series of groupsOf(history)) {
    const [first] = series;
    if (first === undefined) continue;
    const rows = series.map((one): Cell[] => {
      const { points } = one;
      const values = points.map(({ value }) => value);
      return [
        { text: `  ${seriesName(one)}` },
        { text: String(points.length) },
        { text: figure(one, values[0]) },
        { text: figure(one, values.at(-1)) },
        // One point is no line.
        {
          text: values.length < 2 ? '' : sparkline(values, SPARKS, boundsOf(values)),
          style: 'dim',
        },
      ];
    });
    const head = [`  ${groupName(first)}`, 'runs', 'first', 'now', ''];
    lines.push(
      ...layoutTable(
        [LEFT, RIGHT, RIGHT, RIGHT, LEFT],
        [head.map((text): Cell => ({ text, style: 'bold' })), ...rows],
        { width, paint },
      ),
    );
    for (const one of series) {
      for (const change of one.changes) {
        const { mark, style } = VERDICT_MARKS[change.verdict];
        const [begin = '', ...rest] = wrap(changeSentence(one, change), width, `  ${mark} `);
        lines.push(paint(style, begin), ...rest.map((line) => paint(style, line)));
      }
    }
    lines.push('');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

/** The history as Markdown. */
export function renderHistoryMarkdown(history: History): string {
  const blocks = groupsOf(history).flatMap((series) => {
    const [first] = series;
    if (first === undefined) return [];
    const rows = series.map((one) => [
      seriesName(one),
      String(one.points.length),
      figure(one, one.points[0]?.value),
      figure(one, one.points.at(-1)?.value),
      String(one.changes.length),
    ]);
    const changes = series.flatMap((one) =>
      one.changes.map((change) => `- ${escapeMarkup(changeSentence(one, change))}`),
    );
    return [
      `### ${escapeMarkup(groupName(first))}`,
      tableOf(['metric', 'runs', 'first', 'now', 'changes'], rows, 'lrrrr'),
      ...(changes.length === 0 ? [] : [changes.join('\n')]),
    ];
  });
  return `${['## History', escapeMarkup(historySentence(history)), ...blocks].join('\n\n')}\n`;
}

/** How much there is, and what became of it. */
export function historySentence({ runs, invalid, outdated, span, series }: History): string {
  if (span === null) return 'No runs.';
  const days = span.map((moment) => moment.slice(0, 10));
  const when = days[0] === days[1] ? `on ${days[0]}` : `from ${days[0]} to ${days[1]}`;
  const changes = series.reduce((sum, one) => sum + one.changes.length, 0);
  return [
    `${formatCount(runs, 'run')} ${when}: ${formatCount(changes, 'change')} of level in ${series.length} series.`,
    ...(invalid === 0 ? [] : [`${formatCount(invalid, 'run')} that proved nothing left out.`]),
    ...(outdated === 0
      ? []
      : [`${formatCount(outdated, 'figure')} of scenarios that were since defined anew left out.`]),
  ].join(' ');
}

/** Series of one scenario and one pair, or one proxy alone. */
export function groupsOf({ series }: History): readonly (readonly HistorySeries[])[] {
  return [...Map.groupBy(series, groupName).values()];
}

/** `web-mix, optimized over baseline`; the cases of a component scenario are one group. */
export function groupName({
  scenario,
  candidate,
  reference,
}: Pick<HistorySeries, 'scenario' | 'candidate' | 'reference'>): string {
  const [name] = scenario.split('/');
  return reference === null ? `${name}, ${candidate}` : `${name}, ${candidate} over ${reference}`;
}

/** What tells a series from the others of its group. */
export function seriesName({ scenario, metric }: HistorySeries): string {
  return figureName(scenario, metric).replace(/^[^/]*\//, '');
}

/** A change, how large it is, and the run that it most likely came with. */
export function changeSentence(series: HistorySeries, change: HistoryChange): string {
  const { verdict, before, after, error, suspects } = change;
  const size = before === 0 ? '' : ` by ${formatPercent(Math.abs(after / before - 1))}`;
  const [most, ...others] = suspects.slice(0, MOST_SUSPECTS);
  const named = most === undefined ? '' : `: ${suspectName(series.points, most.at)}`;
  const share = most === undefined ? '' : `, ${formatPercent(most.share)} likely`;
  const rest =
    others.length === 0
      ? ''
      : `; or ${others
          .map(({ at, share: own }) => `${commitName(series.points[at])} (${formatPercent(own)})`)
          .join(', ')}`;
  return `${seriesName(series)} ${verdict}${size}, ${figure(series, before)} to ${figure(series, after)} (error at most ${formatPercent(error)})${named}${share}${rest}.`;
}

/** The first run after a change, and what went in since the run before it. */
function suspectName(points: readonly HistoryPoint[], at: number): string {
  const [before, first] = [points[at - 1], points[at]];
  const run = `first in run ${first?.runId ?? 'unknown'}`;
  if (first === undefined || first.commit === null) return run;
  if (before?.commit === first.commit && !before.dirty && !first.dirty) {
    return `${run}, of the same commit ${commitName(first)} as the run before it, so that it is no change of this repository`;
  }
  const since =
    before === undefined || before.commit === null || before.commit === first.commit
      ? ''
      : `, of what came after ${commitName(before)}`;
  return `${run}, commit ${commitName(first)}${since}`;
}

/** `1a2b3c4d5e`, or `1a2b3c4d5e with changes`. */
export function commitName(point: HistoryPoint | undefined): string {
  if (point === undefined || point.commit === null) return 'no commit';
  return `${point.commit.slice(0, COMMIT_DIGITS)}${point.dirty ? ' with changes' : ''}`;
}

/** A ratio, or a quantity. */
export function figure({ unit }: Pick<HistorySeries, 'unit'>, value: number | undefined): string {
  if (value === undefined) return 'n/a';
  return unit === null ? formatRatio(value) : formatQuantity(unit, value);
}
