/**
 * The watch over a tree whose keeper may be killed at any time: a shell in a session of its own, which
 * no signal to the harness's group reaches. It waits for its standard input to close, which happens
 * when the keeper is gone however that came about, and then becomes the process that ends the tree
 * (`tree-reaper-entry.ts`). While all is well it costs next to nothing, and `ProcessTree.end` ends it
 * with the tree.
 */
import { spawn } from 'node:child_process';
import { entryPath } from './entry-path.ts';
import { GUARD_VARIABLE, type ProcessTree } from './process-tree.ts';

const WATCH = `
trap '' INT TERM HUP
while read -r _; do :; done
exec "$@"`;

/** Sets a guard over a tree that is about to be started. Rejects if it cannot be started. */
export async function setGuard(tree: ProcessTree): Promise<void> {
  const reaper = entryPath('tree-reaper-entry', import.meta.url);
  const alarm = [process.execPath, '--disable-warning=ExperimentalWarning', reaper];
  const guard = spawn(
    '/bin/sh',
    ['-c', WATCH, 'hopmark-guard', ...alarm, tree.id, String(tree.sinceTicks)],
    {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { ...process.env, [GUARD_VARIABLE]: tree.id },
    },
  );
  await new Promise<void>((resolve, reject) => {
    guard.once('spawn', resolve);
    guard.once('error', reject);
  });
  guard.unref();
}
