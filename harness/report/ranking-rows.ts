/**
 * The rows of a ranking as plain text cells, a table for each metric that arms are ranked by, for
 * every rendering. What is null is `n/a`. No layout here.
 */
import type { MetricName, MetricUnit } from '../model/metric.ts';
import type {
  ArmReport,
  Comparison,
  Ranking,
  RankOrder,
  RankPlace,
  ReportDocument,
} from '../model/report.ts';
import { chooseUnit, formatIn, formatRatio, formatRatioInterval } from './number.ts';

/** The arms in the order of one metric. */
export interface RankingTable {
  readonly metric: MetricName;
  readonly scenario: string;
  /** Of the metric, and of what stands beside it. */
  readonly units: Readonly<Partial<Record<MetricName, string>>>;
  readonly rows: readonly RankingRow[];
}

/** One arm. */
export interface RankingRow {
  /** `1`, `2-3` where it shares its places; `-` for an arm that is not ranked, `floor` for a floor. */
  readonly rank: string;
  /** True if it has a place, which another arm may share. */
  readonly placed: boolean;
  readonly tied: boolean;
  readonly arm: ArmReport;
  /** To the reference; `1x` for itself. */
  readonly ratio: string;
  /** Empty where there is none. */
  readonly interval: string;
  /** Figures in the table's units. */
  readonly values: Readonly<Partial<Record<MetricName, string>>>;
}

/** The metrics that tables show, whatever they are ranked by. */
const SHOWN: readonly MetricName[] = [
  'cpu-per-request',
  'hop-p50',
  'overhead-p50',
  'loaded-request-time',
  'allocated-per-request',
  'memory-rss',
];

/** A table for each order of a ranking, the first one first. */
export function rankingTables(report: ReportDocument, ranking: Ranking): readonly RankingTable[] {
  return ranking.orders.map((order) => {
    const arms = report.arms.filter(({ role }) => role !== 'direct' && role !== 'twin');
    const figures = figuresOf(arms, order.scenario);
    const rows = arms
      .map((arm) => ({ ...standing(arm, order, ranking), arm, values: figures.of(arm) }))
      .sort((a, b) => a.order - b.order)
      .map(({ order: _, ...row }): RankingRow => row);
    return { metric: order.metric, scenario: order.scenario, units: figures.units, rows };
  });
}

/** What an arm's row says of its place, and where the row stands: by its ratio. */
function standing(
  arm: ArmReport,
  { metric, scenario, places }: RankOrder,
  ranking: Ranking,
): Pick<RankingRow, 'rank' | 'placed' | 'tied' | 'ratio' | 'interval'> & {
  readonly order: number;
} {
  const place = places.find((one) => one.arm === arm.id);
  const seat = {
    rank: place === undefined ? withoutPlace(arm, ranking) : rankOf(place),
    placed: place !== undefined,
    tied: place !== undefined && place.best !== place.worst,
  };
  if (arm.role === 'reference') return { ...seat, ratio: '1x', interval: '', order: 1 };
  const against = comparisonOf(ranking, arm.id, scenario, metric);
  const ratio = against?.ratio ?? null;
  const interval = against?.ratioInterval ?? null;
  return {
    ...seat,
    ratio: ratio === null ? 'n/a' : formatRatio(ratio),
    interval: ratio === null || interval === null ? '' : formatRatioInterval(ratio, interval),
    order: ratio ?? Number.POSITIVE_INFINITY,
  };
}

function rankOf({ best, worst }: RankPlace): string {
  return best === worst ? `${best}` : `${best}-${worst}`;
}

function withoutPlace(arm: ArmReport, { unranked }: Ranking): string {
  if (arm.role === 'floor') return 'floor';
  return unranked.some((one) => one.arm === arm.id) ? '-' : 'n/a';
}

/** An arm's comparison with the reference. */
function comparisonOf(
  { against }: Ranking,
  arm: string,
  scenario: string,
  metric: MetricName,
): Comparison | undefined {
  return against
    .find((one) => one.arm === arm)
    ?.comparisons.find((one) => one.scenario === scenario && one.metric === metric);
}

/** All arms' figures, each metric in the one unit that suits them together. */
function figuresOf(
  arms: readonly ArmReport[],
  scenario: string,
): {
  readonly units: RankingTable['units'];
  readonly of: (arm: ArmReport) => RankingRow['values'];
} {
  const figureOf = (
    arm: ArmReport,
    metric: MetricName,
  ): { unit: MetricUnit; value: number | null } =>
    arm.metrics.find((one) => one.metric === metric && one.scenario === scenario) ?? {
      unit: 'us',
      value: null,
    };
  const units = new Map(
    SHOWN.map((metric) => {
      const found = arms.map((arm) => figureOf(arm, metric)).filter(({ value }) => value !== null);
      const shown = chooseUnit(
        found[0]?.unit ?? 'us',
        found.map(({ value }) => value),
      );
      return [metric, shown];
    }),
  );
  const labels = [...units].map(([metric, { label }]) => [metric, label]);
  return {
    units: Object.fromEntries(labels),
    of: (arm) =>
      Object.fromEntries(
        [...units].map(([metric, unit]) => {
          const { value } = figureOf(arm, metric);
          return [metric, value === null ? 'n/a' : formatIn(unit, value)];
        }),
      ),
  };
}
