/** The user's git repository, and what a revision is called in it. Reads only. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { HopmarkError } from '../model/error.ts';
import { git } from './git.ts';

/** The repository that a folder is in. */
export interface Repository {
  /** The top folder of its working tree, absolute, symbolic links resolved. */
  readonly root: string;
  /** A folder name that no other repository on this machine has. */
  readonly id: string;
}

const SHORT = 7;

/** How people see a commit. */
export function shortCommit(commit: string): string {
  return commit.slice(0, SHORT);
}

/** Finds the repository. Throws a user's HopmarkError, `not-a-repository`. */
export async function findRepository(folder: string, signal: AbortSignal): Promise<Repository> {
  const top = await git(folder, ['rev-parse', '--show-toplevel'], signal);
  const common = await git(
    folder,
    ['rev-parse', '--path-format=absolute', '--git-common-dir'],
    signal,
  );
  if (!top.ok || !common.ok) {
    throw new HopmarkError(
      'user',
      'not-a-repository',
      `${folder} is in no git repository that can be read: ${top.complaint || common.complaint}`,
      { remedy: 'A gate against a revision runs in the checkout that it judges.' },
    );
  }
  const hash = createHash('sha256').update(common.stdout).digest('hex').slice(0, 12);
  const name = basename(top.stdout).replaceAll(/[^\w.-]+/g, '-');
  return { root: top.stdout, id: `${name}-${hash}` };
}

/**
 * The whole hash of the commit that a revision names. Throws a user's HopmarkError,
 * `unknown-revision`, which in a shallow clone says how to fetch it.
 */
export async function resolveRevision(
  repository: Repository,
  revision: string,
  signal: AbortSignal,
): Promise<string> {
  const plausible = revision !== '' && !revision.startsWith('-');
  const found = plausible
    ? await git(repository.root, ['rev-parse', '--verify', `${revision}^{commit}`], signal)
    : { ok: false, stdout: '' };
  if (found.ok) return found.stdout;
  const shallow = await git(repository.root, ['rev-parse', '--is-shallow-repository'], signal);
  throw new HopmarkError(
    'user',
    'unknown-revision',
    shallow.stdout === 'true'
      ? `this is a shallow clone, and it does not hold the revision '${revision}'`
      : `there is no revision '${revision}' in ${repository.root}`,
    {
      remedy:
        shallow.stdout === 'true'
          ? `Fetch it: git fetch --depth=1 origin ${revision}, and give its hash or FETCH_HEAD.`
          : 'Give a branch, a tag or a commit: git log --oneline lists them.',
    },
  );
}
