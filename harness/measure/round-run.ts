/**
 * The part of a round between launch and stop: warm-up, sequential waves, loaded waves, figures. It
 * reads top to bottom as the round does.
 */
import { HopmarkError } from '../model/error.ts';
import type { Arm, ArmFigures, Round } from '../model/round.ts';
import type { Affinity } from '../sut/affinity.ts';
import { type CpuTicks, stealFraction } from '../sut/machine.ts';
import { monotonicMs } from '../sut/monotonic.ts';
import type { SutKind } from '../sut/system-under-test.ts';
import type { Contestant, Reading } from './contestant.ts';
import { CycleBlocks } from './cycle-blocks.ts';
import { cyclesThatCount } from './discard.ts';
import { doubtsOf } from './doubts.ts';
import type { Field } from './field.ts';
import { type MachineReader, THIS_MACHINE } from './machine-reader.ts';
import type { Cycle, Phase, RoundPlan } from './plan.ts';
import { relativeFigures } from './relative-figures.ts';
import {
  ArmSamples,
  directFigures,
  proxyFigures,
  type RelativeFigures,
  timeFigures,
} from './samples.ts';
import { Settler } from './settle.ts';
import { warmUp } from './warming.ts';

/** What a run through a round needs beside its field. */
export interface RoundRunOptions {
  readonly plan: RoundPlan;
  readonly affinity: Affinity | null;
  /** What the launch took, in milliseconds; default: 0. */
  readonly launchMs?: number;
  /** Called between cycles, which go on when it has resolved. */
  readonly onProgress: (phase: Phase, fraction: number) => void | Promise<void>;
  /** Takes an arm's warm times in microseconds. */
  readonly onTimes: (arm: Arm, timesUs: Float64Array) => void;
  /** Default: the machine at hand. */
  readonly machine?: MachineReader;
}

/** What it gives: a round but for what its caller knows. */
export type MeasuredRound = Pick<Round, 'arms' | 'signals' | 'warnings'>;

/** Requests that may meet a closed connection before a proxy counts as one that drops them. */
const MOST_SENT_AGAIN_SHARE = 0.005;
/**
 * The direct arm has one loaded wave for so many of a proxy: no figure that is judged is of it, and it takes
 * as long as they do, since driver and origin share a CPU.
 */
const LOADED_CYCLES_A_DIRECT_ONE = 4;
/** About what the last readings and the end of the processes take of a round. */
const STOP_MS = 150;

/** Why a figure cannot be had that only the inside of a process shows, or only a process. */
const UNSEEN: Readonly<Record<SutKind, string>> = {
  module: 'it does not say',
  command: 'it is a command, and its inside is not visible',
  url: 'it is a URL, and its process is not known here',
};

/** Runs through one round. */
export class RoundRun {
  readonly #field: Field;
  readonly #options: RoundRunOptions;
  readonly #settler: Settler;
  readonly #samples: ReadonlyMap<string, ArmSamples>;
  readonly #machine: MachineReader;
  /** Of the proxies' loaded waves: what they took, and the driver's CPU time meanwhile. */
  #proxyWavesMs = 0;
  #driverMs = 0;
  #begunAtMs = 0;

  constructor(field: Field, options: RoundRunOptions) {
    this.#field = field;
    this.#options = options;
    this.#machine = options.machine ?? THIS_MACHINE;
    const { sequentialCycles, sequentialRequests, settleMaxMs } = field.shape;
    this.#settler = new Settler(
      field.contestants.map(({ clock }) => clock),
      settleMaxMs,
    );
    this.#samples = new Map(
      field.contestants.map(({ arm }) => [
        arm.id,
        new ArmSamples(sequentialCycles, sequentialRequests),
      ]),
    );
  }

  /** Rejects with a HopmarkError if an arm fails. */
  async run(): Promise<MeasuredRound> {
    const { plan, onProgress, onTimes } = this.#options;
    const machineBegun = this.#readMachine();
    this.#begunAtMs = machineBegun.atMs;
    // Not pinned yet: compilers may use both CPUs while arms warm up.
    const warming = await warmUp(this.#field, plan, (fraction) => onProgress('warm-up', fraction));
    this.#settler.unsettled = 0;
    await this.#field.collectGarbage();
    const begun = await this.#field.readAll();
    const processes = this.#processes();
    this.#pinProxies(processes);
    const sequential = await this.#sequentialPhase();
    // Loaded waves come last: they suffer more from a compiler that is not done yet.
    const between = await this.#field.readAll();
    const loaded = await this.#loadedPhase();
    const ended = await this.#field.readAll();
    const now = this.#processes();
    for (const { arm } of this.#field.contestants) {
      const visited = loaded.filter((_, cycle) => isVisited(arm, 'loaded', cycle));
      this.#samplesOf(arm).countOnly(sequential, visited);
    }
    const counts = [...sequential, ...loaded];
    const discarded = counts.filter((one) => !one).length;
    for (const { arm } of this.#field.contestants) onTimes(arm, this.#samplesOf(arm).warmTimesUs());
    const arms = this.#figures({ begun, between, ended });
    const machine = this.#since(machineBegun);
    return {
      arms,
      signals: {
        stealFraction: machine.stealFraction,
        cycles: counts.length - discarded,
        cyclesDiscarded: discarded,
        unsettledWaits: this.#settler.unsettled,
        warmUpBlocks: warming.blocks,
        steady: warming.steady,
      },
      warnings: doubtsOf({
        arms: this.#field.contestants.flatMap(({ arm, client }) => {
          const figures = arms[arm.id];
          if (figures === undefined) return [];
          const drifting = warming.drifting.includes(arm);
          const changed = String(processes.get(arm.id)) !== String(now.get(arm.id));
          return [{ arm, figures, sentAgain: client.sentAgain, drifting, changed }];
        }),
        driverBusyFraction: this.#proxyWavesMs === 0 ? null : this.#driverMs / this.#proxyWavesMs,
        throttledFraction: machine.throttledFraction,
      }),
    };
  }

  #readMachine(): MachineReading {
    const machine = this.#machine;
    return { atMs: machine.now(), ticks: machine.ticks(), throttledMs: machine.throttledMs() };
  }

  /** What was stolen and held back since a reading, as shares of the time. */
  #since(
    begun: MachineReading,
  ): Readonly<Record<'stealFraction' | 'throttledFraction', number | null>> {
    const ended = this.#readMachine();
    return {
      stealFraction: stealFraction(begun.ticks, ended.ticks),
      throttledFraction:
        begun.throttledMs === null || ended.throttledMs === null
          ? null
          : (ended.throttledMs - begun.throttledMs) / (ended.atMs - begun.atMs),
    };
  }

  /** The processes of every proxy, by arm id, in order of their numbers. */
  #processes(): ReadonlyMap<string, readonly number[]> {
    return new Map(
      this.#field.contestants.map(({ arm, sut }) => [
        arm.id,
        (sut?.processes() ?? []).toSorted((a, b) => a - b),
      ]),
    );
  }

  #pinProxies(processes: ReadonlyMap<string, readonly number[]>): void {
    const { affinity } = this.#options;
    affinity?.pin([...processes.values()].flat(), affinity.sutCpu);
  }

  /** Puts driver and origin on the proxies' CPU or on the other one. */
  #placeLoad(where: 'sutCpu' | 'loadCpu'): void {
    const { affinity } = this.#options;
    affinity?.pin([this.#field.origin.pid, process.pid], affinity[where]);
  }

  #sequentialPhase(): Promise<readonly boolean[]> {
    const { sequentialCycles, sequentialMs } = this.#field.shape;
    this.#placeLoad('sutCpu');
    const startedAt = this.#machine.now();
    return this.#phase(
      'sequential',
      (done) => Math.max(done / sequentialCycles, (this.#machine.now() - startedAt) / sequentialMs),
      (contestant, cycle) => this.#sequentialVisit(contestant, cycle),
    );
  }

  #loadedPhase(): Promise<readonly boolean[]> {
    const { loadedMinCycles, loadedMaxCycles } = this.#field.shape;
    this.#placeLoad('loadCpu');
    const startedAt = this.#machine.now();
    const loadedMs = this.#loadedMs(startedAt);
    return this.#phase(
      'loaded',
      (done) => {
        const time = (this.#machine.now() - startedAt) / loadedMs;
        return Math.max(Math.min(time, done / loadedMinCycles), done / loadedMaxCycles);
      },
      (contestant, cycle, at) => this.#loadedVisit(contestant, cycle, at),
    );
  }

  /** How long loaded cycles go on: as the shape says, or until the round is as long as it should be. */
  #loadedMs(startedAt: number): number {
    const { loadedMs, roundMs } = this.#field.shape;
    if (roundMs === undefined) return loadedMs;
    const spentMs = (this.#options.launchMs ?? 0) + startedAt - this.#begunAtMs;
    return Math.max(loadedMs, roundMs - spentMs - STOP_MS);
  }

  /**
   * Runs whole cycles until the share that `progressOf` gives of so many is 1 or more: each visits
   * every proxy once, and the direct arm where {@link isVisited} says so, in an order drawn anew.
   * Returns for each whether it counts.
   */
  async #phase(
    phase: Phase,
    progressOf: (done: number) => number,
    visit: (contestant: Contestant, cycle: Cycle, at: number) => Promise<void>,
  ): Promise<readonly boolean[]> {
    const { contestants } = this.#field;
    for (const { clock } of contestants) clock?.refresh();
    this.#settler.settle();
    const cycles = this.#options.plan.cycles(phase);
    const blocks = new CycleBlocks(this.#machine);
    for (let done = 1; ; done += 1) {
      const cycle = cycles.next().value;
      for (const contestant of this.#field.inOrder(cycle)) {
        if (!isVisited(contestant.arm, phase, done - 1)) continue;
        await visit(contestant, cycle, contestants.indexOf(contestant));
        assertKeepsConnections(contestant);
      }
      blocks.endCycle();
      const fraction = progressOf(done);
      await this.#options.onProgress(phase, Math.min(1, fraction));
      if (fraction >= 1) return cyclesThatCount(blocks.finish());
    }
  }

  async #sequentialVisit(contestant: Contestant, cycle: Cycle): Promise<void> {
    const samples = this.#samplesOf(contestant.arm);
    await this.#field.open(contestant, 1);
    this.#settler.settle();
    await this.#field.sequentialWave(contestant, cycle, samples.timesUs, samples.nextOffset);
    samples.addSequential();
  }

  async #loadedVisit(contestant: Contestant, cycle: Cycle, at: number): Promise<void> {
    const opened = await this.#field.open(contestant, this.#field.shape.concurrency);
    // All have been at rest since the wave before, unless this one has just met new connections.
    const before = (opened ? this.#settler.settle() : this.#settler.readings)[at] ?? 0;
    const beganMs = monotonicMs();
    const driverBefore = this.#machine.driverCpuMs();
    const wave = await this.#field.loadedWave(contestant, cycle);
    if (contestant.arm.role !== 'direct') {
      this.#driverMs += this.#machine.driverCpuMs() - driverBefore;
      this.#proxyWavesMs += wave.totalMs;
    }
    const after = this.#settler.settle()[at] ?? 0;
    this.#samplesOf(contestant.arm).addLoaded(wave, after - before, beganMs, monotonicMs());
  }

  #figures({
    begun,
    between,
    ended,
  }: Readonly<Record<'begun' | 'between' | 'ended', ReadonlyMap<string, Reading>>>): Record<
    string,
    ArmFigures
  > {
    const relative = this.#relativeFigures(ended);
    const times = this.#field.contestants.map(({ arm, sut }) => ({
      arm,
      unseen: UNSEEN[sut?.kind ?? 'module'],
      figures: timeFigures(
        this.#samplesOf(arm),
        relative.get(arm.id) ?? NO_FIGURES,
        ...(sut?.kind === 'url' ? [UNSEEN.url] : []),
      ),
    }));
    const direct = times.find(({ arm }) => arm.role === 'direct')?.figures;
    if (direct === undefined) throw new Error('a round needs a direct arm');
    return Object.fromEntries(
      times.map(({ arm, unseen, figures }) => {
        const [first, middle, last] = [begun, between, ended].map((all) => all.get(arm.id));
        if (first === undefined || middle === undefined || last === undefined) {
          return [arm.id, directFigures(figures)];
        }
        const { loadedRequests } = this.#samplesOf(arm);
        const readings = { begun: first, loaded: middle, ended: last, loadedRequests, unseen };
        return [arm.id, proxyFigures(figures, direct, readings)];
      }),
    );
  }

  /** By arm id: proxies among themselves, the direct arm by itself. */
  #relativeFigures(ended: ReadonlyMap<string, Reading>): ReadonlyMap<string, RelativeFigures> {
    const isDirect = ({ arm }: Contestant): boolean => arm.role === 'direct';
    const { contestants } = this.#field;
    const groups = [
      contestants.filter(isDirect),
      contestants.filter((contestant) => !isDirect(contestant)),
    ];
    return new Map(
      groups.flatMap((group) => {
        const figures = relativeFigures(
          group.map(({ arm }) => ({
            samples: this.#samplesOf(arm),
            collections: ended.get(arm.id)?.memory.collections ?? null,
          })),
        );
        return group.map(({ arm }, at) => [arm.id, figures[at] ?? NO_FIGURES] as const);
      }),
    );
  }

  #samplesOf(arm: Arm): ArmSamples {
    const samples = this.#samples.get(arm.id);
    if (samples === undefined) throw new Error(`no samples of ${arm.id}`);
    return samples;
  }
}

/** Whether a phase's cycle, counted from 0, has an arm. */
function isVisited({ role }: Arm, phase: Phase, cycle: number): boolean {
  return role !== 'direct' || phase !== 'loaded' || cycle % LOADED_CYCLES_A_DIRECT_ONE === 0;
}

const NO_FIGURES: RelativeFigures = { hopUs: Number.NaN, timeUs: Number.NaN, cpuUs: null };

interface MachineReading {
  readonly atMs: number;
  readonly ticks: CpuTicks | null;
  readonly throttledMs: number | null;
}

/** A few requests may meet a connection that is just being closed; a share of them may not. */
function assertKeepsConnections({ arm, client }: Contestant): void {
  const allowed = Math.max(5, MOST_SENT_AGAIN_SHARE * client.answered);
  if (client.sentAgain <= allowed) return;
  throw new HopmarkError(
    arm.role === 'direct' ? 'origin' : 'sut',
    'wrong-answer',
    `${arm.name} (${arm.id}) closed the connection under ${client.sentAgain} of ${client.answered} requests instead of answering them.`,
    { remedy: 'No figures are reported for a proxy that drops requests.' },
  );
}
