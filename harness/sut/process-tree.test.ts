import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { commandOf, readProcess, readProcessTable } from './process-table.ts';
import { ProcessTree, TREE_VARIABLE } from './process-tree.ts';

const trees: ProcessTree[] = [];

function newTree(): ProcessTree {
  const tree = new ProcessTree(randomUUID());
  mkdirSync(tree.folder);
  writeFileSync(tree.lifeline, '');
  trees.push(tree);
  return tree;
}

afterEach(async () => {
  for (const tree of trees.splice(0)) await tree.end();
});

/** Runs a shell script as a command of the tree is run, and resolves when it prints a line. */
async function run(tree: ProcessTree, script: string): Promise<ChildProcess> {
  const child = spawn('/bin/sh', ['-c', script], {
    detached: true,
    env: { ...process.env, [TREE_VARIABLE]: tree.id },
    stdio: ['ignore', 'pipe', 'ignore', openSync(tree.lifeline, 'r')],
  });
  if (child.stdout === null) throw new Error('no output');
  await once(child.stdout, 'data');
  return child;
}

/** A command line that no other process has. */
let sleeps = 0;
const newSleep = (): string => {
  sleeps += 1;
  return `sleep ${process.pid * 100 + sleeps}`;
};

/** Resolves when a process has become this command: before, it looks like its parent. */
async function become(command: string): Promise<void> {
  await expect
    .poll(() => readProcessTable().some(({ pid }) => commandOf(pid) === command))
    .toBe(true);
}

/** The command lines of the members, in order. */
const commands = (tree: ProcessTree): readonly string[] =>
  tree
    .members()
    .map(({ pid }) => commandOf(pid))
    .sort();

describe('the processes of a command', () => {
  test.each([
    ['its children', 'sleep 601 & echo; wait'],
    ['one whose parent has ended', '(sleep 601 &) ; echo; exec sleep 602'],
    ['one in a session of its own', 'setsid sleep 601 & echo; wait'],
    ['an orphan in a session of its own', '(setsid sleep 601 &) ; echo; exec sleep 602'],
    [
      'one that has wiped its environment, and is an orphan in a session of its own',
      '(exec env -i setsid sleep 601 &) ; echo; exec sleep 602',
    ],
    [
      'one that has closed its files, and is an orphan in a session of its own',
      '(exec setsid sleep 601 3>&- &) ; echo; exec sleep 602',
    ],
    ['one that has done both, and is a child', 'env -i setsid sleep 601 3>&- & echo; wait'],
    [
      'one that has done both, and shares the session',
      '(exec env -i sleep 601 3>&- &) ; echo; exec sleep 602',
    ],
    [
      'one of these that is the child of such a one',
      `(exec env -i setsid /bin/sh -c 'env -i /bin/sh -c "exec 3>&-; exec sleep 601"; :' &) ; echo; exec sleep 602`,
    ],
  ])('include %s', async (_, script) => {
    const tree = newTree();
    const sought = newSleep();
    await run(tree, script.replace('sleep 601', sought));
    await become(sought);
    expect(commands(tree)).toContain(sought);
  });

  test('do not include this process, nor what others have started', async () => {
    const tree = newTree();
    const other = newTree();
    const stranger = await run(other, 'echo; exec sleep 603');
    await run(tree, 'echo; exec sleep 601');
    const pids = tree.members().map(({ pid }) => pid);
    expect(pids).not.toContain(process.pid);
    expect(pids).not.toContain(stranger.pid);
  });

  test('are known again when nothing of the mark is left', async () => {
    const tree = newTree();
    // The script marks its child by being its parent, for as long as it lives.
    const sought = newSleep();
    const child = await run(tree, `env -i setsid ${sought} 3>&- & echo; sleep 602`);
    await become(sought);
    expect(commands(tree)).toContain(sought);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(commands(tree)).toContain(sought);
  });

  test('use memory together', async () => {
    const tree = newTree();
    await run(tree, 'sleep 601 & echo; wait');
    await expect.poll(() => tree.members().length).toBe(2);
    expect(tree.residentBytes()).toBeGreaterThan(100_000);
    expect(new ProcessTree(randomUUID()).residentBytes()).toBeNull();
  });
});

describe('ending them', () => {
  const SCRIPT = `(exec env -i setsid sleep 601 &); trap '' TERM INT; sleep 602 & echo; wait`;

  test('leaves none, nor their folder, and no other process is touched', async () => {
    const tree = newTree();
    const other = newTree();
    const stranger = await run(other, 'echo; exec sleep 603');
    await run(tree, SCRIPT);
    await expect.poll(() => tree.members().length).toBe(3);
    expect(await tree.end()).toBe(true);
    expect(tree.members()).toEqual([]);
    expect(existsSync(tree.folder)).toBe(false);
    expect(readProcess(stranger.pid ?? -1)).not.toBeNull();
  });

  test('is done at once where nobody can wait', async () => {
    const tree = newTree();
    await run(tree, SCRIPT);
    await expect.poll(() => tree.members().length).toBe(3);
    tree.endNow();
    expect(tree.members()).toEqual([]);
    expect(existsSync(tree.folder)).toBe(false);
  });

  test('catches what is started meanwhile', async () => {
    const tree = newTree();
    await run(tree, 'echo; while :; do (setsid sleep 601 &); sleep 0.01; done');
    expect(await tree.end()).toBe(true);
    expect(tree.members()).toEqual([]);
  });
});
