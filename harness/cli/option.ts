/**
 * Option values as people write them. Each parser throws commander's InvalidArgumentError with
 * what was expected.
 */
import { availableParallelism } from 'node:os';
import { InvalidArgumentError, Option } from 'commander';
import { MAX_LARGE_BODY_BYTES, MAX_RECORDED_REQUESTS } from '../model/scenario.ts';

/** Of `--skip`, wherever it is. */
export const SKIP_HELP =
  'a conformance case that nobody is held to in this run, which the report says';

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const UNITS_BYTES: Readonly<Record<string, number>> = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9 };
const LEAST_MEMORY_BYTES = 1e6;
const MAX_CONNECTIONS = 10_000;
const MAX_WORKERS = 256;
const MAX_RATE = 200_000;
const MAX_SEED = 2 ** 32 - 1;
const MAX_ROUNDS = 1000;

/** An option that may be given several times: a list, empty without it. */
export function repeatable(flags: string, description: string): Option {
  return new Option(flags, `${description}; may be given again`)
    .argParser((one, all: readonly string[]) => [...all, one])
    .default([], 'none');
}

/** `60s`, `2m`, `500ms` in milliseconds; above zero. A bare number is refused: of what? */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim());
  const ms = match === null ? Number.NaN : Number(match[1]) * (UNITS_MS[match[2] ?? ''] ?? 0);
  if (!(ms > 0))
    throw new InvalidArgumentError('Expected a duration above zero, such as 60s or 2m.');
  return ms;
}

/** `100MB`, `1.5GB` in bytes, by powers of 1000; 1 MB at the least. */
export function parseMemory(text: string): number {
  const match = /^(\d+(?:\.\d+)?) ?(B|KB|MB|GB)$/i.exec(text.trim());
  const bytes =
    match === null
      ? Number.NaN
      : Number(match[1]) * (UNITS_BYTES[match[2]?.toUpperCase() ?? ''] ?? 0);
  if (!(bytes >= LEAST_MEMORY_BYTES)) {
    throw new InvalidArgumentError('Expected a size from 1MB on, such as 100MB.');
  }
  return Math.round(bytes);
}

/** `1MB`, `64KB` in bytes, by powers of 1024 as bodies are; from 1 byte to 16 MB. */
export function parseBodySize(text: string): number {
  const match = /^(\d+(?:\.\d+)?) ?(B|KB|MB)$/i.exec(text.trim());
  const power = ['B', 'KB', 'MB'].indexOf(match?.[2]?.toUpperCase() ?? '');
  const bytes = match === null ? Number.NaN : Math.round(Number(match[1]) * 1024 ** power);
  if (!(bytes >= 1 && bytes <= MAX_LARGE_BODY_BYTES)) {
    throw new InvalidArgumentError('Expected a size from 1B to 16MB, such as 1MB.');
  }
  return bytes;
}

/** A whole number of requests from 1. */
export function parseRequests(text: string): number {
  return wholeNumber(text, 1, MAX_RECORDED_REQUESTS);
}

/** A whole number of connections from 1. */
export function parseConnections(text: string): number {
  return wholeNumber(text, 1, MAX_CONNECTIONS);
}

/** Requests a second, above zero; fractions are allowed. */
export function parseRate(text: string): number {
  const value = /^\d+(?:\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!(value > 0 && value <= MAX_RATE)) {
    throw new InvalidArgumentError(
      `Expected requests a second, above zero and up to ${MAX_RATE}, such as 5000.`,
    );
  }
  return value;
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

/** Where something listens. */
export interface ListenAddress {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/** `8080` on the loopback interface, `0.0.0.0:8080`, `[::1]:8080`. */
export function parseListenAddress(text: string): ListenAddress {
  const match = /^(?:(?:\[([0-9a-f:.]+)\]|([^\s[\]:/]+)):)?(\d{1,5})$/i.exec(text.trim());
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new InvalidArgumentError('Expected a port or an address such as 127.0.0.1:8080.');
  }
  return { host: match[1] ?? match[2] ?? '127.0.0.1', port };
}

/** A number of workers, or `auto` for as many as this process may use CPUs. */
export function parseWorkers(text: string): number {
  if (text.trim() === 'auto') return availableParallelism();
  return wholeNumber(text, 1, MAX_WORKERS);
}
