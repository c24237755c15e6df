/** What a command gets from the process it runs in. */
import type { ExitCode } from './exit-code.ts';

export interface Shell {
  /** Standard output: results. */
  readonly out: (text: string) => void;
  /** Standard error: progress and errors. */
  readonly err: (text: string) => void;
  /** Aborted on SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** The command line as it was typed, for reports. */
  readonly argv: readonly string[];
  /** Sets the exit code of a command that ends without an error. */
  readonly exit: (code: ExitCode) => void;
}

/** True if colour is wanted on a stream: NO_COLOR, FORCE_COLOR and --no-color are obeyed. */
export function wantsColor(
  stream: { readonly isTTY?: boolean },
  flag: boolean,
  env: NodeJS.ProcessEnv = process.env,
): boolean {
  if (!flag || (env.NO_COLOR !== undefined && env.NO_COLOR !== '')) return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0';
  return stream.isTTY === true && env.TERM !== 'dumb';
}
