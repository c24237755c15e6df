/**
 * One attempt at starting a command: spawned with the mark of its tree, and watched until it listens
 * on the port that it was given, it and nobody else. What goes wrong on the way is one message. It
 * ends nothing: what an attempt leaves is its caller's to end.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { get } from 'node:http';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { HopmarkError } from '../model/error.ts';
import { CommandOutput } from './command-output.ts';
import { LISTEN_HOST } from './external-config.ts';
import { lastWords } from './last-words.ts';
import { listenersOf, readListeners } from './listening-ports.ts';
import { commandOf } from './process-table.ts';
import { type ProcessTree, TREE_VARIABLE } from './process-tree.ts';

/** What is started. */
export interface CommandLine {
  /** An absolute path. */
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Where it runs. */
  readonly folder: string;
  readonly tree: ProcessTree;
}

/** How a command ended. */
export interface CommandExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A command that has been started, ready or not. */
export interface RunningCommand {
  readonly process: ChildProcess;
  readonly output: CommandOutput;
  readonly exited: Promise<CommandExit>;
}

/** What is waited for. */
export interface Readiness {
  readonly port: number;
  readonly path: string | undefined;
  /** When waiting ends, by `performance.now()`, and how long that was, both in milliseconds. */
  readonly deadlineMs: number;
  readonly timeoutMs: number;
}

/** Output may still come for a moment after the end. */
const OUTPUT_GRACE_MS = 150;
const BACKGROUND_GRACE_MS = 30;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 50;
const ANSWER_TIMEOUT_MS = 1000;

/** Starts a command in a session of its own. Rejects with a HopmarkError if it cannot be run. */
export async function spawnCommand(line: CommandLine): Promise<RunningCommand> {
  const lifeline = openSync(line.tree.lifeline, 'r');
  const child = spawn(line.program, line.args, {
    cwd: line.folder,
    env: { ...process.env, ...line.env, [TREE_VARIABLE]: line.tree.id },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', lifeline],
  });
  closeSync(lifeline);
  child.on('error', () => {});
  const output = new CommandOutput();
  for (const stream of [child.stdout, child.stderr]) if (stream !== null) output.watch(stream);
  const exited = new Promise<CommandExit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  try {
    await once(child, 'spawn');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw failure('cannot-run', `${line.program} cannot be run: ${why}`);
  }
  return { process: child, output, exited };
}

/**
 * Waits until a command serves. Resolves to `taken` if others hold the port, which may happen between
 * its being chosen and its use. Rejects with a HopmarkError that says what the command did instead.
 */
export async function untilReady(
  command: RunningCommand,
  tree: ProcessTree,
  readiness: Readiness,
): Promise<'ready' | 'taken'> {
  const { port, path, deadlineMs } = readiness;
  const done = command.exited.then((exit) => ({ exit }));
  const after = async (ms: number): Promise<'taken' | null> => {
    const ended = await Promise.race([done, setTimeout(ms)]);
    if (ended === undefined) return null;
    // A port that could not be had ends a program as any other mistake does.
    if ((await accepts(port)) && holderOf(port, tree) === 'others') return 'taken';
    throw await endedEarly(command, tree, ended.exit);
  };
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, 1.5 * pauseMs)) {
    const accepting = await accepts(port);
    if (accepting) {
      if (holderOf(port, tree) === 'others') return 'taken';
      if (path === undefined || (await answers(port, path))) {
        // A daemon listens, and goes to the background right then.
        return (await after(BACKGROUND_GRACE_MS)) === null ? 'ready' : 'taken';
      }
    }
    if (performance.now() > deadlineMs) throw neverReady(command, tree, readiness, accepting);
    if ((await after(pauseMs)) !== null) return 'taken';
  }
}

/** How a command ended, what it left, and what it said last: a sentence without a full stop. */
export async function describeEnd(
  { process: { stdout, stderr }, output }: RunningCommand,
  { code, signal }: CommandExit,
  tree: ProcessTree,
): Promise<string> {
  const left = describeLeft(tree);
  // Descendants may hold the pipes open for ever.
  const closed = Promise.all(
    [stdout, stderr].map((stream) => (stream?.readable === true ? once(stream, 'close') : null)),
  );
  await Promise.race([closed, setTimeout(OUTPUT_GRACE_MS)]);
  const how = signal === null ? `exited with code ${code ?? 'unknown'}` : `was ended by ${signal}`;
  return `its command ${how}${left}${quote(output)}`;
}

/** Names what of a tree is still there: how many, and the first of them. */
function describeLeft(tree: ProcessTree): string {
  const left = tree.members();
  const [first] = left;
  if (first === undefined) return '';
  const name = commandOf(first.pid);
  return left.length === 1
    ? ` and left a process in the background (${name})`
    : ` and left ${left.length} processes in the background (${name} and others)`;
}

function quote({ tail }: CommandOutput): string {
  const words = lastWords(tail);
  return words === '' ? '' : `; it said: ${words}`;
}

async function endedEarly(
  command: RunningCommand,
  tree: ProcessTree,
  exit: CommandExit,
): Promise<HopmarkError> {
  const background = exit.code === 0 && tree.members().length > 0;
  const message = await describeEnd(command, exit, tree);
  return background
    ? failure('went-to-background', message, STAY_IN_FOREGROUND)
    : failure('exited', message);
}

const STAY_IN_FOREGROUND =
  'Keep it in the foreground, as daemon off does for nginx: its end is how its failure is seen.';

function neverReady(
  { output }: RunningCommand,
  tree: ProcessTree,
  { port, path, timeoutMs }: Readiness,
  accepting: boolean,
): HopmarkError {
  const within = `within ${timeoutMs / 1000} s`;
  const said = quote(output);
  if (accepting) {
    const message = `it listens, but did not answer GET ${path} by itself with a status below 500 ${within}${said}`;
    return failure('never-ready', message);
  }
  const pids = tree.members().map(({ pid }) => pid);
  const elsewhere = listenersOf(pids, readListeners() ?? []).map(({ address }) => address);
  if (elsewhere.length > 0) {
    return failure(
      'wrong-port',
      `it did not listen on ${LISTEN_HOST}:${port} ${within}, but on ${[...new Set(elsewhere)].join(', ')}${said}`,
      'Its arguments or its configuration have to use {{port}}.',
    );
  }
  return failure('never-ready', `it did not listen on ${LISTEN_HOST}:${port} ${within}${said}`);
}

/** Who listens on a port. Several may, if they agree to share it: then it is others'. */
function holderOf(port: number, tree: ProcessTree): 'own' | 'others' | 'unknown' {
  const addresses = [`${LISTEN_HOST}:${port}`, `*:${port}`];
  const listeners = readListeners()?.filter(({ address }) => addresses.includes(address)) ?? [];
  if (listeners.length === 0) return 'unknown';
  const own = listenersOf(
    tree.members().map(({ pid }) => pid),
    listeners,
  );
  return own.length === listeners.length ? 'own' : 'others';
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: LISTEN_HOST, port });
    const settle = (value: boolean): void => {
      socket.destroy();
      resolve(value);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

function answers(port: number, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { host: LISTEN_HOST, port, path, agent: false, timeout: ANSWER_TIMEOUT_MS };
    const request = get(options, (response) => {
      response.resume();
      resolve((response.statusCode ?? 500) < 500);
      request.destroy();
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
  });
}

function failure(code: string, message: string, remedy = ''): HopmarkError {
  return new HopmarkError('sut', code, message, { remedy });
}
