/**
 * A folder in which the children of this process keep their compiled code, so that the fresh
 * processes of each round start in half the time. It is this process's own and goes with it: code
 * of revisions that come and go would pile up in a lasting one.
 *
 * A child writes there once it is ready and before it serves ({@link keepCompiledCode}). At its exit
 * Node would do so by itself, with what the process happened to have run until then: all later processes
 * would start from one's chance, and one that is killed would leave nothing.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
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

/** Keeps what this process has compiled so far for the next one; called in a child. */
export function keepCompiledCode(): void {
  flushCompileCache();
}

function codeCacheFolder(): string {
  if (folder === null) {
    const made = mkdtempSync(join(tmpdir(), 'hopmark-code-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  return folder;
}
