/**
 * Which of the doubts that rounds carry make a run prove nothing, and which only warn. Pure. What
 * the whole run shows against itself, such as a control that differs, is not looked at here
 * (`decide-run.ts`).
 */
import type { MetricName } from '../model/metric.ts';
import type { Round } from '../model/round.ts';
import type { Warning } from '../model/warning.ts';

const LOADED: readonly MetricName[] = ['loaded-request-time', 'throughput'];

/**
 * By the code of a round's warning, the metrics that it spoils; none: it only warns. A code that is
 * missing only warns too. `docs/measuring.md` shows this table.
 */
export const INVALIDATING: Readonly<Record<string, 'all' | readonly MetricName[]>> = {
  'throttled-hard': 'all',
  'driver-saturated': LOADED,
  'bottleneck-differs': LOADED,
  'processes-changed': ['cpu-per-request'],
  throttled: [],
  'not-the-bottleneck': [],
  'not-steady': [],
  'dropped-connections': [],
  chatty: [],
  'killed-at-stop': [],
  'failed-at-stop': [],
};

/** A result is spoiled if more than this share of its rounds is. */
const SPOILED_SHARE = 0.5;

/**
 * Why rounds prove nothing of the metrics that are judged, a reason a code and scenario; none if
 * they do. A doubt about a metric that nobody judges is no reason.
 */
export function invalidReasons(
  rounds: readonly Round[],
  judgedMetrics: readonly MetricName[],
): readonly Warning[] {
  return [...Map.groupBy(rounds, ({ scenario }) => scenario)].flatMap(([scenario, own]) =>
    Object.entries(INVALIDATING).flatMap(([code, spoils]) => {
      const spoiled = judgedMetrics.filter((metric) => spoils === 'all' || spoils.includes(metric));
      const carrying = own.flatMap(
        ({ warnings }) => warnings.find((warning) => warning.code === code) ?? [],
      );
      const [first] = carrying;
      if (first === undefined || spoiled.length === 0) return [];
      if (carrying.length <= SPOILED_SHARE * own.length) return [];
      const share = `in ${carrying.length} of ${own.length} rounds`;
      const message = `${withoutFullStop(first.message)} (${share}), so this run proves nothing of ${spoiled.join(' and ')} of ${scenario}.`;
      return [{ code, message }];
    }),
  );
}

function withoutFullStop(sentence: string): string {
  return sentence.replace(/\.$/, '');
}
