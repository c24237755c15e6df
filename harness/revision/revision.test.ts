import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type TestRepository, testRepository } from './fixtures/test-repository.ts';
import { fileIn, implementationFile } from './implementation-file.ts';
import { usualCommands } from './preparation.ts';
import { preparedRevision } from './prepared-revision.ts';
import { findRepository, type Repository, resolveRevision } from './repository.ts';
import { KEPT_TREES, revisionsFolder, trimCache } from './revision-cache.ts';

const HOUR_MS = 3_600_000;
const never = new AbortController().signal;

let made: TestRepository;
let repository: Repository;
let commit: string;

beforeEach(async () => {
  made = testRepository();
  commit = made.commit({ 'proxy.js': 'one\n' });
  made.commit({ 'proxy.js': 'two\n' });
  repository = await findRepository(made.root, never);
});
afterEach(() => made.remove());

function prepare(
  command: string,
  options: { signal?: AbortSignal; steps?: string[] } = {},
): Promise<string> {
  return preparedRevision({
    repository,
    commit,
    cacheFolder: made.cache,
    prepare: command,
    signal: options.signal ?? never,
    onStep: (line) => options.steps?.push(line),
  });
}

/** Worktrees that git knows of beside the main one. */
function worktrees(): readonly string[] {
  return made
    .git('worktree', 'list', '--porcelain')
    .split('\n')
    .filter((line) => line.startsWith('worktree ') && !line.endsWith(made.root));
}

const trees = (): readonly string[] =>
  readdirSync(made.cache).filter((name) => !name.endsWith('.json'));

test('a revision is checked out and prepared once, then taken from the cache', async () => {
  const steps: string[] = [];
  const first = await prepare('cp proxy.js built.js; echo ran >> ../runs', { steps });
  const second = await prepare('cp proxy.js built.js; echo ran >> ../runs', { steps });
  expect(second).toBe(first);
  expect(readFileSync(join(first, 'built.js'), 'utf8')).toBe('one\n');
  expect(readFileSync(join(made.cache, 'runs'), 'utf8')).toBe('ran\n');
  expect(steps.at(-1)).toMatch(/prepared before/);
  expect(made.git('status', '--porcelain')).toBe('');
});

test('another prepare command prepares anew', async () => {
  expect(await prepare('true')).not.toBe(await prepare('true;'));
});

test('a preparation that fails shows the command and its last words, and leaves nothing', async () => {
  await expect(prepare('echo no such compiler >&2; exit 3')).rejects.toMatchObject({
    side: 'user',
    code: 'prepare-failed',
    message: expect.stringMatching(/`echo no such.*code 3.*\n {2}no such compiler/s),
  });
  expect(trees()).toEqual([]);
  expect(worktrees()).toEqual([]);
});

test('an interrupted preparation leaves no process, no tree and no note in git', async () => {
  const controller = new AbortController();
  const pidFile = join(made.cache, 'pid');
  const running = prepare(`sh -c 'echo $$ > ${pidFile}; exec sleep 600' & wait`, {
    signal: controller.signal,
  });
  const ended = expect(running).rejects.toMatchObject({ name: 'AbortError' });
  await vi.waitFor(() => expect(readFileSync(pidFile, 'utf8')).toMatch(/\d\n/), 20_000);
  controller.abort();
  await ended;
  expect(trees()).toEqual(['pid']);
  expect(worktrees()).toEqual([]);
  const pid = Number(readFileSync(pidFile, 'utf8'));
  await vi.waitFor(() => expect(isRunning(pid)).toBe(false), 20_000);
});

test('an interrupt just before a command begins is not missed', async () => {
  const controller = new AbortController();
  const running = preparedRevision({
    repository,
    commit,
    cacheFolder: made.cache,
    prepare: 'sleep 60',
    signal: controller.signal,
    onStep: (line) => {
      if (line.includes('sleep')) queueMicrotask(() => controller.abort());
    },
  });
  await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  expect(trees()).toEqual([]);
}, 20_000);

/** A process that has ended and waits for its parent to notice does not run. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test('what a killed run left half-made is not used', async () => {
  const half = join(made.cache, `${commit.slice(0, 12)}-0123abcd`);
  mkdirSync(half, { recursive: true });
  const tree = await prepare('true');
  expect(tree).not.toBe(half);
  expect(existsSync(join(tree, 'proxy.js'))).toBe(true);
});

test('a mark whose tree has gone is not believed', async () => {
  const first = await prepare('true');
  made.git('worktree', 'remove', '--force', first);
  expect(existsSync(join(await prepare('true'), 'proxy.js'))).toBe(true);
});

test('two gates at once end with one tree between them', async () => {
  const [a, b] = await Promise.all([prepare('true'), prepare('true')]);
  expect(a).toBe(b);
  expect(trees()).toHaveLength(1);
  expect(worktrees()).toHaveLength(1);
});

test('hooks of the repository do not run, and the variables of a calling hook are not obeyed', async () => {
  mkdirSync(join(made.root, '.git', 'hooks'), { recursive: true });
  writeFileSync(join(made.root, '.git', 'hooks', 'post-checkout'), '#!/bin/sh\nexit 1\n', {
    mode: 0o755,
  });
  vi.stubEnv('GIT_DIR', join(made.cache, 'elsewhere'));
  try {
    expect(existsSync(join(await prepare('test -z "$GIT_DIR"'), 'proxy.js'))).toBe(true);
  } finally {
    vi.unstubAllEnvs();
  }
});

describe('the cache', () => {
  const age = (path: string, hours: number): void => {
    const seconds = (Date.now() - hours * HOUR_MS) / 1000;
    utimesSync(path, seconds, seconds);
  };
  const fill = (name: string, hours: number): void => {
    mkdirSync(join(made.cache, name), { recursive: true });
    const mark = join(made.cache, `${name}.json`);
    writeFileSync(mark, JSON.stringify({ tree: name, commit: name }));
    age(mark, hours);
    age(join(made.cache, name), hours);
  };
  const trim = async (): Promise<readonly string[]> => {
    const removed: string[] = [];
    await trimCache(made.cache, Date.now(), async (path) => {
      removed.push(path.slice(made.cache.length + 1));
    });
    return removed;
  };

  test('keeps the trees used last, and what may be in use', async () => {
    for (let hours = 0; hours <= KEPT_TREES + 1; hours++) fill(`tree-${hours}`, hours + 2);
    expect(await trim()).toEqual([`tree-${KEPT_TREES}`, `tree-${KEPT_TREES + 1}`]);
    for (let index = 0; index <= KEPT_TREES; index++) fill(`now-${index}`, 0);
    expect(await trim()).not.toContain('now-0');
  });

  test('loses half-made trees once nobody can be at them', async () => {
    const [old, fresh] = ['0123456789ab-00000001', '0123456789ab-00000002'];
    mkdirSync(join(made.cache, old), { recursive: true });
    mkdirSync(join(made.cache, fresh));
    age(join(made.cache, old), 2);
    expect(await trim()).toEqual([old]);
  });

  test('lies where XDG_CACHE_HOME says, if that is absolute', () => {
    expect(revisionsFolder('x-1', { XDG_CACHE_HOME: '/c' })).toBe('/c/hopmark/revisions/x-1');
    expect(revisionsFolder('x-1', { XDG_CACHE_HOME: 'c' })).toMatch(
      /^\/.*\.cache\/hopmark\/revisions\/x-1$/,
    );
  });
});

describe('a revision that cannot be had', () => {
  test.each(['no-such-branch', '--all', ''])('%j is refused', async (revision) => {
    await expect(resolveRevision(repository, revision, never)).rejects.toMatchObject({
      side: 'user',
      code: 'unknown-revision',
      message: expect.stringContaining(`'${revision}'`),
    });
  });

  test('in a shallow clone it says how to fetch it, and the rest of the clone works', async () => {
    const clone = join(made.cache, 'clone');
    const args = ['clone', '--quiet', '--depth=1', `file://${made.root}`, clone];
    execFileSync('git', args, { stdio: 'ignore' });
    const shallow = await findRepository(clone, never);
    await expect(resolveRevision(shallow, commit, never)).rejects.toMatchObject({
      message: expect.stringMatching(/shallow clone/),
      remedy: expect.stringContaining(`git fetch --depth=1 origin ${commit}`),
    });
    execFileSync('git', ['fetch', '--quiet', '--depth=1', 'origin', commit], { cwd: clone });
    expect(await resolveRevision(shallow, commit, never)).toBe(commit);
    const tree = await preparedRevision({
      repository: shallow,
      commit,
      cacheFolder: join(made.cache, 'of-the-clone'),
      prepare: 'true',
      signal: never,
      onStep: () => {},
    });
    expect(readFileSync(join(tree, 'proxy.js'), 'utf8')).toBe('one\n');
  });

  test('a folder outside of git is refused', async () => {
    mkdirSync(made.cache, { recursive: true });
    await expect(findRepository(made.cache, never)).rejects.toMatchObject({
      side: 'user',
      code: 'not-a-repository',
    });
  });
});

describe('the file of an implementation', () => {
  test('is found by name and by path, from any folder of the repository', () => {
    const sub = join(made.root, 'src');
    mkdirSync(sub);
    expect(implementationFile('optimized', made.root, sub)).toBe('impls/optimized/index.ts');
    expect(implementationFile('./a.ts', made.root, sub)).toBe('src/a.ts');
    expect(implementationFile('../proxy.js', made.root, sub)).toBe('proxy.js');
    expect(fileIn(made.root, 'proxy.js', 'this checkout')).toBe(join(made.root, 'proxy.js'));
  });

  test('is refused outside of it, and where a tree has none', () => {
    expect(() => implementationFile('../other.ts', made.root, made.root)).toThrow(/outside/);
    expect(() => implementationFile('http://127.0.0.1:80', made.root, made.root)).toThrow(
      'no revision holds another version of http://127.0.0.1:80',
    );
    expect(() => fileIn(made.root, 'none.ts', 'revision v1')).toThrow('revision v1 has no none.ts');
  });
});

test('npm installs only from a lockfile, and nothing is run where there is no package', () => {
  expect(usualCommands(made.root)).toEqual([]);
  writeFileSync(join(made.root, 'package.json'), '{}');
  expect(usualCommands(made.root)).toEqual(['npm run build --if-present']);
  writeFileSync(join(made.root, 'package-lock.json'), '{}');
  expect(usualCommands(made.root)[0]).toMatch(/^npm ci/);
});
