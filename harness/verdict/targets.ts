/**
 * Named limits on single figures, as data, and whether a run met them. A target concerns the
 * candidate of a run. Pure: it measures nothing and knows no scenario but by name.
 */
import { type MetricName, type MetricUnit, metricDefinition } from '../model/metric.ts';
import type { ArmReport, Comparison, Interval, TargetResult } from '../model/report.ts';
import type { Round } from '../model/round.ts';

/** A limit on one metric in some scenarios. */
export interface TargetDefinition {
  /** Lower-case letters, digits and dashes. */
  readonly name: string;
  /** What it stands for, a clause. */
  readonly title: string;
  /** As reports name them; each is a row of its own. */
  readonly scenarios: readonly string[];
  readonly metric: MetricName;
  /**
   * The figure has to stay below it, or above it where higher is better: in the metric's unit, as a
   * ratio to the implementation that `relativeTo` names, or as what it has beyond that of `over`.
   */
  readonly limit: number;
  readonly relativeTo?: string;
  readonly over?: string;
}

const TIERS = ['256b', '512b', '1kb', '4kb', '8kb', '16kb'];

/** The plan's figures for components. */
const COMPONENT_TARGETS: readonly TargetDefinition[] = [
  {
    name: 'cached-match',
    title: 'a path against known patterns',
    scenarios: ['5', '100', '1000'].map((size) => `regex-cache/cached-${size}`),
    metric: 'component-time',
    limit: 100,
  },
  {
    name: 'header-filtering',
    title: 'a head of 5 to 10 fields',
    scenarios: ['header-processing/simple', 'header-processing/typical'],
    metric: 'component-time',
    limit: 50,
  },
  {
    name: 'config-matching',
    title: 'the rules that a request selects',
    scenarios: [
      'config-matching/rules-10',
      'config-matching/rules-100',
      'config-matching/rules-1000',
      'config-matching/new-paths-100',
    ],
    metric: 'component-time',
    limit: 50,
  },
  {
    name: 'body-processing',
    title: 'a body on its way to the upstream',
    // The sizes that the plan measures with: larger bodies measure copying.
    scenarios: ['1kb', '16kb'].flatMap((size) => [
      `body-processing/${size}-bytes`,
      `body-processing/${size}-text`,
    ]),
    metric: 'component-time',
    limit: 30,
  },
  {
    name: 'buffer-reuse',
    title: 'a buffer taken and given back',
    scenarios: TIERS.map((tier) => `memory-pools/reuse-${tier}`),
    metric: 'component-time',
    limit: 10,
  },
  {
    name: 'header-allocations',
    title: "80 % fewer bytes for a head than the original's",
    scenarios: ['simple', 'typical', 'complex'].map((name) => `header-processing/${name}`),
    metric: 'component-allocated',
    limit: 0.2,
    relativeTo: 'baseline',
  },
];

const SIZES = [1, 2, 4, 8, 16].map((size) => `throughput-${size}kb`);

/** The plan's figures for whole requests, each in waves; its p99 at a rate is `hopmark load`'s. */
const TRAFFIC_TARGETS: readonly TargetDefinition[] = [
  {
    name: 'total-overhead',
    title: 'all that the proxy adds to a request, one in flight',
    scenarios: ['sub-millisecond', 'web-mix', 'mixed-api', 'fixed-1kb', ...SIZES],
    metric: 'overhead-p50',
    limit: 1000,
  },
  {
    name: 'overhead-tail',
    title: 'what it adds to the slowest of a hundred',
    scenarios: ['sub-millisecond', 'web-mix', 'mixed-api', 'fixed-1kb', ...SIZES],
    metric: 'overhead-p99',
    limit: 800,
  },
  {
    name: 'peak-throughput',
    title: 'requests a second through one process, 32 in flight',
    scenarios: ['sub-millisecond', 'fixed-1kb', ...SIZES],
    metric: 'throughput',
    limit: 10_000,
  },
  {
    name: 'decisions-cached',
    title: 'requests whose rules were known, after warm-up',
    scenarios: ['web-mix', 'mixed-api', 'many-rules'],
    metric: 'cache-hit-rate',
    limit: 0.95,
  },
  {
    name: 'memory-over-original',
    title: "resident memory beyond the original's, under load",
    scenarios: ['web-mix', 'mixed-api', 'fixed-1kb'],
    metric: 'memory-rss',
    limit: 10 * 1024 ** 2,
    over: 'baseline',
  },
];

/** All named targets. */
export const TARGETS: readonly TargetDefinition[] = [...COMPONENT_TARGETS, ...TRAFFIC_TARGETS];

/** What of a report targets are checked on. */
export interface TargetFigures {
  readonly arms: readonly Pick<ArmReport, 'id' | 'role' | 'name' | 'metrics'>[];
  readonly comparisons: readonly Pick<
    Comparison,
    'scenario' | 'metric' | 'ratio' | 'ratioInterval'
  >[];
  readonly rounds: readonly Pick<Round, 'scenario' | 'arms'>[];
}

/** The targets whose scenarios the run measured, a row each; none for those it did not. */
export function checkTargets(
  definitions: readonly TargetDefinition[],
  figures: TargetFigures,
): readonly TargetResult[] {
  return definitions.flatMap((definition) =>
    definition.scenarios.flatMap((scenario) => checkOne(definition, scenario, figures)),
  );
}

/** Of a run's results those of some targets that were missed. */
export function missedOf(
  definitions: readonly TargetDefinition[],
  results: readonly TargetResult[],
): readonly TargetResult[] {
  const names = new Set(definitions.map(({ name }) => name));
  return results.filter(({ name, verdict }) => verdict === 'missed' && names.has(name));
}

function checkOne(
  { name, metric, limit, relativeTo, over }: TargetDefinition,
  scenario: string,
  figures: TargetFigures,
): TargetResult[] {
  const { better } = metricDefinition(metric);
  const find = (from: TargetFigures): Found | null =>
    relativeTo !== undefined
      ? ratioFigure(from, scenario, metric, relativeTo)
      : over === undefined
        ? figureOf('candidate', from, scenario, metric)
        : differenceFigure(from, scenario, metric, over);
  const found = find(figures);
  if (found === null) return [];
  const verdict = verdictOf(found.interval, limit, better);
  const result = { name, scenario, metric, limit, ...found, verdict };
  if (verdict !== 'inconclusive') return [result];
  const calm = leastDisturbed(figures, scenario, metric);
  const leastDisturbedFigure = calm === null ? null : (find(calm)?.observed ?? null);
  return [
    leastDisturbedFigure === null ? result : { ...result, leastDisturbed: leastDisturbedFigure },
  ];
}

/**
 * The figures of one metric in the round in which requests without a proxy were fastest, which says
 * nothing of the proxies. Null in a run without such requests.
 */
function leastDisturbed(
  { arms, rounds }: TargetFigures,
  scenario: string,
  metric: MetricName,
): TargetFigures | null {
  const direct = arms.find(({ role }) => role === 'direct');
  const directUs = (round: Pick<Round, 'arms'>): number =>
    round.arms[direct?.id ?? '']?.values['hop-p50'] ?? Number.POSITIVE_INFINITY;
  const [calmest] = rounds
    .filter((round) => round.scenario === scenario && Number.isFinite(directUs(round)))
    .toSorted((a, b) => directUs(a) - directUs(b));
  if (calmest === undefined) return null;
  const { unit } = metricDefinition(metric);
  const valueIn = (id: string): number | null => calmest.arms[id]?.values[metric] ?? null;
  const idOf = (role: ArmReport['role']): string => arms.find((arm) => arm.role === role)?.id ?? '';
  const [own, other] = [valueIn(idOf('candidate')), valueIn(idOf('reference'))];
  const ratio = own === null || !other ? null : own / other;
  return {
    arms: arms.map((arm) => ({
      ...arm,
      metrics: [{ scenario, metric, unit, value: valueIn(arm.id), interval: null }],
    })),
    comparisons: [{ scenario, metric, ratio, ratioInterval: null }],
    rounds: [],
  };
}

interface Found {
  readonly unit: MetricUnit;
  readonly observed: number | null;
  readonly interval: Interval | null;
}

/** Null for what was not measured, or cannot be had of such an arm. */
function figureOf(
  role: ArmReport['role'],
  { arms }: TargetFigures,
  scenario: string,
  metric: MetricName,
): Found | null {
  const own = arms
    .find((arm) => arm.role === role)
    ?.metrics.find((one) => one.scenario === scenario && one.metric === metric);
  return own === undefined || own.value === null
    ? null
    : { unit: own.unit, observed: own.value, interval: own.interval };
}

/** Null in a run whose reference is another one. The interval is the widest that both allow. */
function differenceFigure(
  figures: TargetFigures,
  scenario: string,
  metric: MetricName,
  over: string,
): Found | null {
  if (figures.arms.find(({ role }) => role === 'reference')?.name !== over) return null;
  const [own, other] = (['candidate', 'reference'] as const).map((role) =>
    figureOf(role, figures, scenario, metric),
  );
  if (own?.observed == null || other?.observed == null) return null;
  return {
    unit: own.unit,
    observed: own.observed - other.observed,
    interval:
      own.interval === null || other.interval === null
        ? null
        : [own.interval[0] - other.interval[1], own.interval[1] - other.interval[0]],
  };
}

/** Null in a run whose reference is another one. */
function ratioFigure(
  { arms, comparisons }: TargetFigures,
  scenario: string,
  metric: MetricName,
  relativeTo: string,
): Found | null {
  if (arms.find(({ role }) => role === 'reference')?.name !== relativeTo) return null;
  const found = comparisons.find((one) => one.scenario === scenario && one.metric === metric);
  return found === undefined
    ? null
    : { unit: 'fraction', observed: found.ratio, interval: found.ratioInterval };
}

/** Said only where the whole interval lies on one side of the limit. */
function verdictOf(
  interval: Interval | null,
  limit: number,
  better: 'lower' | 'higher',
): TargetResult['verdict'] {
  if (interval === null) return 'inconclusive';
  const [low, high] = interval;
  if (better === 'lower' ? high < limit : low > limit) return 'met';
  return (better === 'lower' ? low >= limit : high <= limit) ? 'missed' : 'inconclusive';
}
