/**
 * What the optimized proxy costs beside the best: nginx, HAProxy, a TCP splice (the floor of Node) and
 * undici behind node:http, all in one interleaved run, with its policy off and on. Each bar is a ratio
 * within rounds, so that a slow hour is everybody's. nginx logs nothing here, while the policy's log
 * rules stay on: the comparison errs against us. The slowest hundredth is `proxy-tail.ts`'s, much of
 * something `proxy-limits.ts`'s.
 *
 *   node benchmarks/proxy-cost.ts [--budget 240s] [--scenario fixed-1kb]
 *
 * `--scenario benchmarks/fixtures/in-flight-64.json`: answers of 64 bytes, 64 requests in flight.
 */
import type { MetricName } from '../harness/model/metric.ts';
import type { ReportDocument } from '../harness/model/report.ts';
import { scriptOptions } from '../scripts/script-options.ts';
import { describeEstimate, estimatePairs, type PairedEstimate } from './paired-estimate.ts';
import { runCompare } from './run-compare.ts';

/** The names under which reports show the proxy alone, and with the rules of the example policy. */
const ALONE = 'optimized';
const WITH_POLICY = 'optimized (policy on)';

/** What one proxy may cost as a multiple of another. */
export interface Bar {
  readonly metric: MetricName;
  readonly of: string;
  readonly than: string;
  readonly atMost: number;
}

/** The bars that the optimized proxy is held to. */
export const BARS: readonly Bar[] = [
  { metric: 'cpu-per-request', of: ALONE, than: 'nginx', atMost: 1.25 },
  { metric: 'cpu-per-request', of: ALONE, than: 'splice', atMost: 1.15 },
  { metric: 'cpu-per-request', of: ALONE, than: 'undici', atMost: 0.45 },
  { metric: 'cpu-per-request', of: WITH_POLICY, than: 'nginx', atMost: 1.4 },
  { metric: 'cpu-per-request', of: WITH_POLICY, than: 'splice', atMost: 1.3 },
  { metric: 'overhead-p50', of: ALONE, than: 'nginx', atMost: 1.1 },
  { metric: 'overhead-p50', of: WITH_POLICY, than: 'nginx', atMost: 1.2 },
];

/** Bytes that the proxy may allocate a request without a log line. */
export const MOST_ALLOCATED_BYTES = 2500;

/** Whether a bar is kept for sure, missed for sure, or neither. */
export type Standing = 'kept' | 'missed' | 'open';

/** A bar as it was measured. */
export interface MeasuredBar {
  readonly bar: Bar;
  /** Null where no round has both figures. */
  readonly estimate: PairedEstimate | null;
  readonly standing: Standing;
}

/** Runs the comparison; more flags are those of `hopmark compare`. */
export async function measureProxyCost(flags: readonly string[]): Promise<ReportDocument> {
  const { report } = await runCompare([
    ...['nginx', 'haproxy', 'undici', 'optimized', '--floor', 'splice'],
    ...flags,
  ]);
  return report;
}

/** The bars as the report's rounds have them. */
export function barsOf(
  report: ReportDocument,
  bars: readonly Bar[] = BARS,
): readonly MeasuredBar[] {
  return bars.map((bar) => {
    const estimate = estimatePairs(pairsOf(report, bar));
    return { bar, estimate, standing: standingOf(estimate, bar.atMost) };
  });
}

/** An interval that has the bar within it decides nothing, nor does what was not measured. */
export function standingOf(estimate: PairedEstimate | null, atMost: number): Standing {
  const interval = estimate?.interval ?? null;
  if (interval === null) return 'open';
  if (interval[1] <= atMost) return 'kept';
  return interval[0] > atMost ? 'missed' : 'open';
}

/** `kept   WHAT: 1.1x (1.0 to 1.2), at most 1.3x`. */
export function barLine(what: string, estimate: PairedEstimate | null, atMost: number): string {
  const shown = estimate === null ? 'not measured' : describeEstimate(estimate, 3);
  return `${standingOf(estimate, atMost).padEnd(6)} ${what}: ${shown}, at most ${atMost}x`;
}

/** What the proxy alone allocates a request, in bytes; null: not measured. */
export function allocatedBytes({ arms }: ReportDocument): number | null {
  const own = arms.find(({ name, role }) => name === ALONE && role === 'candidate');
  return own?.metrics.find(({ metric }) => metric === 'allocated-per-request')?.value ?? null;
}

function pairsOf(
  { arms, rounds }: ReportDocument,
  { metric, of, than }: Bar,
): readonly (readonly [number, number])[] {
  // The twin has its original's name, and comes behind it.
  const idOf = (wanted: string): string => arms.find(({ name }) => name === wanted)?.id ?? '';
  return rounds.flatMap((round) => {
    const value = round.arms[idOf(of)]?.values[metric];
    const other = round.arms[idOf(than)]?.values[metric];
    // Less than nothing is what noise makes of an overhead; no ratio comes of it.
    return value === undefined || other === undefined || value <= 0 || other <= 0
      ? []
      : [[value, other] as const];
  });
}

if (import.meta.main) {
  const { values } = scriptOptions({
    options: {
      budget: { type: 'string', default: '240s' },
      scenario: { type: 'string', default: 'fixed-1kb' },
    },
  });
  const report = await measureProxyCost([
    ...['--budget', values.budget, '--scenario', values.scenario],
  ]);
  for (const { name, role, version } of report.arms) {
    if (role === 'reference' || role === 'candidate' || role === 'floor') {
      console.log(`${name} ${version ?? ''}`.trimEnd());
    }
  }
  const bars = barsOf(report);
  for (const { bar, estimate } of bars) {
    console.log(barLine(`${bar.metric}, ${bar.of} over ${bar.than}`, estimate, bar.atMost));
  }
  const bytes = allocatedBytes(report);
  const allocates = bytes !== null && bytes <= MOST_ALLOCATED_BYTES;
  console.log(
    `${allocates ? 'kept  ' : 'missed'} allocated-per-request, ${ALONE}: ${bytes?.toFixed(0) ?? 'not measured'} B, at most ${MOST_ALLOCATED_BYTES} B`,
  );
  console.log(
    `${report.run.rounds} rounds, stolen time ${((report.environment.stealFraction ?? 0) * 100).toFixed(1)} %`,
  );
  process.exitCode = allocates && bars.every(({ standing }) => standing === 'kept') ? 0 : 1;
}
