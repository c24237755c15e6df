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
 * Makes `baseDir` if needed and a new folder named `runId` in it, and tries to write there.
 * Rejects with a machine's HopmarkError, code `unwritable`, and leaves no new run folder then.
 */
export async function prepareReportFolder(baseDir: string, runId: string): Promise<ReportFolder> {
  const path = join(baseDir, runId);
  const discard = (): Promise<void> => rmdir(path).catch(() => {});
  try {
    await makeFolders(baseDir);
    // Not recursive: a folder that is there already belongs to another run.
    await mkdir(path);
  } catch (cause) {
    throw unwritable(path, cause);
  }
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

/**
 * Makes a folder and those above it, one by one: `mkdir` with `recursive` never returns where the
 * system denies that a folder can exist, as below /proc.
 */
export async function makeFolders(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
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
