/**
 * What the optimized proxy costs where there is much of something: rules, paths that never come
 * again, connections, megabytes. Each bar is a ratio of CPU times of two sides whose waves take turns,
 * in fresh processes each round; the memory of an idle connection is counted in bytes.
 *
 *   node benchmarks/proxy-limits.ts [--rounds 8] [--bodies 110s] [--only NAME] [--smoke]
 *
 * `--only` rules, flood, connections, bodies or idle.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { WaveClient } from '../harness/drivers/waves.ts';
import { createRandom, shuffled } from '../harness/model/random.ts';
import type { RecordedScenario, Scenario } from '../harness/model/scenario.ts';
import type { Traffic } from '../harness/scenarios/exchange.ts';
import { withExtraRules } from '../harness/scenarios/extra-rules.ts';
import { findScenario } from '../harness/scenarios/scenarios.ts';
import { prepareTraffic } from '../harness/scenarios/traffic.ts';
import { detectAffinity } from '../harness/sut/affinity.ts';
import { launchSut, type SystemUnderTest } from '../harness/sut/launch.ts';
import { type OriginProcess, startOriginProcess } from '../harness/sut/origin-process.ts';
import { TreeClock } from '../harness/sut/tree-clock.ts';
import { createPolicy, loadPolicyFile } from '../impls/policy/load.ts';
import type { Policy } from '../impls/policy/policy.ts';
import { scriptOptions } from '../scripts/script-options.ts';
import { estimatePairs, type PairedEstimate } from './paired-estimate.ts';
import { type Bar, barLine, barsOf, type MeasuredBar, standingOf } from './proxy-cost.ts';
import { runCompare } from './run-compare.ts';

/** How much is measured. */
export interface LimitOptions {
  readonly rounds: number;
  /** Cycles of a round: in each, both sides have a wave. */
  readonly cycles: number;
  /** Requests that each side has before it is measured. */
  readonly warmUpRequests: number;
}

/** One side of a comparison: a proxy under a policy, and how many requests it has in flight. */
interface Side {
  readonly spec: string;
  readonly policy: Policy;
  readonly concurrency: number;
}

/** Two sides of the same requests. */
interface Contest {
  readonly scenario: Scenario;
  readonly side: Side;
  readonly than: Side;
}

const SEED = 1;
const CONCURRENCY = 32;
const WAVE_REQUESTS = 384;
/** More than the decision cache holds or remembers to have seen, so that none is known twice. */
const FLOOD_TARGETS = 60_000;
const IDLE_CONNECTIONS = 10_000;
const MB = 1 << 20;

/** What each may cost, as a multiple of the other side. */
export const LIMITS: Readonly<Record<ContestName, number>> = {
  rules: 1.25,
  flood: 1.1,
  connections: 1.05,
};

/** Resident bytes that an idle connection may cost. */
export const MOST_IDLE_BYTES = 12_288;

/** Of answers and of requests of 1 MB. */
export const BODY_BARS: readonly Bar[] = [
  { metric: 'cpu-per-request', of: 'optimized', than: 'nginx', atMost: 0.8 },
  { metric: 'cpu-per-request', of: 'optimized', than: 'haproxy', atMost: 1.3 },
];

const BODY_SCENARIOS = ['large-download', 'upload'];

export type ContestName = 'rules' | 'flood' | 'connections';

const WHAT: Readonly<Record<ContestName, string>> = {
  rules: '1,000 rules over the 20 of the example, on web-mix',
  flood: 'with the decision cache over without, paths that never come again',
  connections: '1,000 connections over 64, all of them busy',
};

/** Measures one of the ratios. Leaves no process. */
export async function measureLimit(
  name: ContestName,
  options: LimitOptions,
): Promise<PairedEstimate | null> {
  const contest = await contestOf(name);
  const origin = await startOriginProcess(contest.scenario, SEED);
  const ratios: (readonly [number, number])[] = [];
  try {
    const traffic = prepareTraffic(contest.scenario, SEED);
    for (let round = 0; round < options.rounds; round += 1) {
      ratios.push(await measureRound(contest, { origin, traffic, round, options }));
    }
  } finally {
    await origin.stop();
  }
  return estimatePairs(ratios);
}

async function contestOf(name: ContestName): Promise<Contest> {
  const example = await loadPolicyFile('examples/policy.yaml');
  const side = { spec: 'optimized', policy: example, concurrency: CONCURRENCY };
  switch (name) {
    case 'rules':
      return {
        scenario: await findScenario('web-mix'),
        side: { ...side, policy: withExtraRules(example, 980) },
        than: side,
      };
    case 'flood':
      return {
        scenario: floodScenario(),
        side,
        than: { ...side, spec: 'optimized?without=decision-cache' },
      };
    case 'connections':
      return {
        scenario: await findScenario('fixed-1kb'),
        side: { ...side, concurrency: 1000 },
        than: { ...side, concurrency: 64 },
      };
  }
}

function floodScenario(): RecordedScenario {
  return {
    kind: 'recorded',
    name: 'flood',
    title: 'paths that never come again',
    description: 'GETs, each for another path.',
    source: { text: 'Made up.', licence: 'MIT' },
    host: 'www.example.org',
    exchanges: Array.from({ length: FLOOD_TARGETS }, (_, index) => ({
      method: 'GET',
      target: `/search/${index.toString(36).padStart(6, 'x')}/results`,
      fields: [['Accept', '*/*']],
      bodyBytes: 0,
      answer: { status: 200, fields: [['Content-Type', 'text/plain']], bodyBytes: 256 },
    })),
    order: Array.from({ length: FLOOD_TARGETS }, (_, index) => index),
  };
}

interface RoundContext {
  readonly origin: OriginProcess;
  readonly traffic: Traffic;
  readonly round: number;
  readonly options: LimitOptions;
}

/** CPU time a request of both sides, each a process that was started for this round. */
async function measureRound(
  { side, than }: Contest,
  context: RoundContext,
): Promise<readonly [number, number]> {
  const runners: Runner[] = [];
  try {
    for (const one of [side, than]) runners.push(await Runner.start(one, context));
    const { affinity } = detectAffinity();
    affinity?.pin(
      runners.flatMap(({ pids }) => pids),
      affinity.sutCpu,
    );
    affinity?.pin([context.origin.pid, process.pid], affinity.loadCpu);
    const random = createRandom(context.round);
    for (let cycle = 0; cycle < context.options.cycles; cycle += 1) {
      for (const runner of shuffled(runners, random)) await runner.wave();
    }
    affinity?.release([context.origin.pid, process.pid]);
    const [one, other] = runners.map((runner) => runner.perRequestNs());
    return [one ?? Number.NaN, other ?? Number.NaN];
  } finally {
    await Promise.all(runners.map((runner) => runner.stop()));
  }
}

/** One side in one round. */
class Runner {
  readonly #sut: SystemUnderTest;
  readonly #client: WaveClient;
  readonly #clock: TreeClock;
  readonly #concurrency: number;
  readonly #waveRequests: number;
  #position = 0;
  #requests = 0;
  #usedNs = 0;

  private constructor(sut: SystemUnderTest, traffic: Traffic, { concurrency }: Side) {
    this.#sut = sut;
    this.#client = new WaveClient(sut, traffic);
    this.#clock = new TreeClock(() => sut.processes());
    this.#concurrency = concurrency;
    this.#waveRequests = Math.max(WAVE_REQUESTS, 4 * concurrency);
  }

  static async start(side: Side, { origin, traffic, options }: RoundContext): Promise<Runner> {
    const upstream = { protocol: 'http:', host: origin.host, port: origin.port } as const;
    const { spec, policy } = side;
    const sut = await launchSut({ spec, label: spec, upstream, policy });
    const runner = new Runner(sut, traffic, side);
    while (runner.#position < options.warmUpRequests) await runner.#send();
    return runner;
  }

  get pids(): readonly number[] {
    return this.#sut.processes();
  }

  async wave(): Promise<void> {
    const before = this.#clock.readNs();
    await this.#send();
    this.#usedNs += this.#clock.readNs() - before;
    this.#requests += this.#waveRequests;
  }

  async #send(): Promise<void> {
    await this.#client.loaded(this.#position, this.#concurrency, this.#waveRequests);
    this.#position += this.#waveRequests;
  }

  perRequestNs(): number {
    return this.#usedNs / this.#requests;
  }

  async stop(): Promise<void> {
    this.#client.close();
    this.#clock.close();
    await this.#sut.terminate(2000);
  }
}

/**
 * What an idle connection costs, in resident bytes: what the process grows by as so many are opened,
 * each of which has had one answer, over their number. Garbage is collected before either reading.
 */
export async function measureIdle(connections: number): Promise<number> {
  const scenario = await findScenario('fixed-1kb');
  const origin = await startOriginProcess(scenario, SEED);
  const sockets: Socket[] = [];
  try {
    const upstream = { protocol: 'http:', host: origin.host, port: origin.port } as const;
    const policy = createPolicy({ limits: { idleTimeout: '10m' } });
    const sut = await launchSut({ spec: 'optimized', label: 'optimized', upstream, policy });
    try {
      const [exchange] = prepareTraffic(scenario, SEED).exchanges;
      const request = exchange?.requestBytes ?? Buffer.alloc(0);
      // So that all that is made once is there before the first reading.
      await openAll(sut, request, Math.min(500, connections), []);
      const before = await sut.settledMemory();
      await openAll(sut, request, connections, sockets);
      const after = await sut.settledMemory();
      return (after.settledRssBytes - before.settledRssBytes) / connections;
    } finally {
      for (const socket of sockets) socket.destroy();
      await sut.terminate(5000);
    }
  } finally {
    await origin.stop();
  }
}

const OPEN_AT_ONCE = 50;

/** Opens so many, one request on each, and keeps them in `sockets`. */
async function openAll(
  { host, port }: { readonly host: string; readonly port: number },
  request: Buffer,
  count: number,
  sockets: Socket[],
): Promise<void> {
  for (let opened = 0; opened < count; opened += OPEN_AT_ONCE) {
    const some = Array.from({ length: Math.min(OPEN_AT_ONCE, count - opened) }, async () => {
      const socket = connect({ host, port });
      sockets.push(socket);
      socket.write(request);
      await once(socket, 'data');
    });
    await Promise.all(some);
    await setImmediate();
  }
}

/** Bodies of 1 MB both ways beside nginx and HAProxy, by scenario. */
export async function measureBodies(
  flags: readonly string[],
  scenarios: readonly string[] = BODY_SCENARIOS,
): Promise<readonly (MeasuredBar & { readonly scenario: string })[]> {
  const measured: (MeasuredBar & { readonly scenario: string })[] = [];
  for (const scenario of scenarios) {
    const arms = ['nginx', 'haproxy', 'optimized'];
    const { report } = await runCompare([...arms, '--scenario', scenario, ...flags]);
    measured.push(...barsOf(report, BODY_BARS).map((bar) => ({ scenario, ...bar })));
  }
  return measured;
}

if (import.meta.main) {
  const { values } = scriptOptions({
    options: {
      rounds: { type: 'string', default: '8' },
      bodies: { type: 'string', default: '110s' },
      only: { type: 'string' },
      smoke: { type: 'boolean', default: false },
    },
  });
  const wants = (name: string): boolean => values.only === undefined || values.only === name;
  const options = values.smoke
    ? { rounds: 2, cycles: 2, warmUpRequests: 400 }
    : { rounds: Number(values.rounds), cycles: 24, warmUpRequests: 12_000 };
  let kept = true;
  const show = (what: string, estimate: PairedEstimate | null, atMost: number): void => {
    kept &&= standingOf(estimate, atMost) === 'kept';
    console.log(barLine(what, estimate, atMost));
  };
  for (const name of Object.keys(LIMITS) as ContestName[]) {
    if (wants(name)) show(WHAT[name], await measureLimit(name, options), LIMITS[name]);
  }
  if (wants('bodies')) {
    const flags = values.smoke ? ['--smoke'] : ['--budget', values.bodies];
    for (const { scenario, bar, estimate } of await measureBodies(flags)) {
      show(`${scenario}, ${bar.of} over ${bar.than}`, estimate, bar.atMost);
    }
  }
  if (wants('idle')) {
    const count = values.smoke ? 500 : IDLE_CONNECTIONS;
    const bytes = await measureIdle(count);
    const standing = bytes <= MOST_IDLE_BYTES ? 'kept' : 'missed';
    kept &&= standing === 'kept';
    console.log(
      `${standing.padEnd(6)} ${count} idle connections: ${bytes.toFixed(0)} B resident each (${((bytes * count) / MB).toFixed(0)} MB), at most ${MOST_IDLE_BYTES} B`,
    );
  }
  process.exitCode = kept ? 0 : 1;
}
