/**
 * The file of one implementation in any checkout of a repository: what a gate compares is the same
 * file of two trees.
 */
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { HopmarkError } from '../model/error.ts';

/**
 * The path of an implementation from the repository's top folder: `impls/NAME/index.ts` for a name,
 * else the module's own. Throws a user's HopmarkError, `outside-repository`, or `no-revision` for a
 * URL.
 */
export function implementationFile(spec: string, root: string, folder: string): string {
  if (/^https?:/i.test(spec)) {
    throw new HopmarkError('user', 'no-revision', `no revision holds another version of ${spec}`, {
      remedy: 'Give the definition of the command that starts it, or use hopmark compare.',
    });
  }
  if (basename(spec) === spec && !spec.includes('.')) return join('impls', spec, 'index.ts');
  const path = resolve(folder, spec);
  const parent = existsSync(dirname(path)) ? realpathSync(dirname(path)) : dirname(path);
  const inside = relative(root, join(parent, basename(path)));
  if (inside.startsWith('..') || isAbsolute(inside)) {
    throw new HopmarkError(
      'user',
      'outside-repository',
      `${spec} lies outside of ${root}, so no revision holds another version of it`,
      { remedy: 'Give the path of a module in this repository, or use hopmark compare.' },
    );
  }
  return inside;
}

/** The absolute path of that file in a tree. Throws a user's HopmarkError, `no-such-file`. */
export function fileIn(tree: string, file: string, treeName: string): string {
  const path = join(tree, file);
  if (existsSync(path)) return path;
  throw new HopmarkError('user', 'no-such-file', `${treeName} has no ${file}`, {
    remedy:
      'A name stands for impls/NAME/index.ts. Give --impl the path of a module that both have, or --against a later revision.',
  });
}
