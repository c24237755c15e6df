/**
 * The folder of one run's report. It is made and tried before anything is measured, so that nobody
 * measures for minutes and then loses the result. What is written into it is the caller's.
 */
import { mkdir, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { unwritable, writeAtomically } from './atomic-write.ts';

/** A folder that could be written to when it was made. */
export interface ReportFolder {
  readonly runId: string;
  readonly path: string;
  /** Removes the folder if it is still empty; for a run that came to nothing. Never rejects. */
  readonly discard: () => Promise<void>;
}

/**
 * Makes `baseDir` if needed and a new folder named `runId` in it, and tries to write there. A run
 * that began in the same millisecond has that folder already: `runId-2` is then this one's. Rejects
 * with a machine's HopmarkError, code `unwritable`, and leaves no new run folder then.
 */
export async function prepareReportFolder(baseDir: string, asked: string): Promise<ReportFolder> {
  let runId = asked;
  try {
    await makeFolders(baseDir);
    for (let number = 2; !(await makeNew(join(baseDir, runId))); number += 1) {
      runId = `${asked}-${number}`;
    }
  } catch (cause) {
    throw unwritable(join(baseDir, runId), cause);
  }
  const path = join(baseDir, runId);
  const discard = (): Promise<void> => rmdir(path).catch(() => {});
  const probe = join(path, '.probe');
  try {
    await writeAtomically(probe, 'probe\n');
  } catch (error) {
    await discard();
    throw error;
  }
  await rm(probe, { force: true });
  return { runId, path, discard };
}

/** False if a folder is there already. Rejects for anything else that is in the way. */
async function makeNew(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return false;
    throw error;
  }
}

/**
 * Makes a folder and those above it, one by one: `mkdir` with `recursive` never returns where the
 * system denies that a folder can exist, as below /proc.
 */
export async function makeFolders(path: string): Promise<void> {
  try {
    await makeNew(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' || (await exists(dirname(path)))) throw error;
    await makeFolders(dirname(path));
    await mkdir(path);
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/**
 * Writes a report's files, by name, each whole or not at all, in the order given. Rejects with a
 * machine's HopmarkError, code `unwritable`.
 */
export async function writeReport(
  folder: ReportFolder,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await writeAtomically(join(folder.path, name), content);
  }
}
