/**
 * The distribution of each arm's warm hop over a whole run, as HdrHistograms. For plots and for
 * other tools: verdicts rest on the rounds.
 */
import { build, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js';
import type { HistogramReport } from '../model/report.ts';
import type { Arm } from '../model/round.ts';

const NS_PER_US = 1000;
const HIGHEST_NS = 60_000_000_000;

/** Collects times by arm. */
export class HopHistograms {
  readonly #scenario: string;
  readonly #byArm = new Map<string, Histogram>();

  constructor(scenario: string) {
    this.#scenario = scenario;
  }

  /** Adds times in microseconds, with three significant digits of nanoseconds. */
  record(arm: Arm, timesUs: Float64Array): void {
    let histogram = this.#byArm.get(arm.id);
    if (histogram === undefined) {
      histogram = build({
        lowestDiscernibleValue: 1,
        highestTrackableValue: HIGHEST_NS,
        numberOfSignificantValueDigits: 3,
        useWebAssembly: false,
      });
      this.#byArm.set(arm.id, histogram);
    }
    for (const us of timesUs) histogram.recordValue(Math.round(us * NS_PER_US));
  }

  /** Encodes what was collected. */
  report(): readonly HistogramReport[] {
    return [...this.#byArm].map(([arm, histogram]) => ({
      arm,
      scenario: this.#scenario,
      metric: 'hop',
      unit: 'ns',
      count: histogram.totalCount,
      encoded: encodeIntoCompressedBase64(histogram),
    }));
  }
}
