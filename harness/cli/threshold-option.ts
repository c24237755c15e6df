/**
 * The thresholds of a command: those of the config, over them those of its flags, contradictions
 * refused. How one limit is written is `harness/verdict/thresholds.ts`'s business.
 */
import { HopmarkError } from '../model/error.ts';
import { parseThresholds, type Thresholds } from '../verdict/thresholds.ts';

/**
 * Reads both. A flag is `METRIC: LIMIT`. Throws a user's HopmarkError if a metric is unknown, a
 * limit cannot be read, or two of them contradict each other.
 */
export function readThresholds(
  config: Readonly<Record<string, string>>,
  flags: readonly string[],
): Thresholds {
  const given: Record<string, string> = {};
  for (const flag of flags) {
    const [, metric, limit] = /^\s*([^\s:]+)\s*:\s*(.+)$/.exec(flag) ?? [];
    if (metric === undefined || limit === undefined) {
      throw refused(
        `"${flag}" is not a threshold`,
        "Write it as 'METRIC: LIMIT', such as 'hop-p50: <= +5%'.",
      );
    }
    const other = given[metric];
    if (other !== undefined && other.trim() !== limit.trim()) {
      throw refused(
        `two thresholds for ${metric} contradict each other: "${other}" and "${limit}"`,
        'Give one of them.',
      );
    }
    given[metric] = limit;
  }
  const thresholds = { ...parseThresholds(config), ...parseThresholds(given) };
  if (typeof thresholds.throughput === 'number' && hasLoadedTime(thresholds)) {
    throw refused(
      'throughput is the reciprocal of loaded-request-time: one change would be judged twice',
      'Give a threshold for one of them.',
    );
  }
  return thresholds;
}

function hasLoadedTime(thresholds: Thresholds): boolean {
  return typeof thresholds['loaded-request-time'] === 'number';
}

function refused(message: string, remedy: string): HopmarkError {
  return new HopmarkError('user', 'bad-threshold', message, { remedy });
}
