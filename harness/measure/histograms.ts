/**
 * The distribution of each arm's warm hop over a whole run, as HdrHistograms. For plots and for
 * other tools: verdicts rest on the rounds.
 */
import type { HistogramReport } from '../model/report.ts';
import type { Arm } from '../model/round.ts';
import { LatencyHistogram } from '../stats/latency-histogram.ts';

/** Collects times by arm. */
export class HopHistograms {
  readonly #scenario: string;
  readonly #byArm = new Map<string, LatencyHistogram>();

  constructor(scenario: string) {
    this.#scenario = scenario;
  }

  /** Adds times in microseconds, with three significant digits of nanoseconds. */
  record(arm: Arm, timesUs: Float64Array): void {
    let histogram = this.#byArm.get(arm.id);
    if (histogram === undefined) {
      histogram = new LatencyHistogram();
      this.#byArm.set(arm.id, histogram);
    }
    histogram.record(timesUs);
  }

  /** Encodes what was collected. */
  report(): readonly HistogramReport[] {
    return [...this.#byArm].map(([arm, histogram]) => ({
      arm,
      scenario: this.#scenario,
      metric: 'hop',
      unit: 'ns',
      count: histogram.count,
      encoded: histogram.encode(),
    }));
  }
}
