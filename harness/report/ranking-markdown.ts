/**
 * A ranking as Markdown tables: one with a row an arm and every column, and one with each metric of
 * each arm. The page around them is `markdown.ts`.
 */
import type { MetricName } from '../model/metric.ts';
import type { Ranking, ReportDocument } from '../model/report.ts';
import { escapeMarkup, tableOf } from './markdown-table.ts';
import { formatPercent, formatQuantity, formatRatioWithInterval } from './number.ts';
import { type RankingRow, type RankingTable, rankingTables } from './ranking-rows.ts';

/** The arms in the order of the first metric, with their places by the others beside it. */
export function rankingTable(report: ReportDocument, ranking: Ranking): string {
  const tables = rankingTables(report, ranking);
  const [first] = tables;
  if (first === undefined) return '';
  const confidence = formatPercent(1 - (ranking.orders[0]?.error ?? 0));
  const inOrder = ({ metric }: RankingTable): string[] => [
    'rank',
    metric,
    `ratio (${confidence} interval)`,
  ];
  const beside: readonly [string, MetricName][] = [
    ['overhead-p50', 'overhead-p50'],
    ['loaded-request-time', 'loaded-request-time'],
    ['allocated', 'allocated-per-request'],
    ['RSS', 'memory-rss'],
  ];
  const cellsIn = (table: RankingTable, id: string): string[] => {
    const row = table.rows.find(({ arm }) => arm.id === id);
    if (row === undefined) return ['', '', ''];
    return [row.rank, figure(table, row, table.metric), `${row.ratio} ${row.interval}`.trim()];
  };
  return tableOf(
    ['arm', 'version', 'tier', ...tables.flatMap(inOrder), ...beside.map(([head]) => head)],
    first.rows.map((row) => [
      escapeMarkup(row.arm.name),
      escapeMarkup(row.arm.version ?? ''),
      row.arm.tier ?? '',
      ...tables.flatMap((table) => cellsIn(table, row.arm.id)),
      ...beside.map(([, metric]) => figure(first, row, metric)),
    ]),
    `lll${'lrr'.repeat(tables.length)}${'r'.repeat(beside.length)}`,
  );
}

function figure({ units }: RankingTable, { values }: RankingRow, metric: MetricName): string {
  const value = values[metric] ?? 'n/a';
  return value === 'n/a' ? value : `${value} ${units[metric] ?? ''}`;
}

/** Every metric of every arm against the reference. */
export function allAgainstReference(report: ReportDocument, { against }: Ranking): string {
  const reference = report.arms.find(({ role }) => role === 'reference');
  const nameOf = (id: string): string => report.arms.find((arm) => arm.id === id)?.name ?? id;
  const rows = (reference?.metrics ?? []).map(({ scenario, metric, unit, value }) => [
    metric,
    value === null ? 'n/a' : formatQuantity(unit, value),
    ...against.map(({ comparisons }) => {
      const own = comparisons.find((one) => one.metric === metric && one.scenario === scenario);
      return own === undefined || own.ratio === null
        ? 'n/a'
        : formatRatioWithInterval(own.ratio, own.ratioInterval);
    }),
  ]);
  return tableOf(
    ['metric', reference?.name ?? '', ...against.map(({ arm }) => nameOf(arm))].map(escapeMarkup),
    rows,
    `l${'r'.repeat(1 + against.length)}`,
  );
}

/** What has no place in the table, and what is not in it. */
export function outsideOfRanking(report: ReportDocument, ranking: Ranking): string {
  const nameOf = (id: string): string => report.arms.find((arm) => arm.id === id)?.name ?? id;
  return ranking.unranked
    .map(({ arm, reason }) => `- ${escapeMarkup(nameOf(arm))} is not ranked: ${reason}`)
    .join('\n');
}
