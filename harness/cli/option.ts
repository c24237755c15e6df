/**
 * Option values as people write them. Each parser throws commander's InvalidArgumentError with
 * what was expected.
 */
import { InvalidArgumentError } from 'commander';

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const MAX_SEED = 2 ** 32 - 1;
const MAX_ROUNDS = 1000;

/** `60s`, `2m`, `500ms` in milliseconds; above zero. A bare number is refused: of what? */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim());
  const ms = match === null ? Number.NaN : Number(match[1]) * (UNITS_MS[match[2] ?? ''] ?? 0);
  if (!(ms > 0))
    throw new InvalidArgumentError('Expected a duration above zero, such as 60s or 2m.');
  return ms;
}

/** A whole number of rounds from 1. */
export function parseRounds(text: string): number {
  return wholeNumber(text, 1, MAX_ROUNDS);
}

/** A whole number of 32 bits. */
export function parseSeed(text: string): number {
  return wholeNumber(text, 0, MAX_SEED);
}

function wholeNumber(text: string, low: number, high: number): number {
  const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!(value >= low && value <= high)) {
    throw new InvalidArgumentError(`Expected a whole number from ${low} to ${high}.`);
  }
  return value;
}
