/**
 * Writes files whole or not at all. A reader sees the old content or the new, never half of it,
 * whatever ends the process or fills the disk meanwhile.
 */
import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { HopmarkError } from '../model/error.ts';

/**
 * Writes a file by way of a temporary one in the same folder, which is flushed and then renamed.
 * Rejects with a machine's HopmarkError, code `unwritable`, and leaves nothing behind then.
 */
export async function writeAtomically(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = join(
    dirname(path),
    `.${basename(path)}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`,
  );
  let file: FileHandle | undefined;
  try {
    file = await open(temporary, 'wx');
    await file.writeFile(content);
    await file.sync();
    await file.close();
    file = undefined;
    await rename(temporary, path);
  } catch (cause) {
    await file?.close().catch(() => {});
    await rm(temporary, { force: true }).catch(() => {});
    throw unwritable(path, cause);
  }
}

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: make room, or choose a folder on another one.',
  EDQUOT: 'Your disk quota is used up: make room, or choose another folder.',
  EROFS: 'The file system is read-only: choose another folder.',
  ENOTDIR: 'A part of the path is a file: choose another folder.',
  EISDIR: 'There is a folder of that name: remove it, or choose another.',
  EEXIST: 'There is a file of that name: remove it, or choose another folder.',
};

/** What could not be written, why, and what to do. */
export function unwritable(path: string, cause: unknown): HopmarkError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const why = cause instanceof Error ? cause.message : String(cause);
  return new HopmarkError('machine', 'unwritable', `cannot write ${path}: ${why}`, {
    remedy: REMEDIES[code] ?? 'Give yourself the right to write there, or choose another folder.',
    cause,
  });
}
