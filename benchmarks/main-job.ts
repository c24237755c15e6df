/**
 * The main job as a newcomer runs it, held against what it must reach: it ends within 120 s, and
 * the optimized proxy costs at most so much of the original.
 *
 *   node benchmarks/main-job.ts
 */
import type { MetricName } from '../harness/model/metric.ts';
import { ratioOf, runCompare } from './run-compare.ts';

/** The most that the optimized proxy may cost, as a share of the original. */
export const LIMITS: Readonly<Partial<Record<MetricName, number>>> = {
  'cpu-per-request': 0.35,
  'allocated-per-request': 0.15,
  'overhead-p50': 0.5,
};

/** Metrics of which both proxies show a figure, and a ratio with an interval. */
export const SHOWN: readonly MetricName[] = [
  'hop-p50',
  'hop-p90',
  'hop-p99',
  'overhead-p50',
  'overhead-p99',
  'loaded-request-time',
  'throughput',
  'cpu-per-request',
  'allocated-per-request',
  'memory-rss',
];

const MOST_SECONDS = 120;

if (import.meta.main) {
  const { report, exitCode, seconds } = await runCompare(['baseline', 'optimized']);
  const problems: string[] = [];
  for (const [metric, limit] of Object.entries(LIMITS) as [MetricName, number][]) {
    const ratio = ratioOf(report, metric);
    console.log(`${metric}: ${ratio.toFixed(3)}x of the original, at most ${limit}x`);
    if (!(ratio <= limit)) problems.push(`${metric} is beyond its limit`);
  }
  for (const metric of SHOWN) {
    const shown = report.comparisons.find((one) => one.metric === metric);
    const control = report.controls.find((one) => one.metric === metric);
    if ((shown?.ratioInterval ?? null) === null) problems.push(`${metric} has no interval`);
    if ((control?.ratio ?? null) === null) problems.push(`${metric} has no twin`);
  }
  console.log(
    `ended after ${seconds.toFixed(0)} s with ${report.run.rounds} rounds, exit ${exitCode}`,
  );
  if (seconds > MOST_SECONDS) problems.push(`it took longer than ${MOST_SECONDS} s`);
  if (exitCode !== 0) problems.push(`it exited with ${exitCode}`);
  for (const problem of problems) console.log(`NOT REACHED: ${problem}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
