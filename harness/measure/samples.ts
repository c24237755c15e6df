/**
 * What one arm's waves gave in one round, and the figures that follow from it.
 */

import type { LoadedWave } from '../drivers/waves.ts';
import type { MetricName } from '../model/metric.ts';
import type { ArmFigures } from '../model/round.ts';
import { quantile, sorted } from '../stats/quantile.ts';
import type { Collection } from '../sut/collection-log.ts';
import type { Reading } from './contestant.ts';

/** A 99th percentile of fewer requests is noise; a fifth of them may be left out afterwards. */
const P99_LEAST_REQUESTS = 2000;
const NS_PER_US = 1000;
const US_PER_MS = 1000;

/** When a wave began, and when its arm was at rest again: `sut/monotonic.ts`, milliseconds. */
interface WaveSpan {
  readonly beganMs: number;
  readonly endedMs: number;
  readonly requests: number;
}

/** Collects one arm's samples. */
export class ArmSamples {
  /** Times of sequential requests in microseconds, wave by wave; each wave's first is cold. */
  readonly timesUs: Float64Array;
  readonly #waveRequests: number;
  #waves = 0;
  /** By cycle; what is absent counts. */
  #sequentialCounts: readonly boolean[] = [];
  #loadedCounts: readonly boolean[] = [];
  readonly #loadedUs: number[] = [];
  readonly #cpuUs: number[] = [];
  readonly #spans: WaveSpan[] = [];
  #loadedRequests = 0;
  #loadedMs = 0;
  #cpuNs = 0;

  constructor(sequentialCycles: number, sequentialRequests: number) {
    this.timesUs = new Float64Array(sequentialCycles * sequentialRequests);
    this.#waveRequests = sequentialRequests;
  }

  /** Where the next sequential wave writes its times. */
  get nextOffset(): number {
    return this.#waves * this.#waveRequests;
  }

  /** The wave at {@link nextOffset} has been written. */
  addSequential(): void {
    this.#waves += 1;
  }

  /** A wave that began at a moment and ended, its arm at rest again, at another. */
  addLoaded(wave: LoadedWave, cpuNs: number, beganMs: number, endedMs: number): void {
    this.#spans.push({ beganMs, endedMs, requests: wave.requests });
    this.#loadedUs.push((wave.countedMs / wave.counted) * US_PER_MS);
    this.#cpuUs.push(cpuNs / NS_PER_US / wave.requests);
    this.#loadedRequests += wave.requests;
    this.#loadedMs += wave.totalMs;
    this.#cpuNs += cpuNs;
  }

  /** Leaves out the waves of cycles that are false; a wave beyond the lists counts. */
  countOnly(sequential: readonly boolean[], loaded: readonly boolean[]): void {
    this.#sequentialCounts = sequential;
    this.#loadedCounts = loaded;
  }

  /** All that were sent, those of cycles left out too: what the process says of itself has them. */
  get loadedRequests(): number {
    return this.#loadedRequests;
  }

  get requests(): number {
    return this.#loadedRequests + this.#waves * this.#waveRequests;
  }

  /** Times of all requests but each wave's first, in microseconds. */
  warmTimesUs(): Float64Array {
    return this.#times((position) => position !== 0);
  }

  /** Times of each wave's first request. */
  coldTimesUs(): Float64Array {
    return this.#times((position) => position === 0);
  }

  /** Share of the loaded waves' duration in which the process was on a CPU. */
  busyFraction(): number | null {
    return this.#cpuNs === 0 ? null : this.#cpuNs / 1e6 / this.#loadedMs;
  }

  /** Time a request in each loaded wave, microseconds. */
  loadedUs(): readonly number[] {
    return this.#counted(this.#loadedUs);
  }

  /** CPU time a request in each loaded wave, microseconds; null if the system does not count it. */
  cpuUs(): readonly number[] | null {
    return this.#cpuNs === 0 ? null : this.#counted(this.#cpuUs);
  }

  /** Time in collections in each loaded wave, microseconds a request. */
  collectionUs(collections: readonly Collection[]): readonly number[] {
    return this.#counted(
      this.#spans.map(({ beganMs, endedMs, requests }) => {
        const within = collections.filter(
          (one) => one.endedAtMs > beganMs && one.endedAtMs <= endedMs,
        );
        return (within.reduce((sum, { ms }) => sum + ms, 0) * US_PER_MS) / requests;
      }),
    );
  }

  #times(keep: (position: number) => boolean): Float64Array {
    return this.timesUs.subarray(0, this.nextOffset).filter((_, index) => {
      const wave = Math.floor(index / this.#waveRequests);
      return this.#sequentialCounts[wave] !== false && keep(index % this.#waveRequests);
    });
  }

  #counted(waves: readonly number[]): readonly number[] {
    return waves.filter((_, cycle) => this.#loadedCounts[cycle] !== false);
  }

  /** Warm requests that were sent, whether or not their cycles count. */
  get warmRequests(): number {
    return this.#waves * (this.#waveRequests - 1);
  }
}

/** What an arm's samples give relative to other arms'. Microseconds a request. */
export interface RelativeFigures {
  /** One in flight, warm: the median. */
  readonly hopUs: number;
  /** Several in flight. */
  readonly timeUs: number;
  /** Several in flight; null if it can't be had. */
  readonly cpuUs: number | null;
}

/**
 * The figures that every arm has, the direct one too. `withoutClock` says why there is no CPU time,
 * where there is none.
 */
export function timeFigures(
  samples: ArmSamples,
  relative: RelativeFigures,
  withoutClock = 'this system does not count CPU time by thread',
): ArmFigures {
  const values: Partial<Record<MetricName, number>> = {};
  const unavailable: Partial<Record<MetricName, string>> = {};
  const warm = sorted(samples.warmTimesUs());
  values['hop-p50'] = relative.hopUs;
  values['hop-p90'] = quantile(warm, 0.9);
  if (samples.warmRequests >= P99_LEAST_REQUESTS) values['hop-p99'] = quantile(warm, 0.99);
  else unavailable['hop-p99'] = `needs ${P99_LEAST_REQUESTS} requests a round`;
  values['hop-cold-p50'] = quantile(sorted(samples.coldTimesUs()), 0.5);
  values['loaded-request-time'] = relative.timeUs;
  values.throughput = 1e6 / relative.timeUs;
  if (relative.cpuUs === null) unavailable['cpu-per-request'] = withoutClock;
  else values['cpu-per-request'] = relative.cpuUs;
  return {
    values,
    unavailable,
    requests: samples.requests,
    busyFraction: samples.busyFraction(),
  };
}

const OVERHEADS = [
  ['overhead-p50', 'hop-p50'],
  ['overhead-p90', 'hop-p90'],
  ['overhead-p99', 'hop-p99'],
] as const;

const ORIGIN_ONLY = 'the direct arm has no proxy';

/** What a proxy said of itself in a round. */
export interface Readings {
  /** Before its measured phases, and after them. */
  readonly begun: Reading;
  readonly ended: Reading;
  /** Between the phases: its loaded waves follow. */
  readonly loaded: Reading;
  /** Requests of the loaded waves. */
  readonly loadedRequests: number;
  /** Why what it did not say cannot be had. */
  readonly unseen: string;
}

/**
 * Adds what only a proxy has: its cost over direct, and what it says of itself. Allocations and
 * collections are those of the loaded waves, the later phase: code is still being compiled anew
 * when a proxy turns from a flood to single requests.
 */
export function proxyFigures(
  own: ArmFigures,
  direct: ArmFigures,
  { begun, ended, loaded, loadedRequests, unseen }: Readings,
): ArmFigures {
  const values = { ...own.values };
  const unavailable = { ...own.unavailable };
  for (const [overhead, hop] of OVERHEADS) {
    const [with_, without] = [own.values[hop], direct.values[hop]];
    if (with_ !== undefined && without !== undefined) values[overhead] = with_ - without;
    else unavailable[overhead] = own.unavailable[hop] ?? 'not measured';
  }
  const set = (metric: MetricName, value: number | null, reason: string): void => {
    if (value === null) unavailable[metric] = reason;
    else values[metric] = value;
  };
  const [first, last] = [loaded.memory, ended.memory];
  const growth = (key: 'allocatedBytes' | 'gcTimeMs', scale: number): number | null => {
    const [before, after] = [first[key], last[key]];
    return before === null || after === null ? null : ((after - before) * scale) / loadedRequests;
  };
  set('allocated-per-request', growth('allocatedBytes', 1), unseen);
  set('gc-time-per-request', growth('gcTimeMs', US_PER_MS), unseen);
  set('memory-rss', last.rssBytes, unseen);
  const asked = ended.counters !== null;
  set('cache-hit-rate', decisionHitRate(begun, ended), asked ? 'it has no decision cache' : unseen);
  return { ...own, values, unavailable };
}

/** Marks what the direct arm can't have. */
export function directFigures(own: ArmFigures): ArmFigures {
  const unavailable = { ...own.unavailable };
  const names: readonly MetricName[] = [
    'overhead-p50',
    'overhead-p90',
    'overhead-p99',
    'allocated-per-request',
    'gc-time-per-request',
    'memory-rss',
    'cache-hit-rate',
  ];
  for (const name of names) unavailable[name] = ORIGIN_ONLY;
  return { ...own, unavailable };
}

function decisionHitRate(before: Reading, after: Reading): number | null {
  const last = after.counters?.caches.decision;
  if (last === undefined) return null;
  const first = before.counters?.caches.decision ?? { hits: 0, misses: 0 };
  const hits = last.hits - first.hits;
  const lookups = hits + last.misses - first.misses;
  return lookups === 0 ? null : hits / lookups;
}
