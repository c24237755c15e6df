/** Runs git, and nothing else: what its answers mean is its callers' business. */
import { execFile } from 'node:child_process';
import { HopmarkError } from '../model/error.ts';
import { plainEnvironment } from './plain-environment.ts';

/** How one git command ended. */
interface GitAnswer {
  readonly ok: boolean;
  /** Without the last line feed. */
  readonly stdout: string;
  /** The first line of standard error. */
  readonly complaint: string;
}

/**
 * Runs `git ARGS` in a folder, hooks off. An exit code other than 0 is an answer, not an error.
 * Rejects with the abort's reason, or a machine's HopmarkError if there is no git.
 */
export function git(
  folder: string,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<GitAnswer> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = execFile(
      'git',
      ['-c', 'core.hooksPath=/dev/null', ...args],
      { cwd: folder, env: { ...plainEnvironment(), LC_ALL: 'C' } },
      (error, stdout, stderr) => {
        signal?.removeEventListener('abort', stop);
        if (signal?.aborted === true) reject(signal.reason);
        else if (error?.code === 'ENOENT') reject(missing(error));
        else {
          resolve({
            ok: error === null,
            stdout: stdout.replace(/\n$/, ''),
            complaint: stderr.trim().split('\n', 1)[0] ?? '',
          });
        }
      },
    );
    // Not execFile's own signal: it does not wait until git has gone, which may be writing still.
    const stop = (): void => void child.kill('SIGTERM');
    signal?.addEventListener('abort', stop);
  });
}

function missing(cause: Error): HopmarkError {
  return new HopmarkError('machine', 'no-git', 'there is no git on this machine', {
    remedy: 'Install git, and see that it is on PATH.',
    cause,
  });
}
