/**
 * Ctrl-C and SIGTERM: the first asks the command to stop and report, the second ends everything at
 * once, and so does a command that has not stopped some seconds after the first. No child outlives
 * either.
 */
import { killAllChildren } from '../sut/children.ts';
import { EXIT, type ExitCode } from './exit-code.ts';

export interface Interrupt {
  readonly signal: AbortSignal;
  /** As the first Ctrl-C, but that the command ends as one that is incomplete. */
  readonly stop: () => void;
  /**
   * The first signal is the usual end of this command: it has so many milliseconds to end as it
   * wishes, with an exit code of its own.
   */
  readonly endsBySignal: (patienceMs: number) => void;
  /** The exit code that an interrupted command has to end with, or null. */
  readonly exitCode: () => ExitCode | null;
}

const PATIENCE_MS = 10_000;

/** Begins to watch. Once in a process. */
export function watchInterrupts(): Interrupt {
  const controller = new AbortController();
  let code: ExitCode | null = null;
  let patienceMs = PATIENCE_MS;
  let isUsual = false;
  const end = (exitCode: ExitCode): never => {
    killAllChildren();
    process.exit(exitCode);
  };
  const on = (exitCode: ExitCode) => (): void => {
    if (code !== null) end(code);
    code = exitCode;
    controller.abort();
    setTimeout(() => end(exitCode), patienceMs).unref();
  };
  process.on('SIGINT', on(EXIT.interrupted));
  process.on('SIGTERM', on(EXIT.terminated));
  const stop = (): void => {
    if (code === null) on(EXIT.inconclusive)();
  };
  const endsBySignal = (givenMs: number): void => {
    patienceMs = givenMs;
    isUsual = true;
  };
  const exitCode = (): ExitCode | null => (isUsual ? null : code);
  return { signal: controller.signal, stop, endsBySignal, exitCode };
}
