/**
 * Where the CPU time of a request goes within the optimized proxy, step by step, without a policy and
 * with the example's 20 rules: the table of ARCHITECTURE.md. Processes take turns, each is warmed and
 * then profiled, and shares are of all that was seen of either kind. A profile shows what is large;
 * differences of a percent are what comparisons are for.
 *
 *   node benchmarks/request-steps.ts [--requests 40000] [--turns 3] [--scenario fixed-1kb]
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { readCpuProfile, type SampledFrame } from '../harness/attribution/sampled-profile.ts';
import { WaveClient } from '../harness/drivers/waves.ts';
import { findScenario } from '../harness/scenarios/scenarios.ts';
import { prepareTraffic } from '../harness/scenarios/traffic.ts';
import { launchSut } from '../harness/sut/launch.ts';
import { type OriginProcess, startOriginProcess } from '../harness/sut/origin-process.ts';
import { createPolicy, loadPolicyFile } from '../impls/policy/load.ts';
import type { Policy } from '../impls/policy/policy.ts';
import { scriptOptions } from '../scripts/script-options.ts';

const CONCURRENCY = 32;
const WAVE_REQUESTS = 384;
const SEED = 1;

/** The steps of a request, and the files of `impls/optimized` and `impls/policy` that take them. */
const STEPS: Readonly<Record<string, readonly string[]>> = {
  'a head is read': [
    ...[
      'client-connection',
      'read-in-place',
      'request-head',
      'field-reader',
      'byte-classes',
      'known-fields',
    ],
    ...[
      'host',
      'connection-options',
      'content-length',
      'transfer-encoding',
      'methods',
      'max-forwards',
    ],
  ],
  'rules decide': [
    ...['exchange', 'snapshot', 'decision-cache', 'rules', 'field-values', 'pattern'],
    ...['path-normal-form', 'held-request'],
  ],
  'the request goes on': [
    ...['upstream-pool', 'forward', 'hop', 'outgoing', 'socket-writer', 'timeouts', 'buffer-pool'],
  ],
  'the answer goes back': ['answer-relay', 'response-head', 'answer-head', 'answer-body'],
  'a line is due or not': [
    ...['exchange-log', 'body-window', 'log-writer', 'log-record', 'redact'],
  ],
  // The clock is the host's.
  'its times are kept': ['exchange-times', 'counters', 'durations', 'child-entry'],
};
const COLLECTING = 'garbage collection';
const SENDING = 'sending, in the kernel';
const STREAMS = "Node's sockets and streams";
const OTHER = 'the rest';

/** In the order of the table. */
export const STEP_NAMES: readonly string[] = [
  ...Object.keys(STEPS),
  ...[STREAMS, COLLECTING, SENDING, OTHER],
];

/** The step that a function's own time belongs to; null: the profiler's, or nothing that ran. */
export function stepOf({
  name,
  url,
  caller,
}: Pick<SampledFrame, 'name' | 'url' | 'caller'>): string | null {
  if (name === '(program)' || url === 'node:inspector') return null;
  if (name === '(garbage collector)') return COLLECTING;
  if (/^write(Buffer|v|Latin1String|Utf8String)$/.test(name)) return SENDING;
  // A native function works for what calls it.
  const place = url === '' ? (caller?.url ?? '') : url;
  const file = basename(place).replace(/\.[jt]s$/, '');
  const step = Object.entries(STEPS).find(([, files]) => files.includes(file));
  if (step !== undefined && !place.startsWith('node:')) return step[0];
  return place.startsWith('node:') ? STREAMS : OTHER;
}

/** By step, its share of the time that was seen, 0..1; and that time in microseconds a request. */
export interface RequestSteps {
  readonly shares: ReadonlyMap<string, number>;
  readonly requestUs: number;
}

export interface StepOptions {
  /** Profiled of each process; half as many warm it. */
  readonly requests: number;
  /** Processes of either kind. */
  readonly turns: number;
  readonly scenario: string;
}

/** Profiles both kinds in turn. No process and no file is left. */
export async function measureSteps(
  options: StepOptions,
): Promise<Readonly<Record<'without' | 'with', RequestSteps>>> {
  const policies = {
    without: createPolicy(),
    with: await loadPolicyFile('examples/policy.yaml'),
  };
  const frames = { without: [] as SampledFrame[], with: [] as SampledFrame[] };
  const scenario = await findScenario(options.scenario);
  const origin = await startOriginProcess(scenario, SEED);
  try {
    for (let turn = 0; turn < options.turns; turn += 1) {
      for (const kind of ['without', 'with'] as const) {
        frames[kind].push(...(await profile(policies[kind], { origin, scenario, options })));
      }
    }
  } finally {
    await origin.stop();
  }
  const requests = options.turns * options.requests;
  return {
    without: addUp(frames.without, requests),
    with: addUp(frames.with, requests),
  };
}

async function profile(
  policy: Policy,
  {
    origin,
    scenario,
    options,
  }: {
    readonly origin: OriginProcess;
    readonly scenario: Awaited<ReturnType<typeof findScenario>>;
    readonly options: StepOptions;
  },
): Promise<readonly SampledFrame[]> {
  const folder = await mkdtemp(join(tmpdir(), 'hopmark-steps-'));
  const upstream = { protocol: 'http:', host: origin.host, port: origin.port } as const;
  const sut = await launchSut({ spec: 'optimized', label: 'optimized', upstream, policy });
  const client = new WaveClient(sut, prepareTraffic(scenario, SEED));
  let position = 0;
  const send = async (count: number): Promise<void> => {
    const end = position + count;
    for (; position < end; position += WAVE_REQUESTS) {
      await client.loaded(position, CONCURRENCY, WAVE_REQUESTS);
    }
  };
  try {
    await send(options.requests / 2);
    await sut.startProfile('cpu');
    await send(options.requests);
    const path = join(folder, 'request.cpuprofile');
    await sut.stopProfile('cpu', path);
    return readCpuProfile(await readFile(path, 'utf8'));
  } finally {
    client.close();
    await sut.kill();
    await rm(folder, { recursive: true });
  }
}

function addUp(frames: readonly SampledFrame[], requests: number): RequestSteps {
  const times = new Map<string, number>(STEP_NAMES.map((name) => [name, 0]));
  for (const frame of frames) {
    const step = stepOf(frame);
    if (step !== null) times.set(step, (times.get(step) ?? 0) + frame.total);
  }
  const total = [...times.values()].reduce((sum, time) => sum + time, 0);
  return {
    shares: new Map([...times].map(([name, time]) => [name, total === 0 ? 0 : time / total])),
    requestUs: total / requests,
  };
}

if (import.meta.main) {
  const { values } = scriptOptions({
    options: {
      requests: { type: 'string', default: '40000' },
      turns: { type: 'string', default: '3' },
      scenario: { type: 'string', default: 'fixed-1kb' },
    },
  });
  const { requests, turns, scenario } = values;
  const steps = await measureSteps({ requests: Number(requests), turns: Number(turns), scenario });
  const percent = (share: number | undefined): string => `${((share ?? 0) * 100).toFixed(1)} %`;
  console.log('| step | without rules | 20 rules |\n| --- | --- | --- |');
  for (const name of STEP_NAMES) {
    const [without, with_] = [steps.without.shares.get(name), steps.with.shares.get(name)];
    console.log(`| ${name} | ${percent(without)} | ${percent(with_)} |`);
  }
  const { without, with: ruled } = steps;
  console.log(
    `| all of it, µs a request | ${without.requestUs.toFixed(1)} | ${ruled.requestUs.toFixed(1)} |`,
  );
}
