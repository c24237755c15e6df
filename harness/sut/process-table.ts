/**
 * The processes of this machine as `/proc` lists them: who started whom, and since when. It knows
 * nothing of whose they are. Where there is no `/proc` the table is empty.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** One process. Together with its start its number names it for good: numbers are used again. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parentPid: number;
  /** The session that it belongs to, named by the process that began it. */
  readonly session: number;
  /** Clock ticks from the machine's start to its own. */
  readonly startedTicks: number;
}

/** All processes but those that have ended and only wait to be noticed. */
export function readProcessTable(): readonly ProcessEntry[] {
  let names: readonly string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return [];
  }
  return names.flatMap((name) => (/^\d/.test(name) ? (readProcess(Number(name)) ?? []) : []));
}

const ENDED = /^[ZXx]$/;

/** One process, or null if there is none of this number, or only what is left of one. */
export function readProcess(pid: number): ProcessEntry | null {
  const stat = read(`/proc/${pid}/stat`);
  // The name, in parentheses, is whatever the process calls itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = '', parent, , session] = fields;
  if (stat === '' || ENDED.test(state)) return null;
  return {
    pid,
    parentPid: Number(parent),
    session: Number(session),
    startedTicks: Number(fields[19]),
  };
}

/** Whether a process was started with a variable of this value, as far as its memory still says. */
export function hasVariable(pid: number, name: string, value: string): boolean {
  return `\0${read(`/proc/${pid}/environ`)}\0`.includes(`\0${name}=${value}\0`);
}

/** What a process's open files lead to: paths, `socket:[1234]` and the like; none if it is not ours. */
export function openFilesOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}

/** The command line of a process, in a few words. */
export function commandOf(pid: number): string {
  const line = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

/** Resident memory in bytes, or null where it is not known. */
export function residentBytes(pid: number): number | null {
  const kilobytes = /^VmRSS:\s*(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

/** The text of a file in `/proc`, empty if the process has ended or is somebody else's. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
