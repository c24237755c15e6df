/** Latency by percentile, as a chart of a page. */
import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { formatQuantity } from './number.ts';
import type { Chart } from './page-parts.ts';

/** One line of it. */
export interface PercentileCurve {
  readonly name: string;
  /** The name of a colour of the page. */
  readonly paint: string;
  /** Without any there is no line. */
  readonly count: number;
  /** Nanoseconds, HdrHistogram V2 compressed encoding, base64. */
  readonly encoded: string;
}

/** The x axis is 1/(1-p): every tail is as wide as the one before it. */
const PERCENTILES = [0, 25, 50, 75, 90, 95, 97.5, 99, 99.5, 99.75, 99.9];
const TICKS = { 1: '0 %', 2: '50 %', 10: '90 %', 100: '99 %', 1000: '99.9 %' };

/** One chart of all curves; none without values. */
export function percentileCharts(
  title: string,
  given: readonly PercentileCurve[],
): readonly Chart[] {
  const curves = given.flatMap(({ name, paint, count, encoded }) => {
    if (count === 0) return [];
    const histogram = decodeFromCompressedBase64(encoded);
    const at = (percentile: number): number => histogram.getValueAtPercentile(percentile) / 1000;
    return [{ name, paint, at }];
  });
  if (curves.length === 0) return [];
  const told = curves.map(
    ({ name, at }) =>
      `${name}: half below ${formatQuantity('us', at(50))}, 99 % below ${formatQuantity('us', at(99))}`,
  );
  return [
    {
      id: 'percentiles',
      title,
      told: `${told.join('; ')}.`,
      drawing: {
        labelX: 'percentile',
        labelY: 'µs',
        logX: true,
        ticksX: TICKS,
        series: curves.map(({ name, paint }) => ({ label: name, paint })),
        values: [
          PERCENTILES.map((percentile) => 1 / (1 - percentile / 100)),
          ...curves.map(({ at }) => PERCENTILES.map(at)),
        ],
      },
    },
  ];
}
