import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type AffinitySystem, allowedCpus, detectAffinity } from './affinity.ts';

function system(overrides: Partial<AffinitySystem> = {}): AffinitySystem & { calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    readFile: () => 'Name:\tnode\nCpus_allowed:\tf\nCpus_allowed_list:\t0-1,4\n',
    run: (command, args) => {
      calls.push([command, ...args].join(' '));
      return { ok: true };
    },
    ...overrides,
  };
}

test('the allowed CPUs are read with their ranges', () => {
  expect(allowedCpus('Cpus_allowed_list:\t0-2,5,7-8\n')).toEqual([0, 1, 2, 5, 7, 8]);
});

test('proxies get the last CPU, the load the first, with all their threads', () => {
  const fake = system();
  const { affinity, warnings } = detectAffinity(fake);
  expect(warnings).toEqual([]);
  affinity?.pin([42, 44], affinity.sutCpu);
  affinity?.pin([43], affinity.loadCpu);
  affinity?.release([43]);
  affinity?.pin([], affinity.sutCpu);
  const each = 'sh -c for pid do taskset -a -p -c "$0" "$pid"; done';
  expect(fake.calls.slice(1)).toEqual([`${each} 4 42 44`, `${each} 0 43`, `${each} 0,1,4 43`]);
});

test('a machine without taskset is measured without pinning, and that is said', () => {
  const { affinity, warnings } = detectAffinity(system({ run: () => ({ ok: false }) }));
  expect(affinity).toBeNull();
  expect(warnings).toMatchObject([
    {
      code: 'no-affinity',
      message: expect.stringContaining('taskset is not installed or not allowed'),
    },
  ]);
});

test('a machine without /proc is measured without pinning, and that is said', () => {
  const readFile = (): string => {
    throw new Error('ENOENT');
  };
  const { affinity, warnings } = detectAffinity(system({ readFile }));
  expect(affinity).toBeNull();
  expect(warnings).toMatchObject([{ message: expect.stringContaining('/proc') }]);
});

test('a machine with one CPU is pinned to it with a warning', () => {
  const { affinity, warnings } = detectAffinity(
    system({ readFile: () => 'Cpus_allowed_list:\t3\n' }),
  );
  expect([affinity?.sutCpu, affinity?.loadCpu]).toEqual([3, 3]);
  expect(warnings).toMatchObject([{ code: 'one-cpu' }]);
});

test('real processes are pinned and released, all that are named', () => {
  const { affinity } = detectAffinity();
  if (affinity === null) return;
  const children = [1, 2].map(() => spawn('sleep', ['60'], { stdio: 'ignore' }));
  try {
    const pids = children.map(({ pid }) => pid ?? Number.NaN);
    const allowed = (): readonly (readonly number[])[] =>
      pids.map((pid) => allowedCpus(readFileSync(`/proc/${pid}/status`, 'utf8')));
    const atFirst = allowed();
    affinity.pin(pids, affinity.sutCpu);
    expect(allowed()).toEqual([[affinity.sutCpu], [affinity.sutCpu]]);
    affinity.release(pids);
    expect(allowed()).toEqual(atFirst);
  } finally {
    for (const child of children) child.kill();
  }
});
