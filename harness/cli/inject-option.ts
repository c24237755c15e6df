/**
 * The `--inject` option: `cpu=5%` and `alloc=64`, given once or twice, as what is added to the
 * candidate.
 */
import { InvalidArgumentError } from 'commander';
import type { Injection } from '../sut/injection.ts';

const BYTE_UNITS: Readonly<Record<string, number>> = { '': 1, B: 1, KB: 1024, MB: 1024 ** 2 };
const MOST_PERCENT = 1000;
const MOST_BYTES = 1024 ** 2;
const EXPECTED = 'Expected cpu=5% (a share of its own cost) or alloc=64 (bytes a request).';

/**
 * One value of the option, added to those before it, as commander calls it for a repeated option.
 * Throws an InvalidArgumentError for what is no injection, or one of a kind that is there already.
 */
export function parseInjection(text: string, before: Injection | undefined): Injection {
  const injection = before ?? { cpuShare: null, allocBytes: null };
  const [, kind, value = ''] = /^(cpu|alloc)=(.*)$/.exec(text.trim()) ?? [];
  if (kind === undefined) throw new InvalidArgumentError(EXPECTED);
  const taken = kind === 'cpu' ? injection.cpuShare : injection.allocBytes;
  if (taken !== null) throw new InvalidArgumentError(`${kind} is given twice.`);
  return kind === 'cpu'
    ? { ...injection, cpuShare: parsePercent(value) / 100 }
    : { ...injection, allocBytes: parseBytes(value) };
}

function parsePercent(text: string): number {
  const percent = Number(/^(\d+(?:\.\d+)?)%$/.exec(text)?.[1] ?? Number.NaN);
  if (percent > 0 && percent <= MOST_PERCENT) return percent;
  throw new InvalidArgumentError(`Expected cpu=5%, above 0 % and up to ${MOST_PERCENT} %.`);
}

function parseBytes(text: string): number {
  const [, digits, unit = ''] = /^(\d+)([A-Z]*)$/.exec(text) ?? [];
  const bytes = Number(digits) * (BYTE_UNITS[unit] ?? Number.NaN);
  if (bytes >= 1 && bytes <= MOST_BYTES) return bytes;
  throw new InvalidArgumentError(`Expected alloc=64 or alloc=2KB, from 1 byte to ${MOST_BYTES}.`);
}
