/**
 * What can be read of the machine itself: who it is, and how much of its time others took.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import type { Environment } from '../model/environment.ts';

/** Cumulative CPU time of the whole machine, in clock ticks. */
export interface CpuTicks {
  readonly total: number;
  readonly stolen: number;
}

/** The same, with the time in which no process wanted a CPU. */
export interface MachineTicks extends CpuTicks {
  readonly idle: number;
}

/** Reads the machine's CPU time, or null where there is no /proc/stat. */
export function readCpuTicks(): MachineTicks | null {
  try {
    const fields = readFileSync('/proc/stat', 'latin1')
      .slice(0, 256)
      .split('\n')[0]
      ?.trim()
      .split(/\s+/)
      .slice(1, 9)
      .map(Number);
    if (fields === undefined || fields.length < 8) return null;
    const [, , , idle = 0, waiting = 0] = fields;
    const total = fields.reduce((sum, ticks) => sum + ticks, 0);
    return { total, stolen: fields[7] ?? 0, idle: idle + waiting };
  } catch {
    return null;
  }
}

/**
 * The share of CPU time, 0..1, that other machines took between two readings, of what was wanted
 * here (idle time included, as the kernel counts it). Null if unknown.
 */
export function stealFraction(before: CpuTicks | null, after: CpuTicks | null): number | null {
  if (before === null || after === null) return null;
  const total = after.total - before.total;
  return total <= 0 ? 0 : (after.stolen - before.stolen) / total;
}

/** Identifies machines whose times may be compared. */
export function machineFingerprint(): string {
  const parts = [cpuModel(), os.availableParallelism(), os.type(), os.arch(), process.version];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

function cpuModel(): string {
  return os.cpus()[0]?.model.trim() ?? 'unknown';
}

/** Describes this machine. `stealFraction` is filled in at the end of a run. */
export function describeEnvironment(steal: number | null): Environment {
  const system = `${os.type()} ${os.release()} ${os.arch()}`;
  const git = gitState();
  return {
    cpuModel: cpuModel(),
    cpuCount: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    os: system,
    node: process.version,
    v8: process.versions.v8,
    commit: git?.commit ?? null,
    dirty: git?.dirty ?? false,
    stealFraction: steal,
    fingerprint: machineFingerprint(),
  };
}

/** Its first line, where there is a commit. */
const COMMIT_LINE = /^# branch\.oid ([0-9a-f]{40,64})$/;

function gitState(): { readonly commit: string; readonly dirty: boolean } | null {
  // One command for both: a process of this size takes its time to start another.
  const args = ['status', '--porcelain=v2', '--branch'];
  try {
    const lines = execFileSync('git', args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).split('\n');
    const commit = COMMIT_LINE.exec(lines[0] ?? '')?.[1];
    if (commit === undefined) return null;
    return { commit, dirty: lines.some((line) => line !== '' && !line.startsWith('#')) };
  } catch {
    return null;
  }
}
