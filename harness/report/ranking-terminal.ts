/**
 * The tables of a ranking for a terminal: one for each metric that arms are ranked by, a row an arm.
 * Columns that do not fit beside names are left out, the least telling first; versions and tiers
 * stand above in any case, and `report.md` has every column.
 */
import type { MetricName } from '../model/metric.ts';
import type { Ranking, ReportDocument, Verdict } from '../model/report.ts';
import { type Cell, type Column, layoutTable, wrap } from './layout.ts';
import { formatList, formatPercent, formatRatioWithInterval } from './number.ts';
import { type RankingRow, type RankingTable, rankingTables } from './ranking-rows.ts';
import type { Paint, Style } from './style.ts';

/** What rows are laid out on. */
interface Canvas {
  readonly width: number;
  readonly paint: Paint;
}

/** The tables, what their marks mean, and what thresholds say if any were given. */
export function rankingSections(
  report: ReportDocument,
  ranking: Ranking,
  canvas: Canvas,
): readonly (readonly string[])[] {
  const tables = rankingTables(report, ranking);
  return [
    ...tables.map((table, index) => tableLines(report, table, index === 0, canvas)),
    tables.length === 0 ? [] : legend(report, ranking, canvas),
    judgedLines(report, ranking, canvas),
  ];
}

interface Shown {
  readonly head: string;
  readonly column: Column;
  readonly cell: (row: RankingRow) => Cell;
}

const LEFT: Column = { align: 'left' };
const RIGHT: Column = { align: 'right' };
/** Characters of a name that are shown at the least, where it has so many, and at the most. */
const LEAST_NAME = 16;
const MOST_NAME = 32;

/** Beside the metric that arms are ordered by, most telling first. */
const BESIDE: Readonly<Partial<Record<MetricName, readonly [MetricName, string][]>>> = {
  'cpu-per-request': [
    ['loaded-request-time', 'loaded'],
    ['allocated-per-request', 'alloc'],
  ],
  'hop-p50': [
    ['overhead-p50', 'overhead'],
    ['memory-rss', 'RSS'],
  ],
};

const NAMES: Readonly<Partial<Record<MetricName, string>>> = {
  'cpu-per-request': 'cpu',
  'hop-p50': 'hop',
};

function tableLines(
  report: ReportDocument,
  table: RankingTable,
  first: boolean,
  { width, paint }: Canvas,
): readonly string[] {
  const { metric, units, rows } = table;
  const level = report.ranking?.orders[0]?.error ?? 0;
  const figure = (name: MetricName, head: string): Shown => ({
    head: `${head} ${units[name] ?? ''}`,
    column: RIGHT,
    cell: ({ values }) => ({ text: values[name] ?? 'n/a' }),
  });
  const before: readonly Shown[] = [
    {
      head: 'rank',
      column: LEFT,
      cell: ({ rank, tied }) => ({ text: rank, style: styleOf(tied) }),
    },
  ];
  const after: readonly Shown[] = [
    figure(metric, NAMES[metric] ?? metric),
    { head: 'ratio', column: RIGHT, cell: ({ ratio }) => ({ text: ratio }) },
    {
      head: `(${formatPercent(1 - level)} interval)`,
      column: LEFT,
      cell: ({ interval }) => ({ text: interval }),
    },
  ];
  const extras: readonly Shown[] = [
    ...(BESIDE[metric] ?? []).map(([name, head]) => figure(name, head)),
    ...(first
      ? [
          column('version', ({ arm }) => arm.version ?? ''),
          column('tier', ({ arm }) => arm.tier ?? ''),
        ]
      : []),
  ];
  const longest = Math.max('arm'.length, ...rows.map(({ arm }) => arm.name.length));
  for (let count = extras.length; count >= 0; count -= 1) {
    const others = [...before, ...after, ...extras.slice(0, count)];
    const taken = others.reduce((sum, shown) => sum + widthOf(shown, rows) + 1, 2);
    const room = width - taken;
    if (count > 0 && room < Math.min(longest, LEAST_NAME)) continue;
    const most = Math.min(MOST_NAME, Math.max(room, LEAST_NAME));
    const name = column('arm', ({ arm }) => shorten(arm.name, most));
    const shown = [...before, name, ...after, ...extras.slice(0, count)];
    return layoutTable(
      shown.map((one) => one.column),
      [
        shown.map(
          ({ head }, index): Cell => ({
            text: index === 0 ? `  ${head}` : head,
            style: 'dim',
          }),
        ),
        ...rows.map((row) =>
          shown.map(({ cell }, index): Cell => {
            const { text, style = 'plain' } = cell(row);
            return { text: index === 0 ? `  ${text}` : text, style };
          }),
        ),
      ],
      { width, paint },
    );
  }
  return [];
}

function column(head: string, textOf: (row: RankingRow) => string): Shown {
  return { head, column: LEFT, cell: (row) => ({ text: textOf(row) }) };
}

/** A place of its own stands out from one that is shared. */
function styleOf(tied: boolean): Style {
  return tied ? 'yellow' : 'plain';
}

function widthOf({ head, cell }: Shown, rows: readonly RankingRow[]): number {
  return Math.max(head.length, ...rows.map((row) => cell(row).text.length));
}

/** Of a path its last part tells most, and the end of a name more than its beginning. */
function shorten(name: string, most: number): string {
  if (name.length <= most) return name;
  const last = `…${name.slice(name.lastIndexOf('/'))}`;
  return name.includes('/') && last.length <= most ? last : `…${name.slice(1 - most)}`;
}

function legend(report: ReportDocument, ranking: Ranking, { width, paint }: Canvas): string[] {
  const [order] = ranking.orders;
  const confidence = formatPercent(1 - (order?.error ?? 0));
  const nameOf = (id: string): string => report.arms.find((arm) => arm.id === id)?.name ?? id;
  const notes = [
    `ratio: to ${nameOf('reference')}; rank: arms that share places could not be told apart, and all places of a table hold together with ${confidence} confidence`,
    ...[...Map.groupBy(ranking.unranked, ({ reason }) => reason)].map(
      ([reason, arms]) =>
        `not ranked: ${formatList(arms.map(({ arm }) => nameOf(arm)))}: ${reason}`,
    ),
    ...ranking.orders.flatMap(({ metric, missing }) =>
      missing.map(({ arm, reason }) => `${nameOf(arm)} has no place by ${metric}: ${reason}`),
    ),
  ];
  return notes.flatMap((note) => wrap(note, width, '  ')).map((line) => paint('dim', line));
}

const VERDICTS: Readonly<Record<Verdict, Style>> = {
  improved: 'green',
  unchanged: 'plain',
  regressed: 'red',
  inconclusive: 'yellow',
};

/** What was judged by given thresholds. */
function judgedLines(
  report: ReportDocument,
  { judged, against }: Ranking,
  { width, paint }: Canvas,
): string[] {
  if (!judged) return [];
  const nameOf = (id: string): string => report.arms.find((arm) => arm.id === id)?.name ?? id;
  const rows = against.flatMap(({ arm, comparisons }) =>
    comparisons.flatMap(({ metric, verdict, ratio, ratioInterval, minimumEffect }): Cell[][] => {
      if (verdict === null) return [];
      const style = VERDICTS[verdict];
      return [
        [
          { text: `  ${shorten(nameOf(arm), LEAST_NAME)}` },
          { text: metric },
          { text: verdict, style },
          { text: ratio === null ? 'n/a' : formatRatioWithInterval(ratio, ratioInterval), style },
          { text: minimumEffect === null ? 'n/a' : formatPercent(minimumEffect) },
        ],
      ];
    }),
  );
  const head = ['  judged', '', 'verdict', 'ratio', 'counts from'];
  return layoutTable(
    [LEFT, LEFT, LEFT, LEFT, RIGHT],
    [head.map((text): Cell => ({ text, style: 'dim' })), ...rows],
    { width, paint },
  );
}

/** What two processes of the reference differed by, for the list of what ran. */
export function describeTwin(report: ReportDocument, ranking: Ranking): string {
  const ratios = ranking.orders.flatMap(({ metric, scenario }) => {
    const control = report.controls.find(
      (one) => one.metric === metric && one.scenario === scenario,
    );
    return control === undefined || control.ratio === null
      ? []
      : [`${metric} ${formatRatioWithInterval(control.ratio, control.ratioInterval)}`];
  });
  return `the reference once more: ${ratios.join(', ') || 'n/a'}`;
}
