/**
 * Does one arm's garbage collection leak into another arm's figures? Measures the ratio of two
 * proxies in rounds with and without a third arm that allocates heavily, in random order. The
 * ratio must not move by 1 %.
 *
 *   node benchmarks/cross-talk.ts [--pairs 12] [--seed 1] [--smoke]
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../harness/cli/version.ts';
import { DEFAULT_SHAPE, type RoundShape, SMOKE_SHAPE } from '../harness/measure/plan.ts';
import { runSession } from '../harness/measure/session.ts';
import type { MetricName } from '../harness/model/metric.ts';
import { createRandom } from '../harness/model/random.ts';
import type { Arm } from '../harness/model/round.ts';
import { findScenario } from '../harness/scenarios/scenarios.ts';
import { loadPolicyFile } from '../impls/policy/load.ts';
import { scriptOptions } from '../scripts/script-options.ts';
import { describeEstimate, estimatePaired, type PairedEstimate } from './paired-estimate.ts';

export interface CrossTalkOptions {
  readonly pairs: number;
  readonly seed: number;
  readonly shape: RoundShape;
}

/** By metric: the ratio with the third arm over the ratio without it. */
export type CrossTalk = Readonly<Record<(typeof METRICS)[number], PairedEstimate>>;

const METRICS = ['hop-p50', 'loaded-request-time', 'cpu-per-request'] as const;

const ARMS: readonly Arm[] = [
  { id: 'direct', role: 'direct', name: 'direct' },
  { id: 'reference', role: 'reference', name: 'optimized' },
  { id: 'candidate', role: 'candidate', name: 'optimized' },
];

const ALLOCATING: Arm = {
  id: 'allocating',
  role: 'floor',
  name: fileURLToPath(new URL('./fixtures/allocating-proxy.ts', import.meta.url)),
};

/** Measures pairs of rounds. Leaves no process. */
export async function measureCrossTalk(options: CrossTalkOptions): Promise<CrossTalk> {
  const random = createRandom(options.seed);
  const alone: Record<string, number[]> = {};
  const together: Record<string, number[]> = {};
  for (let pair = 0; pair < options.pairs; pair += 1) {
    const settings = [
      { arms: ARMS, into: alone },
      { arms: [...ARMS, ALLOCATING], into: together },
    ];
    if (random.below(2) === 0) settings.reverse();
    for (const { arms, into } of settings) {
      const ratios = await measureRatios(arms, options.seed + pair, options.shape);
      for (const metric of METRICS) {
        into[metric] = [...(into[metric] ?? []), ratios[metric]];
      }
    }
  }
  return {
    'hop-p50': estimateOf('hop-p50'),
    'loaded-request-time': estimateOf('loaded-request-time'),
    'cpu-per-request': estimateOf('cpu-per-request'),
  };

  function estimateOf(metric: MetricName): PairedEstimate {
    return estimatePaired(together[metric] ?? [], alone[metric] ?? []);
  }
}

/** Candidate over reference in one round. */
async function measureRatios(
  arms: readonly Arm[],
  seed: number,
  shape: RoundShape,
): Promise<Readonly<Record<(typeof METRICS)[number], number>>> {
  const { rounds } = await runSession({
    arms,
    seed,
    shape,
    scenario: await findScenario('fixed-1kb'),
    policy: await loadPolicyFile(join(packageRoot(), 'examples', 'policy.yaml')),
    budgetMs: Number.POSITIVE_INFINITY,
    rounds: 1,
    decide: () => ({ done: true, confirming: false }),
    signal: new AbortController().signal,
    onProgress: () => {},
  });
  const ratio = (metric: MetricName): number => {
    const measured = rounds[0]?.arms;
    const [candidate, reference] = [measured?.candidate, measured?.reference];
    return (candidate?.values[metric] ?? Number.NaN) / (reference?.values[metric] ?? Number.NaN);
  };
  return {
    'hop-p50': ratio('hop-p50'),
    'loaded-request-time': ratio('loaded-request-time'),
    'cpu-per-request': ratio('cpu-per-request'),
  };
}

if (import.meta.main) {
  const { values } = scriptOptions({
    options: {
      pairs: { type: 'string', default: '12' },
      seed: { type: 'string', default: '1' },
      smoke: { type: 'boolean', default: false },
    },
  });
  const result = await measureCrossTalk({
    pairs: Number(values.pairs),
    seed: Number(values.seed),
    shape: values.smoke ? SMOKE_SHAPE : DEFAULT_SHAPE,
  });
  for (const metric of METRICS) {
    const moved = Math.abs(result[metric].ratio - 1) >= 0.01;
    const estimate = describeEstimate(result[metric], 4);
    console.log(`${metric}: ${estimate}: ${moved ? 'MOVED' : 'not moved by 1 %'}`);
    if (moved) process.exitCode = 1;
  }
}
