/**
 * The exit codes, documented in docs/cli.md, and the one place that maps what happened to one.
 */
import { CommanderError } from 'commander';
import { PolicyError } from '../../impls/policy/load.ts';
import { RegistryError } from '../../impls/registry.ts';
import { ServerError } from '../../server/server-error.ts';
import { HopmarkError } from '../model/error.ts';
import type { LoadVerdict } from '../model/load-report.ts';
import type { Verdict } from '../model/report.ts';

export const EXIT = {
  held: 0,
  failed: 1,
  usage: 2,
  inconclusive: 3,
  broken: 4,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The exit code of a run that was measured. */
export function exitCodeOfVerdict(verdict: Verdict): ExitCode {
  switch (verdict) {
    case 'improved':
    case 'unchanged':
      return EXIT.held;
    case 'regressed':
      return EXIT.failed;
    case 'inconclusive':
      return EXIT.inconclusive;
  }
}

/** The exit code of a load test, a sweep, a soak or a saturation. */
export function exitCodeOfLoad(verdict: LoadVerdict): ExitCode {
  switch (verdict) {
    case 'met':
    case 'measured':
      return EXIT.held;
    case 'missed':
      return EXIT.failed;
    case 'inconclusive':
      return EXIT.inconclusive;
  }
}

/** The exit code of an error. */
export function exitCodeOfError(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.held : EXIT.usage;
  if (error instanceof PolicyError || error instanceof RegistryError) return EXIT.usage;
  if (error instanceof ServerError) return error.isUsage ? EXIT.usage : EXIT.broken;
  if (!(error instanceof HopmarkError)) return EXIT.broken;
  if (error.side === 'user') return EXIT.usage;
  return error.side === 'sut' && WRONG.has(error.code) ? EXIT.failed : EXIT.broken;
}

/** Errors by which a system under test shows that it behaves wrongly, rather than not at all. */
const WRONG: ReadonlySet<string> = new Set(['wrong-answer', 'not-conforming', 'not-forwarded']);
