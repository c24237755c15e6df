/**
 * One round: fresh processes, warm-up, loaded waves, sequential waves, figures. Whatever ends it,
 * no process that it started is left.
 */
import type { Upstream } from '../../impls/contract.ts';
import type { Policy } from '../../impls/policy/policy.ts';
import { LoadError } from '../drivers/load-error.ts';
import type { LoadedWave, RequestStream } from '../drivers/waves.ts';
import type { Arm, ArmFigures, Round } from '../model/round.ts';
import type { Warning } from '../model/warning.ts';
import type { Affinity } from '../sut/affinity.ts';
import { allocatedBetween, type MemoryReading } from '../sut/child-protocol.ts';
import { launchSut, type SystemUnderTest } from '../sut/launch.ts';
import { readCpuTicks, stealFraction } from '../sut/machine.ts';
import type { OriginProcess } from '../sut/origin-process.ts';
import {
  type Contestant,
  closeContestant,
  directContestant,
  proxyContestant,
  type Reading,
  readProxy,
} from './contestant.ts';
import type { Cycle, Phase, RoundPlan, RoundShape } from './plan.ts';
import { ArmSamples, directFigures, proxyFigures, timeFigures } from './samples.ts';
import { Settler } from './settle.ts';
import { isDrifting, isSteady, type WarmUpBlock } from './warm-up.ts';

/** What every round of a run shares. */
export interface RoundContext {
  readonly arms: readonly Arm[];
  readonly shape: RoundShape;
  readonly scenario: string;
  readonly origin: OriginProcess;
  readonly stream: RequestStream;
  readonly policy: Policy;
  readonly affinity: Affinity | null;
  readonly signal: AbortSignal;
  /** Milliseconds since the run began. */
  readonly elapsedMs: () => number;
  readonly onProgress: (progress: RoundProgress) => void;
  /** Takes an arm's warm times in microseconds, for histograms. */
  readonly onTimes: (arm: Arm, timesUs: Float64Array) => void;
}

/** How far a round has come. */
export interface RoundProgress {
  readonly round: number;
  readonly phase: 'start' | Phase | 'stop';
  /** Of the phase's cycles, 0..1. */
  readonly fraction: number;
}

/** An arm whose process was on a CPU for less than this share was waiting for something else. */
const BOTTLENECK_SHARE = 0.9;

/** Measures one round. Rejects with a HopmarkError if an arm fails, or when the run is aborted. */
export async function measureRound(context: RoundContext, plan: RoundPlan): Promise<Round> {
  const startedAtMs = context.elapsedMs();
  context.onProgress({ round: plan.index, phase: 'start', fraction: 0 });
  // Children inherit where this process may run; they start faster on all CPUs.
  context.affinity?.release(process.pid);
  const suts = await launchAll(context, plan);
  try {
    const contestants = contestantsOf(context, suts);
    try {
      const round = await new RoundRun(context, plan, contestants).run(startedAtMs);
      context.onProgress({ round: plan.index, phase: 'stop', fraction: 0 });
      return await withStop(round, suts, context);
    } finally {
      for (const contestant of contestants) closeContestant(contestant);
    }
  } finally {
    await Promise.all([...suts.values()].map((sut) => sut.kill()));
  }
}

async function launchAll(
  context: RoundContext,
  plan: RoundPlan,
): Promise<Map<string, SystemUnderTest>> {
  const { host, port } = context.origin;
  const upstream: Upstream = { protocol: 'http:', host, port };
  const suts = new Map<string, SystemUnderTest>();
  const launches = plan.launchOrder.flatMap((id) => {
    const arm = context.arms.find((candidate) => candidate.id === id);
    if (arm === undefined || arm.role === 'direct') return [];
    const label = `${arm.name} (${arm.id})`;
    return [
      launchSut({
        spec: arm.name,
        label,
        upstream,
        policy: context.policy,
        signal: context.signal,
      }).then((sut) => {
        suts.set(id, sut);
      }),
    ];
  });
  const failed = (await Promise.allSettled(launches)).find(
    (launch) => launch.status === 'rejected',
  );
  if (failed === undefined && !context.signal.aborted) return suts;
  await Promise.all([...suts.values()].map((sut) => sut.kill()));
  context.signal.throwIfAborted();
  throw failed?.reason;
}

function contestantsOf(
  context: RoundContext,
  suts: ReadonlyMap<string, SystemUnderTest>,
): readonly Contestant[] {
  return context.arms.map((arm) => {
    const sut = suts.get(arm.id);
    return sut === undefined
      ? directContestant(arm, context.origin, context.stream)
      : proxyContestant(arm, sut, context.stream);
  });
}

/** Stops the proxies as an operator would; one that has to be killed is a doubt about it. */
async function withStop(
  round: Round,
  suts: ReadonlyMap<string, SystemUnderTest>,
  context: RoundContext,
): Promise<Round> {
  const exits = await Promise.all(
    [...suts.values()].map(async (sut) => ({ sut, exit: await sut.terminate() })),
  );
  const warnings: Warning[] = exits
    .filter(({ exit }) => exit.killed)
    .map(({ sut }) => ({
      code: 'killed-at-stop',
      message: `${sut.label} did not end on SIGTERM and was killed.`,
    }));
  return {
    ...round,
    durationMs: context.elapsedMs() - round.startedAtMs,
    warnings: [...round.warnings, ...warnings],
  };
}

/** How warm-up went. */
interface WarmUp {
  readonly warmUpBlocks: number;
  readonly steady: boolean;
  /** Arms that were not warm when it ended at its bound. */
  readonly drifting: readonly Arm[];
}

/** The part of a round between launch and stop. */
class RoundRun {
  readonly #context: RoundContext;
  readonly #plan: RoundPlan;
  readonly #contestants: readonly Contestant[];
  readonly #settler: Settler;
  readonly #samples: ReadonlyMap<string, ArmSamples>;

  constructor(context: RoundContext, plan: RoundPlan, contestants: readonly Contestant[]) {
    this.#context = context;
    this.#plan = plan;
    this.#contestants = contestants;
    this.#settler = new Settler(contestants.map(({ clock }) => clock));
    const { sequentialCycles, sequentialRequests } = context.shape;
    this.#samples = new Map(
      contestants.map(({ arm }) => [arm.id, new ArmSamples(sequentialCycles, sequentialRequests)]),
    );
  }

  async run(startedAtMs: number): Promise<Round> {
    const { shape, affinity } = this.#context;
    const ticksBefore = readCpuTicks();
    // Not pinned yet: compilers may use both CPUs while arms warm up.
    const warmUp = await this.#warmUp();
    this.#settler.unsettled = 0;
    const before = await this.#readAll();
    if (affinity !== null) {
      for (const { sut } of this.#contestants) {
        if (sut !== null) affinity.pin(sut.pid, affinity.sutCpu);
      }
      this.#placeLoad(affinity.sutCpu);
    }
    const sequentialCycles = await this.#phase(
      'sequential',
      (done) => done / shape.sequentialCycles,
      (contestant, cycle) => this.#sequentialVisit(contestant, cycle),
    );
    // Loaded waves come last: they suffer more from a compiler that is not done yet.
    if (affinity !== null) this.#placeLoad(affinity.loadCpu);
    const loadedFrom = performance.now();
    const loadedCycles = await this.#phase(
      'loaded',
      (done) => {
        const time = (performance.now() - loadedFrom) / shape.loadedMs;
        const fraction = Math.min(time, done / shape.loadedMinCycles);
        return Math.max(fraction, done / shape.loadedMaxCycles);
      },
      (contestant, cycle, at) => this.#loadedVisit(contestant, cycle, at),
    );
    const after = await this.#readAll();
    for (const { arm } of this.#contestants) {
      this.#context.onTimes(arm, this.#samplesOf(arm).warmTimesUs());
    }
    const arms = this.#figures(before, after);
    return {
      index: this.#plan.index,
      scenario: this.#context.scenario,
      startedAtMs,
      durationMs: this.#context.elapsedMs() - startedAtMs,
      arms,
      signals: {
        stealFraction: stealFraction(ticksBefore, readCpuTicks()),
        cycles: loadedCycles + sequentialCycles,
        cyclesDiscarded: 0,
        unsettledWaits: this.#settler.unsettled,
        warmUpBlocks: warmUp.warmUpBlocks,
        steady: warmUp.steady,
      },
      warnings: this.#doubts(arms, warmUp.drifting),
    };
  }

  #placeLoad(cpu: number): void {
    const { affinity, origin } = this.#context;
    affinity?.pin(origin.pid, cpu);
    affinity?.pin(process.pid, cpu);
  }

  /**
   * Warms arms up until they are steady. Each gets the same time a block, not the same number of
   * requests: a fast arm beside a slow one would stay cold. Steady arms sit out.
   */
  async #warmUp(): Promise<WarmUp> {
    const { shape } = this.#context;
    const cycles = this.#plan.cycles('warm-up');
    const histories = new Map<string, WarmUpBlock[]>();
    const readings = new Map<string, MemoryReading>();
    const startedAt = performance.now();
    for (let done = 1; ; done += 1) {
      const cycle = cycles.next().value;
      for (const contestant of this.#inOrder(cycle)) {
        const history = histories.get(contestant.arm.id) ?? [];
        histories.set(contestant.arm.id, history);
        if (isSteady(history)) continue;
        // The origin outlives the rounds: once warm it stays so.
        if (contestant.sut === null && (done > 1 || this.#plan.index > 0)) continue;
        history.push(await this.#warmUpBlock(contestant, cycles, readings));
      }
      const spentMs = performance.now() - startedAt;
      this.#progress('warm-up', Math.min(1, spentMs / shape.warmUpMaxMs));
      if (done < shape.warmUpMinBlocks) continue;
      const proxies = this.#contestants.filter(({ sut }) => sut !== null);
      const history = ({ arm }: Contestant): WarmUpBlock[] => histories.get(arm.id) ?? [];
      const steady = proxies.every((one) => isSteady(history(one)));
      if (!steady && spentMs <= shape.warmUpMaxMs) continue;
      const drifting = proxies.filter((one) => isDrifting(history(one))).map(({ arm }) => arm);
      return { warmUpBlocks: done, steady, drifting };
    }
  }

  /** Loaded waves to one arm for a while. */
  async #warmUpBlock(
    contestant: Contestant,
    cycles: Iterator<Cycle, never>,
    readings: Map<string, MemoryReading>,
  ): Promise<WarmUpBlock> {
    const { shape } = this.#context;
    const { arm, sut } = contestant;
    const endsAt = performance.now() + shape.warmUpBlockMs;
    let requests = 0;
    let requestUs = Number.POSITIVE_INFINITY;
    do {
      const wave = await this.#loadedWave(contestant, cycles.next().value);
      requests += wave.requests;
      // The least disturbed wave: a neighbour's burst is no reason to warm up longer.
      requestUs = Math.min(requestUs, (wave.countedMs / wave.counted) * 1000);
    } while (performance.now() < endsAt);
    if (sut === null) return { requestUs, allocatedBytes: null };
    // An arm allocates nothing between its blocks, so one reading ends this one and begins the next.
    const before = readings.get(arm.id);
    const after = await sut.memory();
    readings.set(arm.id, after);
    return { requestUs, allocatedBytes: allocatedPerRequest(before, after, requests) };
  }

  /**
   * Runs whole cycles until the share that `progressOf` gives of so many is 1 or more. Returns how
   * many: each visits every arm once, in an order drawn anew.
   */
  async #phase(
    phase: Phase,
    progressOf: (done: number) => number,
    visit: (contestant: Contestant, cycle: Cycle, at: number) => Promise<void>,
  ): Promise<number> {
    for (const { clock } of this.#contestants) clock?.refresh();
    const cycles = this.#plan.cycles(phase);
    for (let done = 1; ; done += 1) {
      const cycle = cycles.next().value;
      for (const contestant of this.#inOrder(cycle)) {
        this.#context.signal.throwIfAborted();
        await this.#guard(contestant, () =>
          visit(contestant, cycle, this.#contestants.indexOf(contestant)),
        );
      }
      const fraction = progressOf(done);
      this.#progress(phase, Math.min(1, fraction));
      if (fraction >= 1) return done;
    }
  }

  async #sequentialVisit({ arm, client }: Contestant, cycle: Cycle): Promise<void> {
    const { sequentialRequests } = this.#context.shape;
    const samples = this.#samplesOf(arm);
    await client.ensureOpen(1);
    this.#settler.settle();
    await client.sequential(
      cycle.position,
      sequentialRequests,
      samples.timesUs,
      samples.nextOffset,
    );
    samples.addSequential();
  }

  async #loadedVisit(contestant: Contestant, cycle: Cycle, at: number): Promise<void> {
    const { concurrency } = this.#context.shape;
    await contestant.client.ensureOpen(concurrency);
    const before = this.#settler.settle()[at] ?? 0;
    const wave = await this.#loadedWave(contestant, cycle);
    const after = this.#settler.settle()[at] ?? 0;
    this.#samplesOf(contestant.arm).addLoaded(wave, after - before);
  }

  #loadedWave(contestant: Contestant, cycle: Cycle): Promise<LoadedWave> {
    const { concurrency, loadedRequests } = this.#context.shape;
    return this.#guard(contestant, () =>
      contestant.client.loaded(cycle.position, concurrency, loadedRequests),
    );
  }

  /** A failed request of a proxy that has died is the death's consequence: say that. */
  async #guard<T>({ sut }: Contestant, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof LoadError)) throw error;
      const exit = sut?.exited ?? new Promise<void>(() => {});
      await Promise.race([exit, new Promise((resolve) => setTimeout(resolve, EXIT_GRACE_MS))]);
      sut?.assertAlive();
      this.#context.origin.assertAlive();
      throw error;
    }
  }

  async #readAll(): Promise<ReadonlyMap<string, Reading>> {
    this.#context.signal.throwIfAborted();
    const readings = new Map<string, Reading>();
    for (const { arm, sut } of this.#contestants) {
      if (sut !== null) readings.set(arm.id, await readProxy(sut));
    }
    return readings;
  }

  #figures(
    before: ReadonlyMap<string, Reading>,
    after: ReadonlyMap<string, Reading>,
  ): Record<string, ArmFigures> {
    const times = this.#contestants.map(({ arm }) => ({
      arm,
      figures: timeFigures(this.#samplesOf(arm)),
    }));
    const direct = times.find(({ arm }) => arm.role === 'direct')?.figures;
    if (direct === undefined) throw new Error('a round needs a direct arm');
    return Object.fromEntries(
      times.map(({ arm, figures }) => {
        const [first, last] = [before.get(arm.id), after.get(arm.id)];
        if (first === undefined || last === undefined) return [arm.id, directFigures(figures)];
        return [arm.id, proxyFigures(figures, direct, first, last)];
      }),
    );
  }

  #doubts(
    arms: Readonly<Record<string, ArmFigures>>,
    drifting: readonly Arm[],
  ): readonly Warning[] {
    const waiting = this.#contestants.filter(({ arm, sut }) => {
      const busy = arms[arm.id]?.busyFraction ?? null;
      return sut !== null && busy !== null && busy < BOTTLENECK_SHARE;
    });
    const warnings: Warning[] = waiting.map(({ arm }) => ({
      code: 'not-the-bottleneck',
      message: `${arm.name} (${arm.id}) did not keep its CPU busy in its loaded waves: loaded-request-time is partly the driver's and the origin's. cpu-per-request holds all the same.`,
    }));
    for (const { name, id } of drifting) {
      warnings.push({
        code: 'not-steady',
        message: `${name} (${id}) was still getting faster when its warm-up ended at its bound.`,
      });
    }
    return warnings;
  }

  #inOrder(cycle: Cycle): readonly Contestant[] {
    return cycle.order.map((id) => {
      const found = this.#contestants.find(({ arm }) => arm.id === id);
      if (found === undefined) throw new Error(`no contestant ${id}`);
      return found;
    });
  }

  #samplesOf(arm: Arm): ArmSamples {
    const samples = this.#samples.get(arm.id);
    if (samples === undefined) throw new Error(`no samples of ${arm.id}`);
    return samples;
  }

  #progress(phase: Phase, fraction: number): void {
    this.#context.onProgress({ round: this.#plan.index, phase, fraction });
  }
}

/** A process that has just died may still be seen as alive for this long. */
const EXIT_GRACE_MS = 300;

function allocatedPerRequest(
  before: MemoryReading | undefined,
  after: MemoryReading | undefined,
  requests: number,
): number | null {
  if (before === undefined || after === undefined) return null;
  const bytes = allocatedBetween(before, after);
  return bytes === null ? null : bytes / requests;
}
