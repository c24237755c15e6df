/**
 * Names source files so that two copies of a tree have the same names: `src/proxy.ts`, whether it
 * lies in this checkout or in another revision's. Pure: paths are compared, not looked up.
 */
import { isAbsolute, join, parse, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGES: string = `${sep}node_modules${sep}`;

/** Names the file of a frame's URL; null for native code. */
export type Placing = (url: string) => string | null;

/**
 * How files are named on either side, from what the sides are: names, or absolute paths of modules.
 * Where the paths end alike, what comes before is taken for two copies of one tree. `roots` are the
 * folders of what both sides share, such as this installation's.
 */
export function placings(
  reference: string,
  candidate: string,
  roots: readonly string[],
): { readonly reference: Placing; readonly candidate: Placing } {
  const trees = isAbsolute(reference) && isAbsolute(candidate) && reference !== candidate;
  const [ofReference, ofCandidate] = trees ? twoTrees(reference, candidate) : [null, null];
  return {
    reference: placing(ofReference, roots),
    candidate: placing(ofCandidate, roots),
  };
}

/** The two paths without the end that they have in common; null where there is none. */
function twoTrees(a: string, b: string): readonly [string | null, string | null] {
  const [left, right] = [a.split(sep), b.split(sep)];
  while (left.length > 0 && left.at(-1) === right.at(-1)) {
    left.pop();
    right.pop();
  }
  const differ = left.length < a.split(sep).length;
  const root = (parts: readonly string[]): string => parts.join(sep) || parse(a).root;
  return differ ? [root(left), root(right)] : [null, null];
}

function placing(tree: string | null, roots: readonly string[]): Placing {
  return (url) => {
    if (url === '') return null;
    if (!url.startsWith('file:')) return url;
    const path = fileURLToPath(url);
    const at = path.lastIndexOf(PACKAGES);
    if (at >= 0) return slashed(path.slice(at + PACKAGES.length));
    const folders = tree === null ? roots : [tree, ...roots];
    return slashed(folders.map((one) => inside(one, path)).find((one) => one !== null) ?? path);
  };
}

/** The way from a folder to a file in it, or null. */
function inside(folder: string, path: string): string | null {
  const way = relative(folder, path);
  return way.startsWith('..') || isAbsolute(way) || join(folder, way) !== path ? null : way;
}

function slashed(path: string): string {
  return path.split(sep).join('/');
}
