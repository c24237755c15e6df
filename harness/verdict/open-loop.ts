/**
 * What an open-loop run is worth: whether the server kept up with the rate, and whether the driver
 * did. A driver that was late makes latencies that are its own; such a run is not slow but invalid.
 */
import type { OpenLoopFigures } from '../model/load-report.ts';
import type { MetricName } from '../model/metric.ts';
import type { Warning } from '../model/warning.ts';

/** More requests than this share waiting for a connection means that they pile up. */
const MOST_WAITED = 0.01;
/** A driver that did nothing else for more than this share of the time had no more to give. */
const SATURATED_SHARE = 0.9;
/** A percentile of which the driver's own lag makes up more than this share is not the server's. */
const LATE_SHARE = 0.25;
/** Lag below this is what any event loop has. */
const LEAST_LATE_US = 100;

/** True if the server held the rate: all was answered, and next to nothing had to wait. */
export function heldRate({ requests, waited, unanswered }: OpenLoopFigures): boolean {
  return unanswered === 0 && waited <= MOST_WAITED * requests;
}

/** True if the driver could not send at the rate whatever the server did. */
export function isDriverSaturated({ driverBusyFraction }: OpenLoopFigures): boolean {
  return driverBusyFraction > SATURATED_SHARE;
}

/** True if the driver's own lag at a percentile explains much of the latency there. */
export function isDriverLate(
  figures: OpenLoopFigures,
  metric: 'latency-p50' | 'latency-p99',
): boolean {
  const latencyUs = latencyOf(figures, metric);
  const lagUs = metric === 'latency-p50' ? figures.lag.p50Us : figures.lag.p99Us;
  return latencyUs !== null && lagUs > LEAST_LATE_US && lagUs > LATE_SHARE * latencyUs;
}

/** A figure's value, or null. */
export function latencyOf({ latency }: OpenLoopFigures, metric: MetricName): number | null {
  return latency.find((one) => one.metric === metric)?.value ?? null;
}

/** The doubts about the driver, the first of which makes the run invalid. */
export function driverDoubts(figures: OpenLoopFigures): readonly Warning[] {
  if (isDriverSaturated(figures)) {
    const share = Math.round(figures.driverBusyFraction * 100);
    const message = `The driver was busy for ${share} % of the time: this machine cannot offer the rate.`;
    return [{ code: 'driver-saturated', message }];
  }
  const metric = (['latency-p50', 'latency-p99'] as const).find((one) =>
    isDriverLate(figures, one),
  );
  if (metric === undefined) return [];
  const of = metric === 'latency-p50' ? 'every second request' : 'one request in a hundred';
  const message = `The driver itself released ${of} late: ${metric} and what lies above are partly its own. Something else used its CPU.`;
  return [{ code: 'driver-late', message }];
}
