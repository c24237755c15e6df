import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LatencyBins } from './latency-bins.ts';
import { LatencyHistogram } from './latency-histogram.ts';

const latencies = fc
  .array(fc.double({ min: 1, max: 5e6, noNaN: true }), { minLength: 1 })
  .map((values) => Float64Array.from(values));

function binned(values: Float64Array): LatencyBins {
  const bins = new LatencyBins();
  bins.record(values);
  return bins;
}

test('a quantile is within half a percent of the order statistic', () => {
  fc.assert(
    fc.property(latencies, fc.double({ min: 0, max: 1, noNaN: true }), (values, fraction) => {
      const exact =
        Float64Array.from(values).sort()[Math.max(1, Math.ceil(fraction * values.length)) - 1] ?? 0;
      const found = binned(values).quantileUs(fraction) ?? Number.NaN;
      expect(Math.abs(found / exact - 1)).toBeLessThan(0.005);
    }),
    { seed: 3 },
  );
});

test('merged bins count what their parts do', () => {
  const parts = [Float64Array.of(1, 10), Float64Array.of(100), Float64Array.of()].map(binned);
  const merged = LatencyBins.merge(parts);
  expect(merged.count).toBe(3);
  expect(merged.countUpTo(10)).toBe(2);
  expect(merged.countUpTo(0.5)).toBe(0);
});

test('requests without a latency are left out, and no request has no quantile', () => {
  expect(binned(Float64Array.of(Number.NaN, 5)).count).toBe(1);
  expect(binned(Float64Array.of(Number.NaN)).quantileUs(0.5)).toBeNull();
  expect(new LatencyHistogram().quantileUs(0.5)).toBeNull();
});

test('a histogram keeps three digits, and its text ends in the counts', () => {
  const histogram = new LatencyHistogram();
  histogram.record(Float64Array.from({ length: 1000 }, (_, at) => 1000 + at));
  expect(histogram.quantileUs(0.5)).toBeCloseTo(1499, -1);
  expect(histogram.quantileUs(1)).toBeCloseTo(1999, -1);
  expect(histogram.percentileText()).toMatch(/Value\s+Percentile\s+TotalCount/);
  expect(histogram.percentileText()).toMatch(/Total count\s+=\s+1000/);
  expect(histogram.encode()).toMatch(/^HISTFA/);
});

test('what lies beyond ten minutes counts as ten minutes', () => {
  const histogram = new LatencyHistogram();
  histogram.record(Float64Array.of(1e12));
  expect(histogram.quantileUs(0.5)).toBeCloseTo(600e6, -6);
  expect(binned(Float64Array.of(1e12)).quantileUs(0.5)).toBeGreaterThan(598e6);
});
