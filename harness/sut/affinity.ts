/**
 * Pins processes to CPUs with `taskset`, where there is one. Two placements: all on one core (one
 * request in flight: a wake-up across virtual cores costs more than the hop), or the proxies on
 * one and everything else on the other. Where it can't be done, the report says so.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Warning } from '../model/warning.ts';

/** Moves processes between two CPUs. */
export interface Affinity {
  /** The CPU of the proxies, always; and the one of driver and origin in loaded waves. */
  readonly sutCpu: number;
  readonly loadCpu: number;
  /** Pins all threads of processes, those they have and those they will have. */
  pin(pids: readonly number[], cpu: number): void;
  /** Gives processes all the CPUs back that this one had at first. */
  release(pids: readonly number[]): void;
}

/** The parts of the system that affinity needs; replaced in tests. */
export interface AffinitySystem {
  readonly readFile: (path: string) => string;
  readonly run: (command: string, args: readonly string[]) => { readonly ok: boolean };
}

const REAL_SYSTEM: AffinitySystem = {
  readFile: (path) => readFileSync(path, 'utf8'),
  run: (command, args) => ({ ok: spawnSync(command, args, { stdio: 'ignore' }).status === 0 }),
};

/**
 * One process is started for all of them, and starts the others: this one is large, blocks while it
 * starts another, and that takes it tens of milliseconds where the machine is slow.
 */
const PIN_EACH = 'for pid do taskset -a -p -c "$0" "$pid"; done';

/** What a machine allows, and what is to be said of it. */
export interface AffinityHere {
  /** Null: nothing is pinned, and a warning says why. */
  readonly affinity: Affinity | null;
  readonly warnings: readonly Warning[];
}

/** Nothing is pinned: other runs of this process would move it meanwhile. */
export const UNPINNED: AffinityHere = unpinned('other runs go on beside this one');

/**
 * The affinity this machine allows. Null where processes cannot be pinned, and a warning says why;
 * with a single CPU both roles share it, with a warning.
 */
export function detectAffinity(system: AffinitySystem = REAL_SYSTEM): AffinityHere {
  let allowed: readonly number[];
  try {
    allowed = allowedCpus(system.readFile('/proc/self/status'));
  } catch {
    return unpinned('this system has no /proc');
  }
  const [first] = allowed;
  const last = allowed.at(-1);
  if (first === undefined || last === undefined) return unpinned('the CPUs are not known');
  // Tried on this very process, to which it changes nothing: it may be there and not be allowed.
  const everywhere = allowed.join(',');
  if (!system.run('taskset', ['-a', '-p', '-c', everywhere, String(process.pid)]).ok) {
    return unpinned('taskset is not installed or not allowed; on Debian it is in util-linux');
  }
  const setAffinity = (pids: readonly number[], cpus: string): void => {
    // A process that has just ended can't be pinned; that it ended is noticed elsewhere.
    if (pids.length > 0) system.run('sh', ['-c', PIN_EACH, cpus, ...pids.map(String)]);
  };
  return {
    affinity: {
      sutCpu: last,
      loadCpu: first,
      pin: (pids, cpu) => setAffinity(pids, String(cpu)),
      release: (pids) => setAffinity(pids, everywhere),
    },
    warnings:
      first === last
        ? [
            {
              code: 'one-cpu',
              message:
                'Only one CPU is available: proxies, driver and origin share it, so loaded figures include all three.',
            },
          ]
        : [],
  };
}

function unpinned(reason: string): AffinityHere {
  const message = `Processes are not pinned to CPUs (${reason}): expect wider intervals.`;
  return { affinity: null, warnings: [{ code: 'no-affinity', message }] };
}

/** The CPUs in the `Cpus_allowed_list` of a /proc status file, ascending. */
export function allowedCpus(status: string): readonly number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [low, high = low] = range.split('-').map(Number);
    if (low === undefined || high === undefined || Number.isNaN(low)) return [];
    return Array.from({ length: high - low + 1 }, (_, index) => low + index);
  });
}
