/**
 * Latencies counted in bins half a percent wide, for the many short windows of a long run: small
 * enough to keep one for every second, fine enough for percentiles.
 */

const LEAST_US = 0.1;
const MOST_US = 600e6;
/** Each bin's upper edge over its lower one. */
const WIDTH = 1.005;
const LOG_WIDTH = Math.log(WIDTH);
const BINS = Math.ceil(Math.log(MOST_US / LEAST_US) / LOG_WIDTH) + 1;

/** Counts of latencies in microseconds. */
export class LatencyBins {
  readonly #counts = new Uint32Array(BINS);
  #total = 0;

  /** Bins of all these together. */
  static merge(parts: readonly LatencyBins[]): LatencyBins {
    const merged = new LatencyBins();
    for (const part of parts) {
      part.#counts.forEach((count, bin) => {
        merged.#counts[bin] = (merged.#counts[bin] ?? 0) + count;
      });
      merged.#total += part.#total;
    }
    return merged;
  }

  /** Adds all that are numbers; a NaN stands for a request that has no latency. */
  record(latenciesUs: Float64Array): void {
    for (const us of latenciesUs) {
      if (!(us >= 0)) continue;
      const bin = binOf(us);
      this.#counts[bin] = (this.#counts[bin] ?? 0) + 1;
      this.#total += 1;
    }
  }

  get count(): number {
    return this.#total;
  }

  /** The latency that `fraction` (0..1) do not exceed, to half a percent; null of none. */
  quantileUs(fraction: number): number | null {
    if (this.#total === 0) return null;
    const wanted = Math.max(1, Math.ceil(fraction * this.#total));
    let seen = 0;
    for (const [bin, count] of this.#counts.entries()) {
      seen += count;
      if (seen >= wanted) return centreOf(bin);
    }
    return centreOf(BINS - 1);
  }

  /** How many lie in the bin of `us` or below it. */
  countUpTo(us: number): number {
    const last = binOf(us);
    let seen = 0;
    for (let bin = 0; bin <= last; bin += 1) seen += this.#counts[bin] ?? 0;
    return seen;
  }
}

function binOf(us: number): number {
  const bin = Math.floor(Math.log(Math.max(us, LEAST_US) / LEAST_US) / LOG_WIDTH);
  return Math.min(BINS - 1, bin);
}

/** The geometric middle. */
function centreOf(bin: number): number {
  return LEAST_US * WIDTH ** (bin + 0.5);
}
