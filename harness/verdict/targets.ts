/**
 * Named limits on single figures, as data, and whether a run met them. A target concerns the
 * candidate of a run. Pure: it measures nothing and knows no scenario but by name.
 */
import { type MetricName, type MetricUnit, metricDefinition } from '../model/metric.ts';
import type { ArmReport, Comparison, Interval, TargetResult } from '../model/report.ts';

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
   * The figure has to stay below it, or above it where higher is better: in the metric's unit, or as
   * a ratio to the implementation that `relativeTo` names.
   */
  readonly limit: number;
  readonly relativeTo?: string;
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

/** All named targets. */
export const TARGETS: readonly TargetDefinition[] = [...COMPONENT_TARGETS];

/** What of a report targets are checked on. */
export interface TargetFigures {
  readonly arms: readonly Pick<ArmReport, 'role' | 'name' | 'metrics'>[];
  readonly comparisons: readonly Comparison[];
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

function checkOne(
  { name, metric, limit, relativeTo }: TargetDefinition,
  scenario: string,
  figures: TargetFigures,
): TargetResult[] {
  const { better } = metricDefinition(metric);
  const found =
    relativeTo === undefined
      ? ownFigure(figures, scenario, metric)
      : ratioFigure(figures, scenario, metric, relativeTo);
  if (found === null) return [];
  const { interval } = found;
  return [{ name, scenario, metric, limit, ...found, verdict: verdictOf(interval, limit, better) }];
}

interface Found {
  readonly unit: MetricUnit;
  readonly observed: number | null;
  readonly interval: Interval | null;
}

function ownFigure({ arms }: TargetFigures, scenario: string, metric: MetricName): Found | null {
  const own = arms
    .find(({ role }) => role === 'candidate')
    ?.metrics.find((one) => one.scenario === scenario && one.metric === metric);
  return own === undefined ? null : { unit: own.unit, observed: own.value, interval: own.interval };
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
