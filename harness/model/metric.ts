/**
 * The metrics: their names, units, direction, and how a comparison judges them by default. Nothing
 * here computes anything.
 */

/** Every metric a run can report; `docs/metrics.md` defines each. */
export type MetricName =
  | 'hop-p50'
  | 'hop-p90'
  | 'hop-p99'
  | 'hop-cold-p50'
  | 'overhead-p50'
  | 'overhead-p90'
  | 'overhead-p99'
  | 'loaded-request-time'
  | 'throughput'
  | 'cpu-per-request'
  | 'allocated-per-request'
  | 'gc-time-per-request'
  | 'memory-rss'
  | 'cache-hit-rate'
  | 'latency-p50'
  | 'latency-p99'
  | 'latency-p999'
  | 'component-time'
  | 'component-allocated';

export type MetricUnit = 'us' | 'requests/s' | 'bytes' | 'fraction';

/** What is known about a metric before anything is measured. */
export interface MetricDefinition {
  readonly name: MetricName;
  readonly unit: MetricUnit;
  readonly better: 'lower' | 'higher';
  /** Primary metrics decide the run's verdict; the others are shown and not judged. */
  readonly primary: boolean;
  /**
   * The largest change for the worse that is let pass, as a fraction of the reference (0.05 is
   * 5 %). Null: shown and never judged, unless the user sets a threshold.
   */
  readonly threshold: number | null;
  /** True if the figure does not depend on the machine's speed (bytes, counts, rates). */
  readonly machineIndependent: boolean;
  /**
   * True if the moment in which a round runs moves the figure for all its arms, so that they are
   * compared within rounds (`stats/shift-test.ts`).
   */
  readonly followsMoment: boolean;
}

const define = (
  name: MetricName,
  unit: MetricUnit,
  options: Partial<Omit<MetricDefinition, 'name' | 'unit'>> = {},
): MetricDefinition => ({
  name,
  unit,
  better: 'lower',
  primary: false,
  threshold: null,
  machineIndependent: false,
  followsMoment: options.machineIndependent !== true,
  ...options,
});

/** All metrics in the order in which tables show them. */
export const METRICS: readonly MetricDefinition[] = [
  define('hop-p50', 'us', { primary: true, threshold: 0.05 }),
  define('hop-p90', 'us'),
  define('hop-p99', 'us'),
  define('hop-cold-p50', 'us'),
  define('overhead-p50', 'us'),
  define('overhead-p90', 'us'),
  define('overhead-p99', 'us'),
  define('loaded-request-time', 'us'),
  define('throughput', 'requests/s', { better: 'higher' }),
  define('cpu-per-request', 'us', { primary: true, threshold: 0.05 }),
  define('allocated-per-request', 'bytes', {
    primary: true,
    // What the compiler inlines may differ from process to process: colder code of one in eight was
    // seen to allocate 5 % more.
    threshold: 0.06,
    machineIndependent: true,
    // Slow moments read and write in other portions: rounds of one proxy differ by 1.8 %, its twins by 1.
    followsMoment: true,
  }),
  define('gc-time-per-request', 'us'),
  define('memory-rss', 'bytes', { machineIndependent: true }),
  define('cache-hit-rate', 'fraction', { better: 'higher', machineIndependent: true }),
  // At a rate: of open-loop runs alone.
  define('latency-p50', 'us'),
  define('latency-p99', 'us'),
  define('latency-p999', 'us'),
  define('component-time', 'us', { primary: true, threshold: 0.05 }),
  define('component-allocated', 'bytes', {
    primary: true,
    threshold: 0.1,
    machineIndependent: true,
  }),
];

/** Their names, in that order. */
export const METRIC_NAMES = METRICS.map(({ name }) => name) as [MetricName, ...MetricName[]];

/** The definition of a metric. */
export function metricDefinition(name: MetricName): MetricDefinition {
  const found = METRICS.find((metric) => metric.name === name);
  if (found === undefined) throw new Error(`unknown metric ${name}`);
  return found;
}
