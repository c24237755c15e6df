import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { CpuClock } from './cpu-clock.ts';
import { openTreeClock, TreeClock } from './tree-clock.ts';

/** A child that works off 30 ms whenever it gets a line, and answers when it is done. */
async function worker() {
  const child = spawn(
    process.execPath,
    [
      '-e',
      `process.stdin.on('data', () => {
         const end = process.cpuUsage().user + 30_000;
         while (process.cpuUsage().user < end);
         process.stdout.write('done');
       });
       process.stdout.write('ready');`,
    ],
    { stdio: ['pipe', 'pipe', 'ignore'] },
  );
  await once(child.stdout, 'data');
  const work = async (): Promise<void> => {
    child.stdin.write('go\n');
    await once(child.stdout, 'data');
  };
  const end = async (): Promise<void> => {
    child.kill('SIGKILL');
    await once(child, 'close');
  };
  return { pid: child.pid ?? -1, work, end };
}

test('the CPU time of several processes is taken together, and kept when one has ended', async () => {
  const workers = [await worker(), await worker()] as const;
  let pids = workers.map(({ pid }) => pid);
  const clock = new TreeClock(() => pids);
  const before = clock.readNs();
  await Promise.all(workers.map(({ work }) => work()));
  const together = clock.readNs();
  // 60 ms were worked off, as the processes themselves count; the scheduler's tick may hide some.
  expect(together - before).toBeGreaterThan(40e6);
  await workers[0].end();
  pids = [workers[1].pid];
  clock.refresh();
  expect(clock.readNs()).toBeGreaterThanOrEqual(together);
  await workers[1].end();
  expect(clock.isRunning()).toBe(false);
  clock.close();
});

test('a process that comes later counts once it has been looked for', async () => {
  const first = await worker();
  const pids = [first.pid];
  const clock = new TreeClock(() => pids);
  const second = await worker();
  pids.push(second.pid);
  const alone = new CpuClock(second.pid);
  const before = clock.readNs();
  // Read first: its clock goes on while the other is read.
  const ownNs = alone.readNs();
  clock.refresh();
  expect(clock.readNs() - before).toBeGreaterThanOrEqual(ownNs);
  for (const one of [first, second]) await one.end();
  clock.close();
  alone.close();
});

test('there is none for processes that do not exist', () => {
  expect(openTreeClock(() => [2 ** 22 + 1])).toBeNull();
  expect(openTreeClock(() => [])).toBeNull();
});
