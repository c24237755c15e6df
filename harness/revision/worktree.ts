/**
 * Worktrees of the user's repository, made and removed. A worktree rather than an unpacked archive:
 * build scripts that ask git for a version find one, `export-ignore` drops no file, and git keeps
 * the commit from being collected while it is in use. A tree is built where it stays: moving one
 * would break what its build wrote absolute paths into.
 */
import { rm } from 'node:fs/promises';
import { HopmarkError } from '../model/error.ts';
import { git } from './git.ts';
import type { Repository } from './repository.ts';

/** Checks a commit out at a path that is not there yet. The caller removes it if this rejects. */
export async function addWorktree(
  repository: Repository,
  commit: string,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const args = ['worktree', 'add', '--quiet', '--detach', path, commit];
  const { ok, complaint } = await git(repository.root, args, signal);
  if (ok) return;
  throw new HopmarkError(
    'machine',
    'no-worktree',
    `git could not check ${commit} out at ${path}: ${complaint}`,
    { remedy: 'See that there is room on the disk and that the folder can be written.' },
  );
}

/** Removes a worktree whatever its state, a half-made one too, and git's note of it. */
export async function removeWorktree(repository: Repository, path: string): Promise<void> {
  const { ok } = await git(repository.root, ['worktree', 'remove', '--force', path]);
  // A tree that git did not finish it does not remove either.
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
  if (!ok) await git(repository.root, ['worktree', 'prune']);
}
