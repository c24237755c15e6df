import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { CpuClock, openCpuClock } from './cpu-clock.ts';

/** A child that works for a while whenever it gets a line, and answers when it is done. */
function worker() {
  return spawn(
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
}

test('it counts the CPU time of another process and stands still while that sleeps', async () => {
  const child = worker();
  try {
    await once(child.stdout, 'data');
    const clock = new CpuClock(child.pid ?? -1);
    const before = clock.readNs();
    child.stdin.write('go\n');
    await once(child.stdout, 'data');
    const after = clock.readNs();
    // 30 ms were worked off, as the process itself counts; the scheduler's tick may hide some.
    expect(after - before).toBeGreaterThan(15e6);
    clock.close();
  } finally {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
});

test('it tells a process that runs from one that sleeps', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdout.write("on"); for (;;);'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const sleeper = worker();
  try {
    await Promise.all([once(child.stdout, 'data'), once(sleeper.stdout, 'data')]);
    const clock = new CpuClock(child.pid ?? -1);
    expect(Array.from({ length: 20 }, () => clock.isRunning())).toEqual(Array(20).fill(true));
    clock.close();
    const quiet = new CpuClock(sleeper.pid ?? -1);
    await expect.poll(() => quiet.isRunning()).toBe(false);
    quiet.close();
  } finally {
    child.kill('SIGKILL');
    sleeper.kill('SIGKILL');
  }
});

test('it never falls, also when the process has ended', async () => {
  const child = worker();
  await once(child.stdout, 'data');
  const clock = new CpuClock(child.pid ?? -1);
  const before = clock.readNs();
  expect(before).toBeGreaterThan(0);
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(clock.readNs()).toBeGreaterThanOrEqual(before);
  clock.close();
});

test('there is none for a process that does not exist', () => {
  expect(openCpuClock(2 ** 22 + 1)).toBeNull();
});
