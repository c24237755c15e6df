/**
 * How long the system has held this process's control group back, because the group had used up the
 * CPU time that a container's limit allows it. Control groups of either version.
 */
import { readFileSync } from 'node:fs';

/** Reads a file as text; throws if there is none. */
export type ReadFile = (path: string) => string;

const readReal: ReadFile = (path) => readFileSync(path, 'utf8');

/**
 * Milliseconds since the group began, summed over CPUs; null where the system does not say, such as
 * outside of Linux or in a group that cannot have a limit.
 */
export function readThrottledMs(read: ReadFile = readReal): number | null {
  for (const path of candidates(read)) {
    const throttled = throttledMs(path, read);
    if (throttled !== null) return throttled;
  }
  return null;
}

/** Where the counters may be: the group itself, or, seen from in a container, the mount's root. */
function candidates(read: ReadFile): readonly string[] {
  let groups: string;
  try {
    groups = read('/proc/self/cgroup');
  } catch {
    return [];
  }
  return groups.split('\n').flatMap((line) => {
    const [, controllers, path = '/'] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === undefined) return [];
    const isSecond = controllers === '';
    if (!isSecond && !controllers.split(',').includes('cpu')) return [];
    const mounts = isSecond
      ? ['/sys/fs/cgroup', '/sys/fs/cgroup/unified']
      : [`/sys/fs/cgroup/${controllers}`, '/sys/fs/cgroup/cpu'];
    return mounts.flatMap((mount) => [
      `${mount}${path === '/' ? '' : path}/cpu.stat`,
      `${mount}/cpu.stat`,
    ]);
  });
}

function throttledMs(path: string, read: ReadFile): number | null {
  let text: string;
  try {
    text = read(path);
  } catch {
    return null;
  }
  const second = /^throttled_usec (\d+)$/m.exec(text)?.[1];
  if (second !== undefined) return Number(second) / 1e3;
  const first = /^throttled_time (\d+)$/m.exec(text)?.[1];
  return first === undefined ? null : Number(first) / 1e6;
}
