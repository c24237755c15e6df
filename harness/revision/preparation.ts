/**
 * Installs and builds a checkout, by the command that its owner gave or npm's usual ones. Each runs
 * in a process group of its own, so that all of it can be ended.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HopmarkError } from '../model/error.ts';
import { plainEnvironment } from './plain-environment.ts';

interface PreparationOptions {
  /** The checkout, absolute. */
  readonly folder: string;
  readonly command: string;
  /** Where their output goes. */
  readonly logPath: string;
  /** What is prepared, for messages. */
  readonly label: string;
  readonly signal: AbortSignal;
}

const LINES_SHOWN = 12;
const STOP_TIMEOUT_MS = 2000;

/** The commands for a checkout whose owner gave none; none where there is nothing of npm's. */
export function usualCommands(folder: string): readonly string[] {
  if (!existsSync(join(folder, 'package.json'))) return [];
  const locked = existsSync(join(folder, 'package-lock.json'));
  return [...(locked ? ['npm ci --no-audit --no-fund'] : []), 'npm run build --if-present'];
}

/**
 * Runs one shell command. Rejects with a user's HopmarkError, `prepare-failed`, that shows its last
 * lines if it failed, or with the abort's reason once everything that it started has ended.
 */
export async function runPreparation(options: PreparationOptions): Promise<void> {
  const { folder, command, logPath, label, signal } = options;
  signal.throwIfAborted();
  // A file, not a pipe: a process that the command leaves behind can't keep it open for us.
  const log = await open(logPath, 'w');
  let ended: { readonly code: number | null };
  try {
    const child = spawn('sh', ['-c', command], {
      cwd: folder,
      env: plainEnvironment(),
      stdio: ['ignore', log.fd, log.fd],
      detached: true,
    });
    ended = await endOf(child, signal);
  } finally {
    await log.close();
  }
  signal.throwIfAborted();
  if (ended.code === 0) return;
  throw new HopmarkError(
    'user',
    'prepare-failed',
    `${label} could not be prepared: \`${command}\` ended with ${ended.code === null ? 'a signal' : `code ${ended.code}`}${await lastLines(logPath)}`,
    {
      remedy:
        'Try it in a checkout of that revision; the key prepare of hopmark.config gives another command.',
    },
  );
}

/** Waits for a process group's leader, and ends the group when aborted or when we exit. */
async function endOf(
  child: ChildProcess,
  signal: AbortSignal,
): Promise<{ readonly code: number | null }> {
  const kill = (how: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, how);
    } catch {
      // The group has ended.
    }
  };
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    kill('SIGTERM');
    timer = setTimeout(() => kill('SIGKILL'), STOP_TIMEOUT_MS);
  };
  const onExit = (): void => kill('SIGKILL');
  signal.addEventListener('abort', onAbort);
  process.on('exit', onExit);
  // Aborted while the log was opened: no event comes for that any more.
  if (signal.aborted) onAbort();
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    return { code };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    process.off('exit', onExit);
    // What the command left in the background would disturb every measurement.
    kill('SIGKILL');
  }
}

async function lastLines(path: string): Promise<string> {
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n').slice(-LINES_SHOWN);
  const shown = lines.filter((line) => line.trim() !== '');
  return shown.length === 0 ? '' : `; its last lines:\n${shown.map((l) => `  ${l}`).join('\n')}`;
}
