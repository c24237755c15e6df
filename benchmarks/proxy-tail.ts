/**
 * The slowest hundredth of requests, one in flight, beside nginx: what each adds to a request's 99th
 * percentile without a proxy. Comparisons send too few single requests a round for that. Three arms take
 * turns of 64 requests on one CPU, the proxies fresh each round; the optimized one has its policy on.
 *
 *   node benchmarks/proxy-tail.ts [--rounds 8] [--requests 12800]
 */
import { WaveClient } from '../harness/drivers/waves.ts';
import { createRandom, shuffled } from '../harness/model/random.ts';
import { findScenario } from '../harness/scenarios/scenarios.ts';
import { prepareTraffic } from '../harness/scenarios/traffic.ts';
import { quantile, sorted } from '../harness/stats/quantile.ts';
import { detectAffinity } from '../harness/sut/affinity.ts';
import { launchSut, type SystemUnderTest } from '../harness/sut/launch.ts';
import { type OriginProcess, startOriginProcess } from '../harness/sut/origin-process.ts';
import { loadPolicyFile } from '../impls/policy/load.ts';
import { scriptOptions } from '../scripts/script-options.ts';
import { describeEstimate, estimatePairs, type PairedEstimate } from './paired-estimate.ts';
import { barLine, standingOf } from './proxy-cost.ts';

export interface TailOptions {
  readonly rounds: number;
  /** Of each arm in each round, measured; as many before that, in waves of several. */
  readonly requests: number;
}

/** The optimized proxy's over nginx', by percentile. Null: no round had both above the direct one. */
export interface Tail {
  readonly p50: PairedEstimate | null;
  readonly p99: PairedEstimate | null;
}

/** What the 99th percentile may add, as a multiple of what nginx adds. */
export const MOST_P99 = 1.3;

const SEED = 1;
const WAVE_REQUESTS = 64;
const WARM_UP = { concurrency: 32, requests: 384 };
const ARMS = ['direct', 'nginx', 'optimized'] as const;

type Arm = (typeof ARMS)[number];

/** Times in microseconds, by arm. */
type Times = Readonly<Record<Arm, Float64Array>>;

/** Measures. Leaves no process. */
export async function measureTail(options: TailOptions): Promise<Tail> {
  const origin = await startOriginProcess(await findScenario('fixed-1kb'), SEED);
  const rounds: Times[] = [];
  try {
    for (let round = 0; round < options.rounds; round += 1) {
      rounds.push(await measureRound(origin, options.requests, round));
    }
  } finally {
    await origin.stop();
  }
  return { p50: estimate(rounds, 0.5), p99: estimate(rounds, 0.99) };
}

async function measureRound(
  origin: OriginProcess,
  requests: number,
  round: number,
): Promise<Times> {
  const policy = await loadPolicyFile('examples/policy.yaml');
  const upstream = { protocol: 'http:', host: origin.host, port: origin.port } as const;
  const traffic = prepareTraffic(await findScenario('fixed-1kb'), SEED);
  const proxies: SystemUnderTest[] = [];
  const clients = new Map<Arm, WaveClient>();
  try {
    for (const spec of ['nginx', 'optimized'] as const) {
      const sut = await launchSut({ spec, label: spec, upstream, policy });
      proxies.push(sut);
      clients.set(spec, new WaveClient(sut, traffic));
    }
    const { host, port } = origin;
    clients.set(
      'direct',
      new WaveClient({ label: 'the origin', side: 'origin', host, port }, traffic),
    );
    for (const client of clients.values()) {
      for (let sent = 0; sent < requests; sent += WARM_UP.requests) {
        await client.loaded(sent, WARM_UP.concurrency, WARM_UP.requests);
      }
    }
    const { affinity } = detectAffinity();
    const pids = [...proxies.flatMap((sut) => sut.processes()), origin.pid, process.pid];
    affinity?.pin(pids, affinity.sutCpu);
    const times = {
      direct: new Float64Array(requests),
      nginx: new Float64Array(requests),
      optimized: new Float64Array(requests),
    };
    const random = createRandom(round);
    for (let sent = 0; sent < requests; sent += WAVE_REQUESTS) {
      for (const arm of shuffled(ARMS, random)) {
        const count = Math.min(WAVE_REQUESTS, requests - sent);
        await clients.get(arm)?.sequential(sent, count, times[arm], sent);
      }
    }
    affinity?.release([origin.pid, process.pid]);
    return times;
  } finally {
    for (const client of clients.values()) client.close();
    await Promise.all(proxies.map((sut) => sut.terminate(2000)));
  }
}

function estimate(rounds: readonly Times[], fraction: number): PairedEstimate | null {
  const pairs = rounds.flatMap((times) => {
    const [direct = 0, nginx = 0, optimized = 0] = ARMS.map((arm) =>
      quantile(sorted(times[arm]), fraction),
    );
    return nginx > direct && optimized > direct
      ? [[optimized - direct, nginx - direct] as const]
      : [];
  });
  return estimatePairs(pairs);
}

if (import.meta.main) {
  const { values } = scriptOptions({
    options: {
      rounds: { type: 'string', default: '8' },
      requests: { type: 'string', default: '12800' },
    },
  });
  const { p50, p99 } = await measureTail({
    rounds: Number(values.rounds),
    requests: Number(values.requests),
  });
  const shown = p50 === null ? 'not measured' : describeEstimate(p50, 3);
  console.log(`       overhead-p50, optimized (policy on) over nginx: ${shown}`);
  console.log(barLine('overhead-p99, optimized (policy on) over nginx', p99, MOST_P99));
  process.exitCode = standingOf(p99, MOST_P99) === 'kept' ? 0 : 1;
}
