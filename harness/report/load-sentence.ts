/** The verdict of a load report as one sentence, and the sentences behind it. */
import type {
  AnyLoadReport,
  LoadReason,
  LoadReport,
  LoadVerdict,
  OpenLoopFigures,
  SaturationReport,
  SoakReport,
  SweepReport,
} from '../model/load-report.ts';
import type { ArmMetric } from '../model/report.ts';
import { formatPercent, formatQuantity, formatSignificant } from './number.ts';

const WORDS: Readonly<Record<LoadVerdict, string>> = {
  met: 'Met',
  missed: 'Missed',
  measured: 'Measured',
  inconclusive: 'Inconclusive',
};

/** `Met: the 99th percentile of optimized is 612 µs ...`. */
export function loadVerdictSentence(report: AnyLoadReport): string {
  const sentences = report.reasons.map((reason) => sentenceOf(report, reason));
  return `${WORDS[report.verdict]}: ${sentences.join('; ')}.`;
}

function sentenceOf(report: AnyLoadReport, reason: LoadReason): string {
  switch (reason) {
    case 'smoke':
      return 'a smoke run shows that all works and measures nothing';
    case 'ended-early':
      return 'it ended before its time';
    case 'requests-failed':
      return failureSentence(report);
    default:
      break;
  }
  switch (report.kind) {
    case 'load':
      return loadSentence(report, reason);
    case 'soak':
      return soakSentence(report, reason);
    case 'sweep':
      return kneeSentence(report);
    case 'saturation':
      return peakSentence(report);
  }
}

function failureSentence(report: AnyLoadReport): string {
  const parts = figuresOf(report);
  const requests = parts.reduce((sum, one) => sum + one.requests, 0);
  const kinds = mergeFailures(parts.map(({ failures }) => failures));
  return `of ${formatSignificant(requests)} requests some failed (${describeFailures(kinds)})`;
}

function figuresOf(
  report: AnyLoadReport,
): readonly Pick<OpenLoopFigures, 'requests' | 'failures'>[] {
  if (report.kind === 'saturation') return report.steps;
  return report.kind === 'sweep' ? report.steps.map(({ figures }) => figures) : [report.proxy];
}

function mergeFailures(
  all: readonly Readonly<Record<string, number>>[],
): Readonly<Record<string, number>> {
  const merged: Record<string, number> = {};
  for (const failures of all) {
    for (const [kind, count] of Object.entries(failures))
      merged[kind] = (merged[kind] ?? 0) + count;
  }
  return merged;
}

/** `timeout 3, truncated 1`, or `none`. */
export function describeFailures(failures: Readonly<Record<string, number>>): string {
  const kinds = Object.entries(failures).filter(([, count]) => count > 0);
  return kinds.length === 0 ? 'none' : kinds.map(([kind, count]) => `${kind} ${count}`).join(', ');
}

/** `8,140 requests a second`. */
export function describeRate(perSecond: number): string {
  return `${formatSignificant(perSecond)} requests a second`;
}

function loadSentence(report: LoadReport, reason: LoadReason): string {
  const { proxy, direct, targetLatencyUs, load, implementation } = report;
  const target = formatQuantity('us', targetLatencyUs ?? 0);
  const p99 = describeMetric(metricOf(proxy, 'latency-p99'));
  const at = `at ${describeRate(load.ratePerSecond)}`;
  switch (reason) {
    case 'latency-met':
      return `the 99th percentile of ${implementation.name} is ${p99} ${at}, below ${target}`;
    case 'latency-missed':
      return `the 99th percentile of ${implementation.name} is ${p99} ${at}, above ${target}`;
    case 'latency-undecided':
      return `the 99th percentile of ${implementation.name} is ${p99} ${at}, and ${target} is not ruled out on either side; a longer --duration decides`;
    case 'direct-above-target':
      return `the origin alone, without a proxy, takes ${describeMetric(metricOf(direct, 'latency-p99'))} at the 99th percentile on this machine, above ${target}`;
    case 'driver-limited':
      return `the driver itself could not keep the schedule ${at}: it was busy for ${formatPercent(proxy.driverBusyFraction)} of the time, and one request in a hundred left ${formatQuantity('us', proxy.lag.p99Us)} late or more`;
    case 'rate-not-held':
      return `${implementation.name} could not hold ${describeRate(load.ratePerSecond)} on ${load.connections} connections: it gave ${formatSignificant(proxy.achievedPerSecond)} answers a second, ${formatPercent(proxy.waited / proxy.requests)} of the requests waited for a connection, and ${proxy.unanswered} were given up`;
    default:
      return `the 99th percentile of ${implementation.name} is ${p99} ${at}; no --target-latency was given to judge it by`;
  }
}

/** An arm's figure of this name. */
export function metricOf(
  { latency }: OpenLoopFigures,
  name: ArmMetric['metric'],
): ArmMetric | undefined {
  return latency.find(({ metric }) => metric === name);
}

/** `612 µs (580 to 655)`, or why not. */
export function describeMetric(metric: ArmMetric | undefined): string {
  if (metric === undefined || metric.value === null) return `not known (${metric?.reason ?? ''})`;
  const { value, interval } = metric;
  if (interval === null) return formatQuantity('us', value);
  return `${formatQuantity('us', value)} (${interval.map(formatSignificant).join(' to ')})`;
}

function soakSentence(report: SoakReport, reason: LoadReason): string {
  const { leak, memory, maxMemoryBytes, implementation } = report;
  const [low, high] = leak.interval ?? [Number.NaN, Number.NaN];
  const what = leak.of === 'held' ? 'of held memory' : 'of resident memory';
  const bytes = (value: number): string => `${formatSignificant(value)} bytes`;
  const added = formatQuantity('bytes', Math.max(0, memory.largestRssBytes - memory.idleRssBytes));
  const limit = formatQuantity('bytes', maxMemoryBytes);
  switch (reason) {
    case 'no-leak':
      return `no leak: at most ${bytes(Math.max(0, high))} ${what} stay behind for each request`;
    case 'leak':
      return `${implementation.name} leaks ${bytes(leak.bytesPerRequest ?? 0)} ${what} for each request (${formatSignificant(low)} to ${formatSignificant(high)})`;
    case 'leak-undecided':
      return leak.interval === null
        ? `${leak.readings} readings of its memory are too few to tell a leak; a longer --duration decides`
        : `between ${bytes(low)} and ${bytes(high)} ${what} stay behind for each request, which may be a leak or not; a longer --duration decides`;
    case 'memory-exceeded':
      return `it added ${added} to its idle size, more than the ${limit} that it may`;
    default:
      return `it added ${added} to its idle size, of ${limit} that it may`;
  }
}

function kneeSentence({ knee, capacityPerSecond }: SweepReport): string {
  if (knee === null)
    return 'latency has no knee in this sweep: no rate was held as low rates should be';
  const beyond =
    knee.beyondPerSecond === null
      ? 'the highest rate that was tried'
      : `the next rate that was tried, ${describeRate(knee.beyondPerSecond)}, is beyond it`;
  return `the knee is at ${describeRate(knee.ratePerSecond)}, ${formatPercent(knee.ratePerSecond / capacityPerSecond)} of the capacity; ${beyond}`;
}

function peakSentence({ steps }: SaturationReport): string {
  const peak = steps.toSorted((a, b) => b.requestsPerSecond - a.requestsPerSecond)[0];
  if (peak === undefined) return 'nothing';
  return `at most ${describeRate(peak.requestsPerSecond)}, on ${peak.connections} connections`;
}
