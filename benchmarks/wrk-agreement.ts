/**
 * Holds the loaded waves against wrk: requests a second of the same proxy on the same core, in
 * slices that take turns in random order. The two must agree within 5 %.
 *
 *   node benchmarks/wrk-agreement.ts [--pairs 12] [--seconds 2] [--seed 1]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { packageRoot } from '../harness/cli/version.ts';
import { WaveClient } from '../harness/drivers/waves.ts';
import { DEFAULT_SHAPE } from '../harness/measure/plan.ts';
import { createRandom } from '../harness/model/random.ts';
import { findScenario } from '../harness/scenarios/scenarios.ts';
import { prepareTraffic } from '../harness/scenarios/traffic.ts';
import { detectAffinity } from '../harness/sut/affinity.ts';
import { launchSut } from '../harness/sut/launch.ts';
import { startOriginProcess } from '../harness/sut/origin-process.ts';
import { loadPolicyFile } from '../impls/policy/load.ts';
import { scriptOptions } from '../scripts/script-options.ts';
import { describeEstimate, estimatePaired, type PairedEstimate } from './paired-estimate.ts';

export interface WrkAgreementOptions {
  /** Slices of each kind. */
  readonly pairs: number;
  /** Length of each slice. */
  readonly seconds: number;
  readonly seed: number;
}

export interface WrkAgreement {
  /** Waves over wrk, requests a second. */
  readonly ratio: PairedEstimate;
  readonly wavesRequestsPerSecond: readonly number[];
  readonly wrkRequestsPerSecond: readonly number[];
}

/** Measures; throws if wrk is missing or the proxy answers wrongly. Leaves no process. */
export async function measureWrkAgreement(options: WrkAgreementOptions): Promise<WrkAgreement> {
  const scenario = await findScenario('fixed-1kb');
  const traffic = prepareTraffic(scenario, options.seed);
  const origin = await startOriginProcess(scenario, options.seed);
  const { affinity } = detectAffinity();
  try {
    const sut = await launchSut({
      spec: 'optimized',
      label: 'optimized',
      upstream: { protocol: 'http:', host: origin.host, port: origin.port },
      policy: await loadPolicyFile(join(packageRoot(), 'examples', 'policy.yaml')),
    });
    const client = new WaveClient(sut, traffic);
    try {
      if (affinity !== null) {
        affinity.pin(sut.processes(), affinity.sutCpu);
        affinity.pin([origin.pid, process.pid], affinity.loadCpu);
      }
      const request = traffic.exchanges[0]?.requestBytes.toString('latin1') ?? '';
      const wrk = (): Promise<number> => runWrk(sut.port, request, options.seconds);
      const waves = (): Promise<number> => runWaves(client, options.seconds);
      await waves();
      return await takeTurns(options, waves, wrk);
    } finally {
      client.close();
      await sut.kill();
    }
  } finally {
    affinity?.release([process.pid]);
    await origin.stop();
  }
}

async function takeTurns(
  { pairs, seed }: WrkAgreementOptions,
  waves: () => Promise<number>,
  wrk: () => Promise<number>,
): Promise<WrkAgreement> {
  const random = createRandom(seed);
  const wavesRates: number[] = [];
  const wrkRates: number[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const wavesFirst = random.below(2) === 0;
    if (wavesFirst) wavesRates.push(await waves());
    wrkRates.push(await wrk());
    if (!wavesFirst) wavesRates.push(await waves());
  }
  return {
    ratio: estimatePaired(wavesRates, wrkRates),
    wavesRequestsPerSecond: wavesRates,
    wrkRequestsPerSecond: wrkRates,
  };
}

/** Requests a second of loaded waves, one after the other: total counted over total time. */
async function runWaves(client: WaveClient, seconds: number): Promise<number> {
  const { concurrency, loadedRequests } = DEFAULT_SHAPE;
  const end = performance.now() + seconds * 1000;
  let counted = 0;
  let countedMs = 0;
  do {
    const wave = await client.loaded(0, concurrency, loadedRequests);
    counted += wave.counted;
    countedMs += wave.countedMs;
  } while (performance.now() < end);
  return (counted / countedMs) * 1000;
}

/** Requests a second as wrk prints them, for the same request. wrk inherits this CPU. */
async function runWrk(port: number, request: string, seconds: number): Promise<number> {
  const [requestLine = '', ...fields] = request.split('\r\n\r\n')[0]?.split('\r\n') ?? [];
  const target = requestLine.split(' ')[1] ?? '/';
  const headers = fields.flatMap((field) => ['-H', field]);
  const { concurrency } = DEFAULT_SHAPE;
  const args = ['-t1', `-c${concurrency}`, `-d${seconds}s`, ...headers];
  const child = spawn('wrk', [...args, `http://127.0.0.1:${port}${target}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await once(child, 'close');
  const rate = /Requests\/sec:\s+([\d.]+)/.exec(text)?.[1];
  if (rate === undefined || /Non-2xx|Socket errors/.test(text)) {
    throw new Error(`wrk did not measure:\n${text}`);
  }
  return Number(rate);
}

if (import.meta.main) {
  const { values } = scriptOptions({
    options: {
      pairs: { type: 'string', default: '12' },
      seconds: { type: 'string', default: '2' },
      seed: { type: 'string', default: '1' },
    },
  });
  const result = await measureWrkAgreement({
    pairs: Number(values.pairs),
    seconds: Number(values.seconds),
    seed: Number(values.seed),
  });
  const agrees = Math.abs(result.ratio.ratio - 1) <= 0.05;
  console.log(
    `waves / wrk, requests a second: ${describeEstimate(result.ratio, 3)} over ${values.pairs} pairs: ${agrees ? 'agree within 5 %' : 'DISAGREE by more than 5 %'}`,
  );
  process.exitCode = agrees ? 0 : 1;
}
