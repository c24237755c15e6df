import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createPolicy } from '../../impls/policy/load.ts';
import { fixture } from '../cli/fixtures/run-cli.ts';
import { launchSut } from './launch.ts';
import { commandOf, hasVariable, readProcess, readProcessTable } from './process-table.ts';
import { GUARD_VARIABLE, ProcessTree, TREE_VARIABLE } from './process-tree.ts';
import type { SystemUnderTest } from './system-under-test.ts';

let origin: Server;
let originPort = 0;
let sut: SystemUnderTest;

beforeAll(async () => {
  origin = createServer((_request, response) => response.end('from the origin'));
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
  const address = origin.address();
  originPort = typeof address === 'object' && address !== null ? address.port : 0;
});

afterAll(() => {
  origin.close();
});

afterEach(() => sut?.kill());

async function launch(name: string, wantsVersion = false): Promise<SystemUnderTest> {
  sut = await launchSut({
    spec: fixture(`command-${name}.ts`),
    label: name,
    upstream: { protocol: 'http:', host: '127.0.0.1', port: originPort },
    policy: createPolicy(),
    wantsVersion,
  });
  return sut;
}

const alive = (pids: readonly number[]): readonly number[] =>
  pids.filter((pid) => readProcess(pid) !== null);

/** The keeper of a command is what started it. */
function keeperOf({ processes }: SystemUnderTest): number {
  const members = processes();
  const root = members
    .map((pid) => readProcess(pid))
    .find((one) => !members.includes(one?.parentPid ?? 0));
  return root?.parentPid ?? -1;
}

/** Guards of a keeper's command, by the id of its tree. */
const guardsOf = (treeId: string): readonly number[] =>
  readProcessTable()
    .filter(({ pid }) => hasVariable(pid, GUARD_VARIABLE, treeId))
    .map(({ pid }) => pid);

/** The id of the tree that a command's processes belong to. */
function treeIdOf({ processes }: SystemUnderTest): string {
  const environment = readFileSync(`/proc/${processes()[0]}/environ`, 'latin1').split('\0');
  return environment.find((one) => one.startsWith(TREE_VARIABLE))?.split('=')[1] ?? '';
}

describe('a command', () => {
  test('serves on the port that it was given, and is seen from outside alone', async () => {
    const command = await launch('with-workers', true);
    expect(command).toMatchObject({ kind: 'command', name: 'workers', version: '1.2.3' });
    const answer = await fetch(`http://${command.host}:${command.port}/`);
    expect(await answer.text()).toBe('from the origin');
    // The server and its helper: neither keeper nor guard.
    await expect.poll(() => command.processes().map(commandOf).toSorted()).toHaveLength(2);
    expect(command.processes().map(commandOf)).toContain('sleep 600');
    expect(await command.counters()).toBeNull();
    const memory = await command.memory();
    expect(memory.rssBytes).toBeGreaterThan(1e7);
    expect(memory).toMatchObject({ allocatedBytes: null, gcTimeMs: null });
    expect(await command.outputBytes()).toBe(0);
    await expect(command.reload(createPolicy())).rejects.toThrow('cannot be asked');
  });

  test('is asked for its version only where that is wanted', async () => {
    expect((await launch('well-behaved')).version).toBeNull();
  });

  test('ends on SIGTERM with all that it has started, and with code 0', async () => {
    const command = await launch('with-workers');
    const pids = command.processes();
    const treeId = treeIdOf(command);
    expect(guardsOf(treeId)).toHaveLength(1);
    expect(await command.terminate()).toMatchObject({ exitCode: 0, killed: false });
    expect(alive(pids)).toEqual([]);
    expect(guardsOf(treeId)).toEqual([]);
  });

  test('that ignores SIGTERM is killed with all that it has started', async () => {
    const command = await launch('ignores-sigterm');
    const pids = command.processes();
    expect(await command.terminate(300)).toMatchObject({ killed: true });
    expect(alive(pids)).toEqual([]);
  });

  test('that ends by itself says how', async () => {
    const command = await launch('with-workers');
    const server = command.processes().find((pid) => commandOf(pid) !== 'sleep 600');
    process.kill(server ?? -1, 'SIGSEGV');
    await command.exited;
    expect(() => command.assertAlive()).toThrow(
      /^with-workers: its command was ended by SIGSEGV and left a process in the background \(sleep 600\)/,
    );
    expect(command.processes()).toEqual([]);
  });

  test('ends by its guard when its keeper is killed, whoever is there to notice', async () => {
    const command = await launch('with-workers');
    await expect.poll(() => command.processes()).toHaveLength(2);
    const pids = command.processes();
    const keeper = keeperOf(command);
    process.kill(keeper, 'SIGKILL');
    await command.exited;
    // Nothing of ours is called: only the guard is left to end them.
    await expect.poll(() => alive(pids), { timeout: 20_000 }).toEqual([]);
    expect(() => command.assertAlive()).toThrow('exited on SIGKILL');
  });

  test('leaves no folder behind', async () => {
    const command = await launch('well-behaved');
    const { folder } = new ProcessTree(treeIdOf(command));
    expect(existsSync(folder)).toBe(true);
    await command.kill();
    expect(existsSync(folder)).toBe(false);
  });
});

test('several at once have ports and processes of their own', async () => {
  const several = await Promise.all(
    [1, 2, 3].map((number) =>
      launchSut({
        spec: fixture('command-well-behaved.ts'),
        label: `number ${number}`,
        upstream: { protocol: 'http:', host: '127.0.0.1', port: originPort },
        policy: createPolicy(),
      }),
    ),
  );
  try {
    expect(new Set(several.map(({ port }) => port)).size).toBe(3);
    expect(new Set(several.flatMap(({ processes }) => processes())).size).toBe(3);
    await several[0]?.kill();
    expect(several.slice(1).flatMap(({ processes }) => processes())).toHaveLength(2);
  } finally {
    for (const one of several) await one.kill();
  }
  expect(several.flatMap(({ processes }) => processes())).toEqual([]);
});
