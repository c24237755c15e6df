/**
 * Thresholds as users write them: `'<= +5%'` for a metric where lower is better, `'>= -5%'` where
 * higher is, `'off'` to show a metric without judging it. Limits on a figure itself are not
 * thresholds on a change, and are refused here.
 */
import { HopmarkError } from '../model/error.ts';
import { METRIC_NAMES, METRICS, type MetricDefinition, type MetricName } from '../model/metric.ts';

/** By metric, the change for the worse that is let pass, as a fraction; null: never judged. */
export type Thresholds = Readonly<Partial<Record<MetricName, number | null>>>;

const FORM = /^(<=|>=)\s*([+-])\s*(\d+(?:\.\d+)?)\s*%$/;

/** Reads thresholds by metric name. Throws a user's error that names the entry and its form. */
export function parseThresholds(entries: Readonly<Record<string, string>>): Thresholds {
  const thresholds: Partial<Record<MetricName, number | null>> = {};
  for (const [name, text] of Object.entries(entries)) {
    const metric = METRICS.find((candidate) => candidate.name === name);
    if (metric === undefined) {
      throw refused(`there is no metric "${name}"`, `Metrics: ${METRIC_NAMES.join(', ')}.`);
    }
    thresholds[metric.name] = parseThreshold(metric, text);
  }
  return thresholds;
}

function parseThreshold(metric: MetricDefinition, text: string): number | null {
  const trimmed = text.trim();
  if (trimmed === 'off') return null;
  const form = metric.better === 'lower' ? '<= +5%' : '>= -5%';
  const remedy = `Write it as '${form}', or 'off' to show ${metric.name} without judging it.`;
  const [, relation, sign, digits] = FORM.exec(trimmed) ?? [];
  if (relation === undefined || sign === undefined) {
    throw refused(`"${text}" is not a threshold on the change of ${metric.name}`, remedy);
  }
  const expected = metric.better === 'lower' ? '<=+' : '>=-';
  if (relation + sign !== expected) {
    throw refused(
      `"${text}" bounds ${metric.name}, where ${metric.better} is better, on the wrong side`,
      remedy,
    );
  }
  const fraction = Number(digits) / 100;
  if (metric.better === 'higher' && fraction >= 1) {
    throw refused(`"${text}" lets ${metric.name} fall to nothing`, remedy);
  }
  return fraction;
}

function refused(message: string, remedy: string): HopmarkError {
  return new HopmarkError('user', 'bad-threshold', message, { remedy });
}
