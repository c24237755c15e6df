/**
 * Latencies as an HdrHistogram: three significant digits from a nanosecond to ten minutes, in the
 * encoding and in the percentile text that other tools read.
 */
import { build, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js';

const NS_PER_US = 1000;
const HIGHEST_NS = 600_000_000_000;
const TICKS_PER_HALF_DISTANCE = 5;

/** Collects latencies in microseconds. */
export class LatencyHistogram {
  readonly #histogram: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_NS,
    numberOfSignificantValueDigits: 3,
    autoResize: false,
    useWebAssembly: false,
  });

  /** Adds all that are numbers; a NaN stands for a request that has no latency. */
  record(latenciesUs: Float64Array): void {
    for (const us of latenciesUs) {
      if (us >= 0) {
        this.#histogram.recordValue(Math.min(HIGHEST_NS, Math.max(1, Math.round(us * NS_PER_US))));
      }
    }
  }

  get count(): number {
    return this.#histogram.totalCount;
  }

  /** The least value that `fraction` (0..1) of the latencies do not exceed; null of none. */
  quantileUs(fraction: number): number | null {
    if (this.count === 0) return null;
    return this.#histogram.getValueAtPercentile(fraction * 100) / NS_PER_US;
  }

  /** HdrHistogram V2 compressed encoding of nanoseconds, base64. */
  encode(): string {
    return encodeIntoCompressedBase64(this.#histogram);
  }

  /** The percentile distribution as HdrHistogram tools print and plot it, in milliseconds. */
  percentileText(): string {
    return this.#histogram.outputPercentileDistribution(TICKS_PER_HALF_DISTANCE, 1e6);
  }
}
