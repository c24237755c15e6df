/**
 * A revision of the user's repository, checked out beside the working tree, installed and built:
 * once for each commit, then taken from the cache.
 */
import { mkdir, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { unwritable } from '../store/atomic-write.ts';
import { runPreparation, usualCommands } from './preparation.ts';
import { type Repository, shortCommit } from './repository.ts';
import { claimMark, markedTree, markPath, newTreePath, trimCache } from './revision-cache.ts';
import { addWorktree, removeWorktree } from './worktree.ts';

interface PreparedRevisionRequest {
  readonly repository: Repository;
  /** The whole hash. */
  readonly commit: string;
  /** The folder of this repository's prepared revisions. */
  readonly cacheFolder: string;
  /** The command that installs and builds it; default: npm's usual ones. */
  readonly prepare?: string;
  readonly signal: AbortSignal;
  /** Told what is done, a line each. */
  readonly onStep: (line: string) => void;
}

/**
 * The absolute path of the prepared tree. Rejects with a HopmarkError (`prepare-failed` is the
 * user's, the disk's are the machine's) or the abort's reason, and leaves nothing half-made then.
 */
export async function preparedRevision(request: PreparedRevisionRequest): Promise<string> {
  const { repository, commit, cacheFolder, onStep } = request;
  const mark = markPath(cacheFolder, commit, request.prepare);
  const cached = await markedTree(cacheFolder, mark);
  if (cached !== null) {
    onStep(`${shortCommit(commit)}: prepared before`);
    return cached;
  }
  await mkdir(cacheFolder, { recursive: true }).catch((cause: unknown) => {
    throw unwritable(cacheFolder, cause);
  });
  const remove = (path: string): Promise<void> => removeWorktree(repository, path);
  await trimCache(cacheFolder, Date.now(), remove);
  const tree = newTreePath(cacheFolder, commit);
  let finished = false;
  try {
    await makeTree(request, tree);
    finished = await claimMark(mark, basename(tree), commit);
    // Another gate that prepared the same revision was done first: its tree is as good.
    return finished ? tree : ((await markedTree(cacheFolder, mark)) ?? tree);
  } finally {
    await rm(logOf(tree), { force: true });
    if (!finished) await remove(tree);
  }
}

async function makeTree(request: PreparedRevisionRequest, tree: string): Promise<void> {
  const { repository, commit, prepare, signal, onStep } = request;
  const label = shortCommit(commit);
  onStep(`${label}: checking out`);
  await addWorktree(repository, commit, tree, signal);
  const commands = prepare === undefined ? usualCommands(tree) : [prepare];
  for (const command of commands) {
    onStep(`${label}: ${command}`);
    await runPreparation({ folder: tree, command, logPath: logOf(tree), label, signal });
  }
}

function logOf(tree: string): string {
  return `${tree}.log`;
}
