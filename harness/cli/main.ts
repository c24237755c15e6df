/**
 * The command line: builds the program, runs one command, and turns whatever happens into one
 * message and one exit code. The commands are one file each beside this one.
 */
import { Command } from 'commander';
import { HopmarkError } from '../model/error.ts';
import { killAllChildren } from '../sut/children.ts';
import { baselineCommand } from './baseline.ts';
import { benchCommand } from './bench.ts';
import { calibrateCommand } from './calibrate.ts';
import { compareCommand } from './compare.ts';
import { completionCommand } from './completion.ts';
import { conformCommand } from './conform.ts';
import { doctorCommand } from './doctor.ts';
import { EXIT, type ExitCode, exitCodeOfError } from './exit-code.ts';
import { gateCommand } from './gate.ts';
import { initCommand } from './init.ts';
import { watchInterrupts } from './interrupt.ts';
import { loadCommand } from './load.ts';
import { errorLines } from './message.ts';
import { recordCommand } from './record.ts';
import { reportCommand } from './report.ts';
import { serveCommand } from './serve.ts';
import { isInteractive, type Shell } from './shell.ts';
import { soakCommand } from './soak.ts';
import { toolVersion } from './version.ts';

const EPILOGUE = `
Examples:
  $ hopmark compare baseline optimized            what each costs per hop, side by side
  $ hopmark compare optimized ./my-proxy.ts       your own proxy against ours
  $ hopmark compare nginx ./my-proxy.ts           or against another, where it is installed
  $ hopmark gate --against main --impl ./my-proxy.ts    did this checkout make it worse?
  $ hopmark load optimized --target-latency 1ms   latency at a rate
  $ hopmark conform ./my-proxy.ts                 does it answer correctly?
  $ hopmark serve policy.yaml --workers 2         run the proxy itself
  $ hopmark init --impl ./my-proxy.ts             a configuration and a workflow for your repository
  $ hopmark doctor                                what on this machine disturbs a measurement

Exit codes: 0 held; 1 a regression or a conformance failure; 2 usage or configuration;
3 inconclusive or incomplete; 4 the system under test or the machine failed; 130, 143 interrupted.`;

/** Runs one command line (as in process.argv) and returns the exit code. */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  const interrupt = watchInterrupts();
  let code: ExitCode = EXIT.held;
  const fail = (error: unknown): void => {
    code = exitCodeOfError(error);
    for (const line of errorLines(error, argv.includes('--debug'))) shell.err(`${line}\n`);
  };
  const shell: Shell = {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    signal: interrupt.signal,
    stop: interrupt.stop,
    endsBySignal: interrupt.endsBySignal,
    canDraw: isInteractive() && !argv.includes('--no-dashboard'),
    argv,
    exit: (exitCode) => {
      code = exitCode;
    },
  };
  watchStreams(fail);
  process.on('exit', killAllChildren);
  // Code 1 means a regression: a mistake of ours must not end as one.
  process.on('uncaughtException', (error) => {
    fail(error);
    process.exit(EXIT.broken);
  });
  try {
    await program(shell).parseAsync(argv);
  } catch (error) {
    if (!interrupt.signal.aborted) fail(error);
    else shell.err('hopmark: interrupted; nothing was written.\n');
  } finally {
    killAllChildren();
  }
  return interrupt.exitCode() ?? code;
}

/** A reader that goes away, as in `hopmark ... | head`, is no error; a full disk is. */
function watchStreams(fail: (error: unknown) => void): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EPIPE') return;
    const remedy = 'Free some space, or send the output elsewhere.';
    const message = `cannot write to standard output: ${cause.message}`;
    fail(new HopmarkError('machine', 'unwritable', message, { cause, remedy }));
    process.exitCode = EXIT.broken;
  });
}

/** All commands, as a shell runs them. */
export function program(shell: Shell): Command {
  const root = new Command('hopmark')
    .description('Measures what one HTTP proxy hop costs, and says whether a change made it worse.')
    .version(toolVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', EPILOGUE)
    .showSuggestionAfterError()
    .configureOutput({ writeOut: shell.out, writeErr: shell.err });
  for (const command of [
    compareCommand(shell),
    gateCommand(shell),
    benchCommand(shell),
    baselineCommand(shell),
    calibrateCommand(shell),
    loadCommand(shell),
    soakCommand(shell),
    recordCommand(shell),
    reportCommand(shell),
    conformCommand(shell),
    serveCommand(shell),
    doctorCommand(shell),
    initCommand(shell),
    completionCommand(shell, () => root),
  ]) {
    // Options that every command has; commander prints usage errors and throws.
    command
      .option('--no-color', 'no colour, as NO_COLOR does')
      .option('--debug', 'show stack traces with errors')
      .showHelpAfterError('(run with --help for usage)')
      .exitOverride()
      .configureOutput({ writeOut: shell.out, writeErr: shell.err });
    root.addCommand(command);
  }
  return root.exitOverride();
}
