/** Durations and sizes as people write them, in the forms that the policy file takes. */
import * as z from 'zod';

const MS_PER_UNIT: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);
const BYTES_PER_UNIT: ReadonlyMap<string, number> = new Map([
  ['b', 1],
  ['kb', 1024],
  ['mb', 1024 ** 2],
  ['gb', 1024 ** 3],
]);

/** Milliseconds of `500ms`, `30s`, `1.5m` or a number of milliseconds; null if it is neither. */
function parseDurationMs(value: unknown): number | null {
  return parseQuantity(value, MS_PER_UNIT);
}

/** Bytes of `64KB` (1024 bytes each), `10 MB` or a number of bytes; null if it is neither. */
export function parseSizeBytes(value: unknown): number | null {
  return parseQuantity(value, BYTES_PER_UNIT);
}

function parseQuantity(value: unknown, units: ReadonlyMap<string, number>): number | null {
  if (typeof value === 'number') return value;
  const parts = typeof value === 'string' ? /^(\d+(?:\.\d+)?) ?([a-z]+)$/i.exec(value) : null;
  const factor = units.get((parts?.[2] ?? '').toLowerCase());
  return parts === null || factor === undefined ? null : Number(parts[1]) * factor;
}

/** A field of the policy file that holds a quantity; what comes out is a whole number. */
export type QuantityField = z.ZodPipe<
  z.ZodUnion<readonly [z.ZodInt, z.ZodString]>,
  z.ZodTransform<number, string | number>
>;

/** A duration from `least` to `most` milliseconds. */
export function duration(least: number, most: number, description: string): QuantityField {
  const pattern = /^\d+(\.\d+)? ?(ms|s|m|h)$/;
  const expected = `a duration such as 500ms or 30s, from ${least}ms to ${most / 1000}s`;
  return quantity(parseDurationMs, pattern, least, most, expected, description);
}

/** A size from `least` to `most` bytes. */
export function size(least: number, most: number, description: string): QuantityField {
  const pattern = /^\d+(\.\d+)? ?([Bb]|[Kk][Bb]|[Mm][Bb]|[Gg][Bb])$/;
  const expected = `a size such as 64KB or 10MB, from ${least} to ${most} bytes`;
  return quantity(parseSizeBytes, pattern, least, most, expected, description);
}

function quantity(
  parse: (value: unknown) => number | null,
  pattern: RegExp,
  least: number,
  most: number,
  expected: string,
  description: string,
): QuantityField {
  return z
    .union(
      [
        z.int(expected).min(least, expected).max(most, expected),
        z.string().regex(pattern, expected),
      ],
      expected,
    )
    .transform((value, context) => {
      const parsed = parse(value);
      if (parsed !== null && Number.isInteger(parsed) && parsed >= least && parsed <= most) {
        return parsed;
      }
      context.addIssue({ code: 'custom', message: expected, input: value });
      return z.NEVER;
    })
    .meta({ description });
}
