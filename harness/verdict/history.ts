/** From the runs of a history to series, and where they changed their level. Pure. */
import {
  HISTORY_SCHEMA_VERSION,
  type History,
  type HistoryChange,
  type HistoryEntry,
  type HistoryFigure,
  type HistoryPoint,
  type HistorySeries,
} from '../model/history.ts';
import { metricDefinition } from '../model/metric.ts';
import { changePoints } from '../stats/change-points.ts';
import { median } from '../stats/quantile.ts';

/** What a history is asked for. */
export interface HistoryQuestion {
  /** Of a metric, whether its series are wanted. */
  readonly wants: (metric: HistoryFigure['metric']) => boolean;
  /** Of each series the latest points alone, so many; default: 200. */
  readonly most?: number;
}

const MOST_POINTS = 200;
/** Smaller changes than this are not told, however sure: nobody looks for their cause. */
const LEAST_CHANGE = 0.01;

/** The series of a history's runs, which are in the order of time. */
export function analyseHistory(
  entries: readonly HistoryEntry[],
  { wants, most = MOST_POINTS }: HistoryQuestion,
): History {
  const valid = entries.filter((entry) => entry.valid);
  const latest = latestHashes(valid);
  const groups = new Map<string, { figure: HistoryFigure; points: HistoryPoint[] }>();
  let outdated = 0;
  for (const { figures, runId, startedAt, commit, dirty } of valid) {
    for (const figure of figures) {
      if (!wants(figure.metric)) continue;
      if (latest.get(figure.scenario) !== figure.hash) {
        outdated += 1;
        continue;
      }
      const { scenario, metric, candidate, reference, value, interval } = figure;
      const key = JSON.stringify([scenario, candidate, reference, metric]);
      const group = groups.get(key) ?? { figure, points: [] };
      groups.set(key, group);
      group.points.push({ runId, startedAt, commit, dirty, value, interval });
    }
  }
  const [first, last] = [entries[0], entries.at(-1)];
  return {
    schemaVersion: HISTORY_SCHEMA_VERSION,
    runs: entries.length,
    invalid: entries.length - valid.length,
    outdated,
    span: first === undefined || last === undefined ? null : [first.startedAt, last.startedAt],
    series: [...groups.values()].map(({ figure, points }) => seriesOf(figure, points.slice(-most))),
  };
}

/** By scenario, the hash of the definition that was used last. */
function latestHashes(entries: readonly HistoryEntry[]): ReadonlyMap<string, string> {
  const hashes = entries.flatMap(({ figures }) =>
    figures.map(({ scenario, hash }) => [scenario, hash] as const),
  );
  return new Map(hashes);
}

function seriesOf(
  { scenario, metric, candidate, reference }: HistoryFigure,
  points: readonly HistoryPoint[],
): HistorySeries {
  const { unit, better } = metricDefinition(metric);
  return {
    ...{ scenario, metric, candidate, reference, better, points },
    unit: reference === null ? unit : null,
    changes: changesOf(points, better),
  };
}

function changesOf(
  points: readonly HistoryPoint[],
  better: HistorySeries['better'],
): readonly HistoryChange[] {
  const values = points.map(({ value }) => value);
  // A change is a factor, where there can be one.
  const positive = values.every((value) => value > 0);
  const found = changePoints(positive ? values.map(Math.log) : values);
  return found.flatMap(({ at, error, places }, index): readonly HistoryChange[] => {
    const before = median(values.slice(found[index - 1]?.at ?? 0, at));
    const after = median(values.slice(at, found[index + 1]?.at ?? values.length));
    if (Math.abs(after - before) < LEAST_CHANGE * Math.abs(before)) return [];
    const verdict = after < before === (better === 'lower') ? 'improved' : 'regressed';
    return [{ verdict, before, after, error, suspects: places }];
  });
}
