/**
 * The one place that knows which child processes are alive, and which trees of processes they may
 * have led to, so that none outlives a run whatever ends it. Every process that the harness starts is
 * adopted here; nothing else is ever killed.
 */
import type { ChildProcess } from 'node:child_process';
import { readProcess } from './process-table.ts';
import type { ProcessTree } from './process-tree.ts';

const alive = new Set<ChildProcess>();
const trees = new Set<ProcessTree>();

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

/** Takes a tree into care, until {@link forgetTree}. */
export function adoptTree(tree: ProcessTree): void {
  trees.add(tree);
}

/** Nothing of the tree is left, or nothing will ever be. */
export function forgetTree(tree: ProcessTree): void {
  trees.delete(tree);
}

/** A keeper that is being killed starts nothing any more once it has gone. */
const GONE_BOUND_MS = 500;
const GONE_PAUSE_MS = 2;

/**
 * Kills every living child at once with SIGKILL, and the trees. Synchronous, so that it may be called
 * while the process is exiting.
 */
export function killAllChildren(): void {
  for (const child of alive) child.kill('SIGKILL');
  if (trees.size === 0) return;
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  const deadline = performance.now() + GONE_BOUND_MS;
  const anyAlive = (): boolean =>
    [...alive].some(({ pid }) => pid !== undefined && readProcess(pid) !== null);
  while (anyAlive() && performance.now() < deadline) Atomics.wait(sleeper, 0, 0, GONE_PAUSE_MS);
  for (const tree of trees) tree.endNow();
  trees.clear();
}
