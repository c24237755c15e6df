/** Where this user's machine keeps what can be made again. Names a folder; makes none. */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** What is kept there, each in a folder of its own. */
export type Cached = 'calibrations' | 'revisions';

/**
 * The folder of one kind: below `XDG_CACHE_HOME` if that is an absolute path, as the XDG Base
 * Directory Specification asks, or else below `~/.cache`.
 */
export function cacheFolder(
  kind: Cached,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const given = environment.XDG_CACHE_HOME ?? '';
  return join(isAbsolute(given) ? given : join(homedir(), '.cache'), 'hopmark', kind);
}
