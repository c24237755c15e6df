/**
 * Targets as users write them: a metric, a side and a figure, such as `'overhead-p50 < 200 µs'` or
 * `'cache-hit-rate > 95 %'`. Limits on a change are thresholds, and are refused here.
 */
import { HopmarkError } from '../model/error.ts';
import { METRIC_NAMES, METRICS, type MetricDefinition, type MetricUnit } from '../model/metric.ts';
import type { TargetDefinition } from './targets.ts';

const FORM = /^([a-z0-9-]+)\s*(<|>)\s*(\d+(?:\.\d+)?)\s*(\S*)$/;
const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;

/** What a unit as it is written counts in the metric's own; the first of each is in remedies. */
const UNITS: Readonly<Partial<Record<MetricUnit, Readonly<Record<string, number>>>>> = {
  us: { µs: 1, us: 1, ms: 1000, s: 1_000_000 },
  bytes: { B: 1, KB: 1024, MB: 1024 ** 2 },
  fraction: { '%': 0.01 },
  'requests/s': { '/s': 1, '': 1 },
};

/**
 * Reads targets by name, each for all of these scenarios. Throws a user's HopmarkError, `bad-target`,
 * that names the entry.
 */
export function parseTargets(
  entries: Readonly<Record<string, string>>,
  scenarios: readonly string[],
): readonly TargetDefinition[] {
  return Object.entries(entries).map(([name, text]) => {
    const of = `the target ${JSON.stringify(name)}`;
    if (!NAME.test(name)) {
      throw refused(`${of} has no such name`, 'Names have lower-case letters, digits and dashes.');
    }
    const [, metricName, side, digits, unit = ''] = FORM.exec(text.trim()) ?? [];
    if (digits === undefined) {
      throw refused(`${of}: ${JSON.stringify(text)} is no target`, EXAMPLE);
    }
    const metric = METRICS.find((one) => one.name === metricName);
    if (metric === undefined) {
      const remedy = `Metrics: ${METRIC_NAMES.join(', ')}.`;
      throw refused(`${of}: there is no metric "${metricName}"`, remedy);
    }
    if ((side === '<') !== (metric.better === 'lower')) {
      const message = `${of} bounds ${metric.name} on the wrong side: ${metric.better} is better`;
      throw refused(message, EXAMPLE);
    }
    const factor = factorOf(metric, unit);
    if (factor === undefined) {
      const known = Object.keys(UNITS[metric.unit] ?? {}).filter((one) => one !== '');
      throw refused(`${of}: ${metric.name} has no unit "${unit}"`, `Units: ${known.join(', ')}.`);
    }
    // Twelve digits: 95 % is 0.95, whatever 95 * 0.01 is.
    const limit = Number((Number(digits) * factor).toPrecision(12));
    return { name, title: text, scenarios, metric: metric.name, limit };
  });
}

const EXAMPLE = "Write 'overhead-p50 < 200 µs', or 'cache-hit-rate > 95 %'.";

function factorOf({ unit }: MetricDefinition, written: string): number | undefined {
  const units = UNITS[unit] ?? {};
  return Object.hasOwn(units, written) ? units[written] : undefined;
}

function refused(message: string, remedy: string): HopmarkError {
  return new HopmarkError('user', 'bad-target', message, { remedy });
}
