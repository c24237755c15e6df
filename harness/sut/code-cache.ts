/**
 * A folder in which the children of this process keep their compiled code, so that the fresh
 * processes of each round start in half the time. It is this process's own and goes with it: code
 * of revisions that come and go would pile up in a lasting one.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let folder: string | null = null;

/**
 * The environment of a child: this process's own, and where Node keeps compiled code unless the
 * user has said so. The folder is made on the first call and removed at exit.
 */
export function childEnvironment(): NodeJS.ProcessEnv {
  return { NODE_COMPILE_CACHE: codeCacheFolder(), ...process.env };
}

function codeCacheFolder(): string {
  if (folder === null) {
    const made = mkdtempSync(join(tmpdir(), 'hopmark-code-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  return folder;
}
