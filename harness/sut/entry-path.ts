/**
 * Finds the file of a child process's entry: `.ts` when this checkout runs from source, `.js` when
 * it was built.
 */
import { fileURLToPath } from 'node:url';

/** The path of `name` beside the module at `importMetaUrl`, with that module's own extension. */
export function entryPath(name: string, importMetaUrl: string): string {
  const extension = importMetaUrl.endsWith('.ts') ? '.ts' : '.js';
  return fileURLToPath(new URL(`./${name}${extension}`, importMetaUrl));
}
