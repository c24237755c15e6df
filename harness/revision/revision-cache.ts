/**
 * The folder of prepared revisions of one repository: trees, each under a name of its own, and
 * beside them one mark for each that is finished. A tree without a mark is being made, or was
 * interrupted. Nothing is locked: two gates that prepare the same revision make two trees, and the
 * second to finish takes the first one's.
 */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { cacheFolder } from '../model/cache-folder.ts';
import { unwritable, writeAtomically } from '../store/atomic-write.ts';

/** Trees beyond these are removed, the least recently used first. */
export const KEPT_TREES = 5;
/** A tree that was made or used within this time may be in use, and stays. */
const IN_USE_MS = 3_600_000;

const mark = z.object({ tree: z.string().regex(/^[\w-]+$/), commit: z.string() });
const TREE = /^[0-9a-f]{12}-[0-9a-f]{8}$/;

/** The folder for one repository's revisions. */
export function revisionsFolder(repositoryId: string, env: NodeJS.ProcessEnv): string {
  return join(cacheFolder('revisions', env), repositoryId);
}

/** A path for a tree that nobody else makes. */
export function newTreePath(folder: string, commit: string): string {
  return join(folder, `${commit.slice(0, 12)}-${randomBytes(4).toString('hex')}`);
}

/** The mark of a commit, prepared by given commands under this Node on this kind of machine. */
export function markPath(folder: string, commit: string, prepare: string | undefined): string {
  const how = JSON.stringify([prepare ?? null, process.version, process.platform, process.arch]);
  const key = createHash('sha256').update(how).digest('hex').slice(0, 8);
  return join(folder, `${commit}-${key}.json`);
}

/** The finished tree that a mark names, or null; notes that it was used now. */
export async function markedTree(folder: string, path: string): Promise<string | null> {
  const tree = await treeOf(path);
  if (tree === null || !existsSync(join(folder, tree))) {
    await rm(path, { force: true });
    return null;
  }
  const now = new Date();
  await utimes(path, now, now);
  return join(folder, tree);
}

/** Marks a tree as finished; false if another one was marked meanwhile. */
export async function claimMark(path: string, tree: string, commit: string): Promise<boolean> {
  const own = `${path}.${tree}`;
  await writeAtomically(own, `${JSON.stringify({ tree, commit })}\n`);
  try {
    // Unlike a rename, a link does not take the place of what is there.
    await link(own, path);
    return true;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') return false;
    throw unwritable(path, cause);
  } finally {
    await rm(own, { force: true });
  }
}

/**
 * Removes what is too much: trees beyond the newest {@link KEPT_TREES}, and trees whose making was
 * cut off. `removeTree` gets absolute paths. What was used within the hour before `nowMs` stays.
 */
export async function trimCache(
  folder: string,
  nowMs: number,
  removeTree: (path: string) => Promise<void>,
): Promise<void> {
  const names = await readdir(folder);
  const marks = await Promise.all(
    names
      .filter((name) => name.endsWith('.json'))
      .map(async (name) => ({
        path: join(folder, name),
        tree: await treeOf(join(folder, name)),
        usedMs: await modifiedMs(join(folder, name)),
      })),
  );
  marks.sort((a, b) => b.usedMs - a.usedMs);
  const old = (ms: number): boolean => nowMs - ms > IN_USE_MS;
  for (const { path, tree } of marks.slice(KEPT_TREES).filter(({ usedMs }) => old(usedMs))) {
    // The mark first: a tree without one is never used.
    await rm(path, { force: true });
    if (tree !== null) await removeTree(join(folder, tree));
  }
  const marked = new Set(marks.map(({ tree }) => tree));
  for (const name of names.filter((one) => TREE.test(one) && !marked.has(one))) {
    if (!old(await modifiedMs(join(folder, name)))) continue;
    await removeTree(join(folder, name));
    await rm(`${join(folder, name)}.log`, { force: true });
  }
}

async function treeOf(path: string): Promise<string | null> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return mark.parse(value).tree;
  } catch {
    // Not there, or not ours: then nothing is finished.
    return null;
  }
}

/** Now for what has gone meanwhile: somebody else is at it. */
async function modifiedMs(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => Number.POSITIVE_INFINITY,
  );
}
