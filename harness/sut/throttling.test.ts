import { expect, test } from 'vitest';
import { readThrottledMs } from './throttling.ts';

const files = (contents: Readonly<Record<string, string>>) => (path: string) => {
  const text = contents[path];
  if (text === undefined) throw new Error('ENOENT');
  return text;
};

test('reads the second version of control groups, in microseconds', () => {
  const read = files({
    '/proc/self/cgroup': '0::/box\n',
    '/sys/fs/cgroup/box/cpu.stat': 'usage_usec 9\nnr_throttled 3\nthrottled_usec 2500\n',
  });
  expect(readThrottledMs(read)).toBe(2.5);
});

test('reads the first version, in nanoseconds, at the root where a container shows no more', () => {
  const read = files({
    '/proc/self/cgroup': '5:memory:/m\n4:cpu,cpuacct:/docker/abc\n0::/\n',
    '/sys/fs/cgroup/cpu,cpuacct/cpu.stat': 'nr_periods 4\nnr_throttled 1\nthrottled_time 7000000\n',
  });
  expect(readThrottledMs(read)).toBe(7);
});

test.each([
  ['no control groups', {}],
  [
    'a group without a limit',
    { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.stat': 'usage_usec 9\n' },
  ],
  ['a group whose counters cannot be read', { '/proc/self/cgroup': '1:cpu:/\n' }],
])('says nothing of %s', (_, contents: Record<string, string>) => {
  expect(readThrottledMs(files(contents))).toBeNull();
});
