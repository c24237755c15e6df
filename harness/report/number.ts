/**
 * How figures are written for people, the same in every rendering: three significant digits, one
 * unit a row, `1.07x (1.05 to 1.09)`. Computes nothing but the scaling of a unit.
 */
import type { MetricUnit } from '../model/metric.ts';
import type { Interval } from '../model/report.ts';

/** Three significant digits, without an exponent; thousands grouped from 10,000. */
export function formatSignificant(value: number): string {
  const rounded = Number(value.toPrecision(3));
  if (rounded === 0) return '0';
  const magnitude = Math.floor(Math.log10(Math.abs(rounded)));
  const text = rounded.toFixed(Math.max(0, 2 - magnitude));
  return Math.abs(rounded) < 10_000 ? text : text.replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A whole number with its thousands grouped from 10,000. */
export function formatWhole(value: number): string {
  return value < 10_000 ? String(value) : String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A unit as it is written beside figures, and what figures are divided by to have it. */
export interface ShownUnit {
  readonly label: string;
  readonly divisor: number;
}

/** The unit that suits all of these figures at once. Bytes come in powers of 1000. */
export function chooseUnit(unit: MetricUnit, values: readonly (number | null)[]): ShownUnit {
  if (unit === 'us') return { label: 'µs', divisor: 1 };
  if (unit === 'requests/s') return { label: 'req/s', divisor: 1 };
  if (unit === 'fraction') return { label: '%', divisor: 0.01 };
  const largest = Math.max(0, ...values.map((value) => Math.abs(value ?? 0)));
  if (largest >= 1e6) return { label: 'MB', divisor: 1e6 };
  return largest >= 1e3 ? { label: 'kB', divisor: 1e3 } : { label: 'B', divisor: 1 };
}

/** A figure in a unit, without the unit. */
export function formatIn(unit: ShownUnit, value: number): string {
  return formatSignificant(value / unit.divisor);
}

/** A figure with the unit that suits it. */
export function formatQuantity(unit: MetricUnit, value: number): string {
  const shown = chooseUnit(unit, [value]);
  return `${formatIn(shown, value)} ${shown.label}`;
}

/** A fraction as a percentage: 0.05 is `5 %`. Two significant digits. */
export function formatPercent(fraction: number): string {
  return `${Number((fraction * 100).toPrecision(2))} %`;
}

/** `1.07x`: three significant digits, but never more than three decimals. */
export function formatRatio(ratio: number): string {
  return `${ratio.toFixed(ratioDecimals(ratio))}x`;
}

/** `(1.05 to 1.09)`, with as many decimals as the ratio it belongs to. */
export function formatRatioInterval(ratio: number, [low, high]: Interval): string {
  const decimals = ratioDecimals(ratio);
  return `(${low.toFixed(decimals)} to ${high.toFixed(decimals)})`;
}

/** `1.07x (1.05 to 1.09)`, or the ratio alone where there is no interval. */
export function formatRatioWithInterval(ratio: number, interval: Interval | null): string {
  const shown = formatRatio(ratio);
  return interval === null ? shown : `${shown} ${formatRatioInterval(ratio, interval)}`;
}

function ratioDecimals(ratio: number): number {
  if (ratio < 0.9995) return 3;
  if (ratio < 9.995) return 2;
  return ratio < 99.95 ? 1 : 0;
}

/** `48 s`, `1 min 52 s`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const rest = seconds % 60;
  return rest === 0 ? `${seconds / 60} min` : `${Math.floor(seconds / 60)} min ${rest} s`;
}

/** `1 round`, `10 rounds`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** More items than these do not make a sentence. */
const MOST_LISTED = 12;
const LISTED_OF_MANY = 6;

/** `a`, `a and b`, `a, b and c`; of very many the first few and their number. */
export function formatList(items: readonly string[]): string {
  if (items.length > MOST_LISTED) {
    const shown = items.slice(0, LISTED_OF_MANY).join(', ');
    return `${shown} and ${items.length - LISTED_OF_MANY} more`;
  }
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} and ${last}`;
}
