/** A history as one self-contained page: a chart a series, its changes marked and told. */
import type { History, HistorySeries } from '../model/history.ts';
import type { Verdict } from '../model/report.ts';
import {
  changeSentence,
  commitName,
  figure,
  groupName,
  groupsOf,
  historySentence,
  seriesName,
} from './history-text.ts';
import { chooseUnit } from './number.ts';
import { type Chart, chartsHtml, escapeHtml, pageOf, tableHtml } from './page-parts.ts';

/** Enough to see where a series stands now. */
const LATEST = 10;

/** The whole file. The same history gives the same bytes. */
export function renderHistoryPage(history: History): string {
  const groups = groupsOf(history).map((series, group) => ({
    series,
    charts: series.flatMap((one, at) => chartOf(one, `series-${group}-${at}`)),
  }));
  return pageOf({
    sentence: historySentence(history),
    verdict: verdictOf(history),
    charts: groups.flatMap(({ charts }) => charts),
    body: groups.map(({ series, charts }) => groupHtml(series, charts)).join('\n'),
  });
}

/** Of the latest change of any series; what did not change is unchanged. */
function verdictOf({ series }: History): Verdict {
  const last = series.flatMap(({ changes, points }) =>
    changes.map(({ verdict, suspects }) => ({
      verdict,
      moment: points[suspects[0]?.at ?? 0]?.startedAt ?? '',
    })),
  );
  return last.sort((a, b) => (a.moment < b.moment ? 1 : -1))[0]?.verdict ?? 'unchanged';
}

function groupHtml(series: readonly HistorySeries[], charts: readonly Chart[]): string {
  const [first] = series;
  if (first === undefined) return '';
  const name = groupName(first);
  const changes = series.flatMap((one) =>
    one.changes.map(
      (change) =>
        `<li><span class="${change.verdict}">${change.verdict}</span>: ${escapeHtml(changeSentence(one, change))}</li>`,
    ),
  );
  const runs = new Map(series.flatMap(({ points }) => points.map((point) => [point.runId, point])));
  const rows = [...runs.values()]
    .sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1))
    .slice(0, LATEST)
    .map((point) => [
      point.runId,
      commitName(point),
      ...series.map((one) =>
        figure(one, one.points.find(({ runId }) => runId === point.runId)?.value),
      ),
    ]);
  return `<h2>${escapeHtml(name)}</h2>
${changes.length === 0 ? '<p>Nothing changed its level.</p>' : `<ul>${changes.join('\n')}</ul>`}
${chartsHtml(charts)}
${tableHtml(`The latest runs: ${name}`, ['run', 'commit', ...series.map(seriesName)], rows)}`;
}

function chartOf(series: HistorySeries, id: string): readonly Chart[] {
  const { points, changes, unit } = series;
  if (points.length < 2) return [];
  const shown =
    unit === null
      ? { label: 'ratio', divisor: 1 }
      : chooseUnit(
          unit,
          points.map(({ value }) => value),
        );
  const scaled = (value: number): number => value / shown.divisor;
  const starts = changes.map(({ suspects }) => suspects[0]?.at ?? 0);
  const first = changes[0]?.before;
  const levels =
    first === undefined
      ? null
      : points.map((_, at) => {
          const stretch = starts.filter((start) => start <= at).length;
          return scaled(stretch === 0 ? first : (changes[stretch - 1]?.after ?? first));
        });
  const low = points.map(({ interval }) => (interval === null ? null : scaled(interval[0])));
  const high = points.map(({ interval }) => (interval === null ? null : scaled(interval[1])));
  const bounded = low.some((value) => value !== null);
  const told =
    changes.length === 0
      ? `From ${figure(series, points[0]?.value)} to ${figure(series, points.at(-1)?.value)} over ${points.length} runs, without a change of level.`
      : changes.map((change) => changeSentence(series, change)).join(' ');
  return [
    {
      id,
      title: seriesName(series),
      told,
      drawing: {
        labelX: 'run',
        wholeX: true,
        labelY: shown.label,
        series: [
          { label: 'run', paint: 'candidate', points: true },
          ...(bounded
            ? [
                { label: 'low', paint: 'twin', dash: true },
                { label: 'high', paint: 'twin', dash: true },
              ]
            : []),
          ...(levels === null ? [] : [{ label: 'level', paint: 'reference' }]),
        ],
        values: [
          points.map((_, at) => at + 1),
          points.map(({ value }) => scaled(value)),
          ...(bounded ? [low, high] : []),
          ...(levels === null ? [] : [levels]),
        ],
      },
    },
  ];
}
