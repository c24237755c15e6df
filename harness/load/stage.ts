/**
 * The stage of a load session: an origin, one proxy before it, and the connections to both. It
 * starts them, warms the proxy up, finds its capacity, puts every process on its CPU, and ends them
 * all. What is measured on it is the sessions' business.
 */
import os from 'node:os';
import type { Policy } from '../../impls/policy/policy.ts';
import { LoadError, type LoadTarget } from '../drivers/load-error.ts';
import { OpenLoopClient } from '../drivers/open-loop.ts';
import type { OpenLoopRun } from '../drivers/open-loop-result.ts';
import { type Arrivals, planSchedule } from '../drivers/open-loop-schedule.ts';
import { type LoadedWave, WaveClient } from '../drivers/waves.ts';
import { explainFailure } from '../measure/load-failure.ts';
import { stopProxies } from '../measure/stopping.ts';
import type { LiveFigures } from '../model/run-event.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Warning } from '../model/warning.ts';
import type { Traffic } from '../scenarios/exchange.ts';
import { prepareTraffic } from '../scenarios/traffic.ts';
import { median } from '../stats/quantile.ts';
import { type Affinity, detectAffinity } from '../sut/affinity.ts';
import { launchSut, type SystemUnderTest } from '../sut/launch.ts';
import { type OriginProcess, startOriginProcess } from '../sut/origin-process.ts';
import { type Disturbance, DisturbanceWatch, MeasuredProcesses } from './disturbance.ts';
import { LiveWatch } from './progress.ts';
import type { ArmName, Stretch } from './stretches.ts';
import { cutWindows, type Window } from './windows.ts';

/** What is put on a stage. */
export interface StageOptions {
  /** A built-in name or a module path. */
  readonly spec: string;
  /** What reports call it. */
  readonly label: string;
  readonly scenario: Scenario;
  readonly policy: Policy;
  /** An integer of 32 bits. */
  readonly seed: number;
  readonly signal: AbortSignal;
}

/** How the requests of a stretch are sent. */
export interface Offer {
  readonly ratePerSecond: number;
  readonly arrivals: Arrivals;
}

/** A stretch that was run. */
export interface StretchRun {
  readonly run: OpenLoopRun;
  readonly windows: readonly Window[];
}

const WARM_UP_CONCURRENCY = 32;
const WARM_UP_WAVE = 12 * WARM_UP_CONCURRENCY;
/** A wave for the capacity counts all but the first and the last of so many times its width. */
const CAPACITY_WAVE_TIMES = 8;
const LEAST_CAPACITY_WAVES = 3;
/** With one CPU a driver that spins would take it from the proxy. */
const SPIN_MS_ON_ONE_CPU = 1;

/** A running stage. */
export class Stage {
  readonly sut: SystemUnderTest;
  readonly origin: OriginProcess;
  readonly warnings: readonly Warning[];
  readonly traffic: Traffic;
  readonly #affinity: Affinity | null;
  readonly #clients: Readonly<Record<ArmName, OpenLoopClient>>;
  readonly #processes: MeasuredProcesses;
  readonly #signal: AbortSignal;
  readonly #ended = new AbortController();
  #position = 0;
  #stopping = false;

  private constructor(parts: {
    readonly sut: SystemUnderTest;
    readonly origin: OriginProcess;
    readonly traffic: Traffic;
    readonly signal: AbortSignal;
  }) {
    const { sut, origin, traffic, signal } = parts;
    this.sut = sut;
    this.origin = origin;
    this.traffic = traffic;
    this.#signal = signal;
    const { affinity, warnings } = detectAffinity();
    this.#affinity = affinity;
    this.warnings = warnings;
    const spinMs = os.availableParallelism() > 1 ? Number.POSITIVE_INFINITY : SPIN_MS_ON_ONE_CPU;
    this.#clients = {
      direct: new OpenLoopClient(targetOf('direct', parts), traffic, { spinMs }),
      proxy: new OpenLoopClient(targetOf('proxy', parts), traffic, { spinMs }),
    };
    this.#processes = new MeasuredProcesses([...sut.processes(), origin.pid]);
    void sut.exited.then(() => {
      if (!this.#stopping) this.#ended.abort();
    });
  }

  /** Starts all. Rejects with a HopmarkError, and leaves nothing then. */
  static async start(options: StageOptions): Promise<Stage> {
    const { spec, label, scenario, policy, seed, signal } = options;
    const traffic = prepareTraffic(scenario, seed);
    const origin = await startOriginProcess(scenario, seed);
    try {
      const upstream = { protocol: 'http:', host: origin.host, port: origin.port } as const;
      const { reloadEveryMs } = scenario.conditions ?? {};
      const reloads = reloadEveryMs === undefined ? {} : { reloadEveryMs };
      const sut = await launchSut({ spec, label, upstream, policy, signal, ...reloads });
      return new Stage({ sut, origin, traffic, signal });
    } catch (error) {
      await origin.stop();
      throw error;
    }
  }

  /** Loads the proxy, and for a while the origin, until their code is compiled. Not pinned yet. */
  async warmUp(durationMs: number): Promise<void> {
    await this.#waves('direct', WARM_UP_CONCURRENCY, WARM_UP_WAVE, durationMs / 4);
    await this.#waves('proxy', WARM_UP_CONCURRENCY, WARM_UP_WAVE, durationMs);
  }

  /** Requests a second of a closed loop on so many connections, each of which is always busy. */
  async capacity(connections: number, durationMs: number): Promise<number> {
    const count = Math.max(WARM_UP_WAVE, CAPACITY_WAVE_TIMES * connections);
    const waves = await this.#waves('proxy', connections, count, durationMs, LEAST_CAPACITY_WAVES);
    return median(waves.map(({ counted, countedMs }) => (counted / countedMs) * 1000));
  }

  async #waves(
    arm: ArmName,
    concurrency: number,
    count: number,
    durationMs: number,
    least = 1,
  ): Promise<readonly LoadedWave[]> {
    const client = new WaveClient(targetOf(arm, this), this.traffic);
    const waves: LoadedWave[] = [];
    const endMs = performance.now() + durationMs;
    try {
      while (waves.length < least || performance.now() < endMs) {
        this.#signal.throwIfAborted();
        waves.push(await client.loaded(this.#position, concurrency, count));
        this.#position += count;
      }
      return waves;
    } catch (error) {
      if (!(error instanceof LoadError)) throw error;
      return explainFailure(error, arm === 'proxy' ? this.sut : null, this.origin);
    } finally {
      client.close();
    }
  }

  /** The driver gets a CPU for itself: it spins. Origin and proxy share the other. */
  place(): void {
    if (this.#affinity === null) return;
    const { sutCpu, loadCpu } = this.#affinity;
    this.#affinity.pin([...this.sut.processes(), this.origin.pid], sutCpu);
    this.#affinity.pin([process.pid], loadCpu);
    this.#processes.refresh();
  }

  /** Opens an arm's connections. Rejects with a HopmarkError. */
  async open(arm: ArmName, connections: number): Promise<void> {
    try {
      await this.#clients[arm].ensureOpen(connections);
    } catch (error) {
      if (!(error instanceof LoadError)) throw error;
      await explainFailure(error, arm === 'proxy' ? this.sut : null, this.origin);
    }
  }

  /** Closes the proxy's connections. */
  closeConnections(): void {
    for (const client of Object.values(this.#clients)) client.close();
  }

  /**
   * Runs a stretch. Never rejects for what the proxy does: a stretch that its end cut short is not
   * complete, and {@link assertAlive} says why.
   */
  async run(
    { arm, durationMs, seed }: Stretch,
    offer: Offer,
    options: { readonly patienceMs?: number; readonly onLive?: (live: LiveFigures) => void } = {},
  ): Promise<StretchRun> {
    const watch = new DisturbanceWatch(this.#processes);
    const live = new LiveWatch();
    const disturbances: Disturbance[] = [];
    const run = await this.#clients[arm].run({
      schedule: planSchedule({ ...offer, durationMs, seed }),
      position: this.#position,
      signal: AbortSignal.any([this.#signal, this.#ended.signal]),
      ...(options.patienceMs === undefined ? {} : { patienceMs: options.patienceMs }),
      onSecond: (moment) => {
        disturbances.push(watch.mark());
        options.onLive?.(live.next(moment));
      },
    });
    disturbances.push(watch.mark());
    this.#position += run.due;
    return { run, windows: cutWindows(run, durationMs, disturbances) };
  }

  /** Throws a HopmarkError if the proxy or the origin ended by itself. */
  assertAlive(): void {
    this.sut.assertAlive();
    this.origin.assertAlive();
  }

  /** Ends all, as an operator would; what does not end well is a doubt. Never rejects. */
  async stop(): Promise<readonly Warning[]> {
    this.#stopping = true;
    this.closeConnections();
    this.#affinity?.release([process.pid]);
    this.#processes.close();
    try {
      return this.#ended.signal.aborted ? [] : await stopProxies([this.sut]);
    } finally {
      await this.sut.kill();
      await this.origin.stop();
    }
  }
}

function targetOf(
  arm: ArmName,
  { sut, origin }: { readonly sut: SystemUnderTest; readonly origin: OriginProcess },
): LoadTarget {
  if (arm === 'proxy') return sut;
  return { label: 'the origin', side: 'origin', host: origin.host, port: origin.port };
}
