/**
 * The one place that knows which child processes are alive, so that none outlives a run whatever
 * ends it. Every process that the harness starts is adopted here; nothing else is ever killed.
 */
import type { ChildProcess } from 'node:child_process';

const alive = new Set<ChildProcess>();

/** Takes a child into care until it has exited. Returns it. */
export function adopt(child: ChildProcess): ChildProcess {
  alive.add(child);
  child.once('exit', () => alive.delete(child));
  // A spawn that failed emits `error` and never `exit`.
  child.once('error', () => {
    if (child.pid === undefined) alive.delete(child);
  });
  return child;
}

/**
 * Kills every living child at once with SIGKILL. Synchronous, so that it may be called while the
 * process is exiting.
 */
export function killAllChildren(): void {
  for (const child of alive) child.kill('SIGKILL');
}
