/**
 * A folder in which the children of this process keep their compiled code, so that the fresh
 * processes of each round start in half the time. It is this process's own and goes with it: code
 * of revisions that come and go would pile up in a lasting one.
 *
 * Each part that a child can play has its own: what the first process of an arm happened to leave
 * there, all later ones of that arm start from. If a reference shared it with its twin, and the
 * candidate, which is other files, did not, identical proxies could differ by what no twin shows.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let folder: string | null = null;
/** Names of folders may not hold all that labels do. */
const numbers = new Map<string, number>();

/**
 * The environment of a child: this process's own, and where Node keeps compiled code of children with
 * this label unless the user has said so. The folder is made on the first call and removed at exit.
 */
export function childEnvironment(label: string): NodeJS.ProcessEnv {
  return { NODE_COMPILE_CACHE: join(codeCacheFolder(), `${numberOf(label)}`), ...process.env };
}

function numberOf(label: string): number {
  const known = numbers.get(label) ?? numbers.size;
  numbers.set(label, known);
  return known;
}

function codeCacheFolder(): string {
  if (folder === null) {
    const made = mkdtempSync(join(tmpdir(), 'hopmark-code-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  return folder;
}
