/** What an arm did under open loop, added up over its stretches. Pure. */
import type { OpenLoopRun } from '../drivers/open-loop-result.ts';
import type { OpenLoopFigures } from '../model/load-report.ts';
import type { MetricName } from '../model/metric.ts';
import type { ArmMetric } from '../model/report.ts';
import { clusteredQuantile } from '../stats/clustered-quantile.ts';
import { LatencyBins } from '../stats/latency-bins.ts';
import { LatencyHistogram } from '../stats/latency-histogram.ts';
import type { Window } from './windows.ts';

/** Each percentile that is reported, and the requests that it needs. */
const PERCENTILES: readonly {
  readonly metric: MetricName;
  readonly fraction: number;
  readonly least: number;
}[] = [
  { metric: 'latency-p50', fraction: 0.5, least: 20 },
  { metric: 'latency-p99', fraction: 0.99, least: 2000 },
  { metric: 'latency-p999', fraction: 0.999, least: 20_000 },
];

/** Of the intervals. */
const LEVEL = 0.95;
/** With fewer windows a half of them is no sample. */
const LEAST_QUIET_WINDOWS = 4;

/** Adds runs up. */
export class Tally {
  readonly #scenario: string;
  readonly #latencies = new LatencyHistogram();
  readonly #lags = new LatencyHistogram();
  readonly #windows: Window[] = [];
  readonly #failures: Record<string, number> = {};
  #requests = 0;
  #answered = 0;
  #unanswered = 0;
  #waited = 0;
  #sentAgain = 0;
  #reopened = 0;
  /** Gaps between answers, and the time that they took together. */
  #gaps = 0;
  #gapsMs = 0;
  #busyMs = 0;
  #runMs = 0;

  constructor(scenario: string) {
    this.#scenario = scenario;
  }

  /** Requests answered so far. */
  get answered(): number {
    return this.#answered;
  }

  /** Adds a run and the windows that it was cut into. */
  add(run: OpenLoopRun, windows: readonly Window[]): void {
    this.#latencies.record(run.latencyUs);
    this.#lags.record(run.lagUs);
    this.#windows.push(...windows);
    for (const [kind, count] of Object.entries(run.failures)) {
      this.#failures[kind] = (this.#failures[kind] ?? 0) + count;
    }
    this.#requests += run.due;
    this.#answered += run.answered;
    this.#unanswered += run.unanswered;
    this.#waited += run.waited;
    this.#sentAgain += run.sentAgain;
    this.#reopened += run.reopened;
    this.#addGaps(run);
    const runMs = Math.max(run.lastAnswerMs, run.scheduleMs.at(-1) ?? 0);
    this.#busyMs += run.busyFraction * runMs;
    this.#runMs += runMs;
  }

  /** The rate of answers is that between the first and the last: their delay is no part of it. */
  #addGaps(run: OpenLoopRun): void {
    let firstMs = Number.POSITIVE_INFINITY;
    run.latencyUs.forEach((us, index) => {
      if (us >= 0) firstMs = Math.min(firstMs, (run.scheduleMs[index] ?? 0) + us / 1000);
    });
    if (run.answered < 2) return;
    this.#gaps += run.answered - 1;
    this.#gapsMs += run.lastAnswerMs - firstMs;
  }

  /** What it comes to. */
  figures(): OpenLoopFigures {
    const lag = (fraction: number): number => this.#lags.quantileUs(fraction) ?? 0;
    return {
      requests: this.#requests,
      answered: this.#answered,
      failures: { ...this.#failures },
      unanswered: this.#unanswered,
      waited: this.#waited,
      sentAgain: this.#sentAgain,
      reopened: this.#reopened,
      achievedPerSecond: this.#gapsMs === 0 ? 0 : (this.#gaps / this.#gapsMs) * 1000,
      latency: PERCENTILES.map((percentile) => this.#metric(percentile)),
      lag: { p50Us: lag(0.5), p99Us: lag(0.99), p999Us: lag(0.999), maxUs: lag(1) },
      driverBusyFraction: this.#runMs === 0 ? 0 : this.#busyMs / this.#runMs,
      quiet: this.#quiet(),
      histogram: { unit: 'ns', count: this.#latencies.count, encoded: this.#latencies.encode() },
    };
  }

  /** The percentile distribution in HdrHistogram's own text. */
  percentileText(): string {
    return this.#latencies.percentileText();
  }

  #metric({ metric, fraction, least }: (typeof PERCENTILES)[number]): ArmMetric {
    const head = { scenario: this.#scenario, metric, unit: 'us' } as const;
    const value = this.#latencies.quantileUs(fraction);
    if (value === null || this.#latencies.count < least) {
      const reason = `fewer than ${least} requests were answered`;
      return { ...head, value: null, interval: null, reason };
    }
    const bins = this.#windows.map((window) => window.bins);
    const interval = clusteredQuantile(bins, fraction, LEVEL)?.interval ?? null;
    // The bins are half a percent wide: the finer estimate may lie beside their middle.
    return {
      ...head,
      value,
      interval:
        interval === null ? null : [Math.min(interval[0], value), Math.max(interval[1], value)],
    };
  }

  #quiet(): OpenLoopFigures['quiet'] {
    const known = this.#windows.flatMap((window) => {
      const { stealFraction, othersFraction } = window.disturbance;
      return stealFraction === null || othersFraction === null
        ? []
        : [{ window, taken: stealFraction + othersFraction }];
    });
    if (known.length < LEAST_QUIET_WINDOWS) return null;
    known.sort((a, b) => a.taken - b.taken);
    const half = known.slice(0, Math.ceil(known.length / 2));
    const bins = LatencyBins.merge(half.map(({ window }) => window.bins));
    const [p50Us, p99Us] = [bins.quantileUs(0.5), bins.quantileUs(0.99)];
    return p50Us === null || p99Us === null ? null : { windows: half.length, p50Us, p99Us };
  }
}
