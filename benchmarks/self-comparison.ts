/**
 * Compares an implementation with itself again and again: nothing may come out regressed or
 * improved, and the estimates must be within 1 % of 1 in at least nine runs of ten.
 *
 *   node benchmarks/self-comparison.ts [--runs 20] [--budget 30s] [--impl optimized]
 */
import type { Verdict } from '../harness/model/report.ts';
import { scriptOptions } from '../scripts/script-options.ts';
import { ratioOf, runCompare } from './run-compare.ts';

export interface SelfComparison {
  readonly verdict: Verdict;
  readonly rounds: number;
  readonly hopP50: number;
  readonly loadedRequestTime: number;
  readonly cpuPerRequest: number;
}

/** One run with the given seed. `extra` are further flags of `compare`. */
export async function compareWithItself(
  implementation: string,
  seed: number,
  extra: readonly string[],
): Promise<SelfComparison> {
  const args = [implementation, implementation, '--seed', String(seed), ...extra];
  const { report } = await runCompare(args);
  return {
    verdict: report.verdict,
    rounds: report.run.rounds,
    hopP50: ratioOf(report, 'hop-p50'),
    loadedRequestTime: ratioOf(report, 'loaded-request-time'),
    cpuPerRequest: ratioOf(report, 'cpu-per-request'),
  };
}

const WITHIN = 0.01;
const SHARE_WITHIN = 0.9;

if (import.meta.main) {
  const { values } = scriptOptions({
    options: {
      runs: { type: 'string', default: '20' },
      budget: { type: 'string', default: '30s' },
      impl: { type: 'string', default: 'optimized' },
    },
  });
  const runs: SelfComparison[] = [];
  for (let seed = 1; seed <= Number(values.runs); seed += 1) {
    const run = await compareWithItself(values.impl, seed, ['--budget', values.budget]);
    runs.push(run);
    console.log(
      `${String(seed).padStart(3)}  ${run.verdict.padEnd(12)} ${run.rounds} rounds  hop-p50 ${run.hopP50.toFixed(4)}  loaded ${run.loadedRequestTime.toFixed(4)}  cpu ${run.cpuPerRequest.toFixed(4)}`,
    );
  }
  const count = (verdict: Verdict): number => runs.filter((run) => run.verdict === verdict).length;
  const within = runs.filter(
    ({ hopP50, loadedRequestTime }) =>
      Math.abs(hopP50 - 1) <= WITHIN && Math.abs(loadedRequestTime - 1) <= WITHIN,
  ).length;
  console.log(
    `${runs.length} runs: ${count('regressed')} regressed, ${count('improved')} improved, ${count('unchanged')} unchanged, ${count('inconclusive')} inconclusive; both estimates within 1 % of 1 in ${within}`,
  );
  const held = count('regressed') + count('improved') === 0 && within >= SHARE_WITHIN * runs.length;
  process.exitCode = held ? 0 : 1;
}
