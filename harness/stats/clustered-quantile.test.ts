import { describe, expect, test } from 'vitest';
import { createRandom, type Random } from '../model/random.ts';
import { clusteredQuantile } from './clustered-quantile.ts';
import { LatencyBins } from './latency-bins.ts';

/** Exponential latencies of mean `mean`. */
function windowOf(random: Random, count: number, mean: number): LatencyBins {
  const bins = new LatencyBins();
  bins.record(Float64Array.from({ length: count }, () => -Math.log(1 - random.float()) * mean));
  return bins;
}

const P99_OF_EXPONENTIAL = -Math.log(0.01);

describe('a quantile over windows', () => {
  test('is that of all requests together', () => {
    const random = createRandom(1);
    const windows = Array.from({ length: 40 }, () => windowOf(random, 1000, 100));
    const found = clusteredQuantile(windows, 0.99, 0.95);
    expect((found?.valueUs ?? 0) / 100).toBeCloseTo(P99_OF_EXPONENTIAL, 0);
    const [low, high] = found?.interval ?? [0, 0];
    expect(low).toBeLessThan(found?.valueUs ?? 0);
    expect(high).toBeGreaterThan(found?.valueUs ?? 0);
  });

  test('has an interval that covers the true one as often as it says', () => {
    let covered = 0;
    const runs = 200;
    for (let seed = 0; seed < runs; seed += 1) {
      const random = createRandom(seed);
      const windows = Array.from({ length: 30 }, () => windowOf(random, 400, 100));
      const [low, high] = clusteredQuantile(windows, 0.99, 0.95)?.interval ?? [1, 0];
      if (low <= 100 * P99_OF_EXPONENTIAL && 100 * P99_OF_EXPONENTIAL <= high) covered += 1;
    }
    expect(covered / runs).toBeGreaterThan(0.91);
  });

  test('is much less sure where whole windows are disturbed', () => {
    const random = createRandom(1);
    const quiet = Array.from({ length: 40 }, () => windowOf(random, 1000, 100));
    // Every tenth window is three times as slow.
    const disturbed = Array.from({ length: 40 }, (_, at) =>
      windowOf(random, 1000, at % 10 === 4 ? 300 : 100),
    );
    const width = (windows: readonly LatencyBins[]): number => {
      const [low, high] = clusteredQuantile(windows, 0.99, 0.95)?.interval ?? [0, 0];
      return high / low - 1;
    };
    expect(width(disturbed)).toBeGreaterThan(3 * width(quiet));
  });

  test('has no interval from fewer than eight windows, and none beyond what was seen', () => {
    const random = createRandom(1);
    const few = Array.from({ length: 7 }, () => windowOf(random, 1000, 100));
    expect(clusteredQuantile(few, 0.99, 0.95)?.interval).toBeNull();
    const thin = Array.from({ length: 10 }, () => windowOf(random, 3, 100));
    expect(clusteredQuantile(thin, 0.999, 0.95)?.interval).toBeNull();
  });

  test('is null without a request', () => {
    expect(clusteredQuantile([], 0.5, 0.95)).toBeNull();
    expect(clusteredQuantile([new LatencyBins()], 0.5, 0.95)).toBeNull();
  });
});
