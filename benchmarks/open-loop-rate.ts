/**
 * Does the open-loop driver hold 5,000 requests a second on 1,000 connections, and how late is it
 * itself? Against the origin and against a proxy, constant arrivals. A driver that does not hold the
 * rate, or was late, says so and fails.
 *
 *   node benchmarks/open-loop-rate.ts [--rate 5000] [--seconds 10] [--connections 1000] [--impl optimized]
 */
import { join } from 'node:path';
import { packageRoot } from '../harness/cli/version.ts';
import { Stage } from '../harness/load/stage.ts';
import { Tally } from '../harness/load/tally.ts';
import type { OpenLoopFigures } from '../harness/model/load-report.ts';
import { findScenario } from '../harness/scenarios/scenarios.ts';
import { driverDoubts, heldRate } from '../harness/verdict/open-loop.ts';
import { loadPolicyFile } from '../impls/policy/load.ts';
import { scriptOptions } from '../scripts/script-options.ts';

export interface RateOptions {
  readonly ratePerSecond: number;
  readonly durationMs: number;
  readonly connections: number;
  readonly spec: string;
  readonly warmUpMs: number;
}

/** What each arm did. */
export type RateResult = Readonly<Record<'direct' | 'proxy', OpenLoopFigures>>;

/** Measures. Leaves no process. */
export async function measureRate(options: RateOptions): Promise<RateResult> {
  const { ratePerSecond, durationMs, connections, spec, warmUpMs } = options;
  const stage = await Stage.start({
    spec,
    label: spec,
    scenario: await findScenario('web-mix'),
    policy: await loadPolicyFile(join(packageRoot(), 'examples', 'policy.yaml')),
    seed: 1,
    signal: new AbortController().signal,
  });
  try {
    await stage.warmUp(warmUpMs);
    stage.place();
    const run = async (arm: 'direct' | 'proxy'): Promise<OpenLoopFigures> => {
      await stage.open(arm, connections);
      const offer = { ratePerSecond, arrivals: 'constant' } as const;
      await stage.run({ arm, durationMs: warmUpMs / 4, seed: 1 }, offer);
      const tally = new Tally('web-mix');
      const { run: measured, windows } = await stage.run({ arm, durationMs, seed: 1 }, offer);
      stage.assertAlive();
      tally.add(measured, windows);
      return tally.figures();
    };
    return { direct: await run('direct'), proxy: await run('proxy') };
  } finally {
    await stage.stop();
  }
}

if (import.meta.main) {
  const { values } = scriptOptions({
    options: {
      rate: { type: 'string', default: '5000' },
      seconds: { type: 'string', default: '10' },
      connections: { type: 'string', default: '1000' },
      impl: { type: 'string', default: 'optimized' },
    },
  });
  const result = await measureRate({
    ratePerSecond: Number(values.rate),
    durationMs: 1000 * Number(values.seconds),
    connections: Number(values.connections),
    spec: values.impl,
    warmUpMs: 4000,
  });
  for (const arm of ['direct', 'proxy'] as const) {
    const figures = result[arm];
    const { lag, latency, achievedPerSecond, driverBusyFraction, waited, unanswered } = figures;
    const doubts = driverDoubts(figures);
    const holds = heldRate(figures) && doubts.length === 0;
    const percentiles = latency.map(
      ({ metric, value }) => `${metric} ${value === null ? 'n/a' : value.toFixed(0)} µs`,
    );
    console.log(
      `${arm.padEnd(6)} ${achievedPerSecond.toFixed(0)} of ${values.rate} a second: ${holds ? 'held' : 'NOT HELD'}; release lag p50 ${lag.p50Us.toFixed(1)}, p99 ${lag.p99Us.toFixed(0)}, p99.9 ${lag.p999Us.toFixed(0)}, at most ${lag.maxUs.toFixed(0)} µs; driver busy ${(100 * driverBusyFraction).toFixed(0)} %; waited ${waited}, given up ${unanswered}`,
    );
    console.log(`       ${percentiles.join(', ')}`);
    for (const { message } of doubts) console.log(`       ${message}`);
    if (!holds) process.exitCode = 1;
  }
}
