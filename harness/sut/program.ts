/** Finds a program as a shell would, and where shells of ordinary users do not look. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** Where Debian and others put servers, which is not in everybody's PATH. */
const SYSTEM_FOLDERS: readonly string[] = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/**
 * The absolute path of a program: a path, relative ones from `folder`, or a name that is searched
 * for in `path` and the folders of system programs. Null if there is none that can be run.
 */
export function findProgram(command: string, folder: string, path: string): string | null {
  const candidates = command.includes('/')
    ? [resolve(folder, command)]
    : [...path.split(delimiter).filter((one) => one !== ''), ...SYSTEM_FOLDERS].map((one) =>
        join(resolve(folder, one), command),
      );
  return candidates.find(canBeRun) ?? null;
}

function canBeRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
