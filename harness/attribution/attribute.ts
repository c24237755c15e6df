/**
 * The profiling pass: starts several processes of either side, warms them, profiles the CPU of all and
 * then their allocations, and says what grew. It comes after a measurement and never during it:
 * profilers slow a proxy down, and no figure of it is a measurement.
 */
import { readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Policy } from '../../impls/policy/policy.ts';
import { WaveClient } from '../drivers/waves.ts';
import type { Attribution, Growth } from '../model/attribution.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Traffic } from '../scenarios/exchange.ts';
import { prepareTraffic } from '../scenarios/traffic.ts';
import type { Injection } from '../sut/injection.ts';
import { launchSut, type SystemUnderTest } from '../sut/launch.ts';
import { type OriginProcess, startOriginProcess } from '../sut/origin-process.ts';
import type { ProfileKind } from '../sut/profiler.ts';
import { growthBetween, type ProfiledSide } from './growth.ts';
import { readCpuProfile, readHeapProfile, type SampledFrame } from './sampled-profile.ts';
import { placings } from './source-place.ts';

/** One side of a comparison. */
export interface AttributedSide {
  /** A built-in name or the absolute path of a module. */
  readonly spec: string;
  readonly label: string;
  /** What it was measured with. */
  readonly injection?: Injection;
}

export interface AttributionOptions {
  readonly reference: AttributedSide;
  readonly candidate: AttributedSide;
  readonly scenario: Scenario;
  readonly policy: Policy;
  /** An integer of 32 bits: the traffic follows from it. */
  readonly seed: number;
  /** The absolute path of the folder that gets the profiles. */
  readonly folder: string;
  /** Folders from which files that both sides share are named; the first that holds one counts. */
  readonly roots: readonly string[];
  readonly signal: AbortSignal;
  readonly extent?: AttributionExtent;
}

/** How much is sent to each process. */
export interface AttributionExtent {
  readonly warmUpRequests: number;
  /** For each of the two profiles. */
  readonly profiledRequests: number;
  /** The whole pass ends after about this long, with what was sent until then; 0 or more. */
  readonly boundMs: number;
  /** Of either side; two at least, since what differs no more than they do did not grow. */
  readonly processes: number;
}

export const USUAL_EXTENT: AttributionExtent = {
  warmUpRequests: 20_000,
  profiledRequests: 6000,
  boundMs: 24_000,
  processes: 3,
};
/** Shares of what is left of the bound that a phase may take: warm-up, then either profile. */
const WARM_UP_SHARE = 0.45;
const FIRST_PROFILE_SHARE = 0.5;
const CONCURRENCY = 32;
const WAVE_REQUESTS = 384;
const EXIT_GRACE_MS = 300;

const KINDS: readonly ProfileKind[] = ['cpu', 'heap'];
type SideName = 'reference' | 'candidate';
type ProcessName = Pick<Process, 'side' | 'number'>;

/** So many of either side, in the order of their turns. */
function processesOf(count: number): readonly ProcessName[] {
  return Array.from({ length: count }, (_, index) => index + 1).flatMap((number) => [
    { side: 'reference', number },
    { side: 'candidate', number },
  ]);
}

/**
 * Profiles both sides and compares the profiles, which stay in the folder. Rejects with a
 * HopmarkError if a side fails, and with the abort's reason; no process and no profile is left then.
 */
export async function attribute(options: AttributionOptions): Promise<Attribution> {
  options.signal.throwIfAborted();
  const origin = await startOriginProcess(options.scenario, options.seed);
  const pass = new ProfilingPass(options, prepareTraffic(options.scenario, options.seed));
  try {
    await pass.launch(origin);
    return await pass.run();
  } catch (error) {
    await pass.removeFiles();
    throw error;
  } finally {
    await pass.end();
    await origin.stop();
  }
}

/** One process of a side. */
interface Process {
  readonly side: SideName;
  readonly number: number;
  readonly sut: SystemUnderTest;
  readonly client: WaveClient;
}

/** Requests of the traffic, and how long they may take. */
interface Share {
  readonly from: number;
  readonly count: number;
  readonly withinMs: number;
}

class ProfilingPass {
  readonly #options: AttributionOptions;
  readonly #extent: AttributionExtent;
  readonly #traffic: Traffic;
  readonly #names: readonly ProcessName[];
  readonly #processes: Process[] = [];
  readonly #endsAtMs: number;
  #position = 0;

  constructor(options: AttributionOptions, traffic: Traffic) {
    this.#options = options;
    this.#extent = options.extent ?? USUAL_EXTENT;
    this.#names = processesOf(this.#extent.processes);
    this.#endsAtMs = performance.now() + this.#extent.boundMs;
    this.#traffic = traffic;
  }

  async launch({ host, port }: OriginProcess): Promise<void> {
    const { policy, signal } = this.#options;
    const launches = await Promise.allSettled(
      this.#names.map(({ side }) => {
        const { spec, label, injection } = this.#options[side];
        return launchSut({
          spec,
          label: `${label} (${side}, profiled)`,
          upstream: { protocol: 'http:', host, port },
          policy,
          signal,
          ...(injection === undefined ? {} : { injection }),
        });
      }),
    );
    for (const [index, launch] of launches.entries()) {
      const name = this.#names[index];
      if (launch.status === 'rejected' || name === undefined) continue;
      const sut = launch.value;
      this.#processes.push({ ...name, sut, client: new WaveClient(sut, this.#traffic) });
    }
    signal.throwIfAborted();
    const failed = launches.find((launch) => launch.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async run(): Promise<Attribution> {
    const { warmUpRequests } = this.#extent;
    const warmUpMs = WARM_UP_SHARE * this.#leftMs();
    this.#position = await this.#send(this.#processes, {
      from: 0,
      count: warmUpRequests,
      withinMs: warmUpMs,
    });
    const requests = {
      cpu: await this.#profile('cpu', FIRST_PROFILE_SHARE * this.#leftMs()),
      heap: await this.#profile('heap', this.#leftMs()),
    };
    const { reference, candidate, roots } = this.#options;
    const place = placings(reference.spec, candidate.spec, roots);
    const growth = async (kind: ProfileKind): Promise<Growth> => {
      const side = async (name: SideName): Promise<ProfiledSide> => {
        const own = this.#names.flatMap((one, index) =>
          one.side === name ? [{ one, requests: requests[kind][index] ?? 0 }] : [],
        );
        const processes = await Promise.all(
          own.map(async (each) => ({
            requests: each.requests,
            frames: await this.#frames(each.one, kind),
          })),
        );
        return { processes, place: place[name] };
      };
      return growthBetween(await side('reference'), await side('candidate'));
    };
    return {
      requests: { cpu: Math.min(...requests.cpu), heap: Math.min(...requests.heap) },
      cpu: await growth('cpu'),
      heap: await growth('heap'),
      files: this.#files().map((path) => basename(path)),
    };
  }

  async removeFiles(): Promise<void> {
    await this.end();
    await Promise.all(
      this.#files().flatMap((path) =>
        [path, `${path}.tmp`].map((one) => rm(one, { force: true }).catch(() => {})),
      ),
    );
  }

  async end(): Promise<void> {
    for (const { client } of this.#processes) client.close();
    await Promise.all(this.#processes.map(({ sut }) => sut.kill()));
  }

  /**
   * Profiles one after the other, with the same requests: a profiler costs CPU time even while its
   * process waits. Returns how many each answered, in the order of the processes.
   */
  async #profile(kind: ProfileKind, withinMs: number): Promise<readonly number[]> {
    const share = {
      from: this.#position,
      count: this.#extent.profiledRequests,
      withinMs: withinMs / this.#processes.length,
    };
    const requests: number[] = [];
    for (const one of this.#processes) {
      await one.sut.startProfile(kind);
      requests.push(await this.#send([one], share));
      await one.sut.stopProfile(kind, this.#path(one, kind));
    }
    this.#position = share.from + Math.max(...requests);
    return requests;
  }

  #leftMs(): number {
    return Math.max(0, this.#endsAtMs - performance.now());
  }

  /**
   * Waves to each in turn, the same ones to all, at least one. Returns the requests that each
   * answered.
   */
  async #send(to: readonly Process[], { from, count, withinMs }: Share): Promise<number> {
    const endsAtMs = performance.now() + withinMs;
    let sent = 0;
    do {
      for (const one of to) await this.#wave(one, from + sent);
      sent += WAVE_REQUESTS;
    } while (sent < count && performance.now() < endsAtMs);
    return sent;
  }

  async #wave({ sut, client }: Process, position: number): Promise<void> {
    this.#options.signal.throwIfAborted();
    try {
      await client.loaded(position, CONCURRENCY, WAVE_REQUESTS);
    } catch (error) {
      // Why it died says more than that it did not answer; its exit may be seen a little later.
      await Promise.race([sut.exited, setTimeout(EXIT_GRACE_MS)]);
      sut.assertAlive();
      throw error;
    }
  }

  async #frames(one: ProcessName, kind: ProfileKind): Promise<readonly SampledFrame[]> {
    const text = await readFile(this.#path(one, kind), 'utf8');
    return kind === 'cpu' ? readCpuProfile(text) : readHeapProfile(text);
  }

  #path({ side, number }: ProcessName, kind: ProfileKind): string {
    return join(this.#options.folder, `${side}-${number}.${kind}profile`);
  }

  #files(): readonly string[] {
    return KINDS.flatMap((kind) => this.#names.map((one) => this.#path(one, kind)));
  }
}
