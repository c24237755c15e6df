/** What a command gets from the process it runs in. */
import type { ExitCode } from './exit-code.ts';

export interface Shell {
  /** Standard output: results. */
  readonly out: (text: string) => void;
  /** Standard error: progress and errors. */
  readonly err: (text: string) => void;
  /** Aborted on SIGINT or SIGTERM, or by {@link stop}. */
  readonly signal: AbortSignal;
  /** Ends the command as an interrupt does, and as incomplete: what was measured is reported. */
  readonly stop: () => void;
  /** The first signal is the command's usual end, for which it has so long (interrupt.ts). */
  readonly endsBySignal: (patienceMs: number) => void;
  /** True if somebody watches who can press keys, and has not asked for lines. */
  readonly canDraw: boolean;
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

/**
 * True if standard input and standard error are a terminal that can be drawn on. A job of CI may have
 * one, and nobody in front of it.
 */
export function isInteractive(env: NodeJS.ProcessEnv = process.env): boolean {
  const { stdin, stderr } = process;
  return (
    stdin.isTTY === true &&
    stderr.isTTY === true &&
    env.TERM !== 'dumb' &&
    (env.CI === undefined || env.CI === '' || env.CI === 'false')
  );
}
