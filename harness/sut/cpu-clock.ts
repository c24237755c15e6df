/**
 * The CPU time of a process, all its threads together, from the scheduler's own nanosecond
 * counters (`/proc/PID/task/TID/schedstat`). Exact for a process that sleeps; for one that runs it
 * lags by up to a scheduler tick, so it is read between waves.
 */
import { Buffer } from 'node:buffer';
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';

const ZERO = 48;
const NINE = 57;

/** Reads one process's CPU time with one system call a thread. */
export class CpuClock {
  readonly #pid: number;
  readonly #threads = new Map<string, { readonly fd: number; lastNs: number }>();
  readonly #line = Buffer.alloc(64);
  /** Time of threads that have ended. */
  #endedNs = 0;

  /** Throws where the system has no such counters, or no such process. */
  constructor(pid: number) {
    this.#pid = pid;
    this.refresh();
  }

  /** Looks for threads that have come since. Call it once a phase, not once a wave. */
  refresh(): void {
    for (const thread of readdirSync(`/proc/${this.#pid}/task`)) {
      if (this.#threads.has(thread)) continue;
      const fd = openSync(`/proc/${this.#pid}/task/${thread}/schedstat`, 'r');
      this.#threads.set(thread, { fd, lastNs: 0 });
    }
  }

  /** CPU time since the process began, in nanoseconds. Never falls, also after its end. */
  readNs(): number {
    let total = this.#endedNs;
    for (const [thread, entry] of this.#threads) {
      const now = this.#read(entry.fd);
      if (now === null) {
        closeSync(entry.fd);
        this.#threads.delete(thread);
        this.#endedNs += entry.lastNs;
        total += entry.lastNs;
      } else {
        entry.lastNs = now;
        total += now;
      }
    }
    return total;
  }

  /** Closes the files it reads. */
  close(): void {
    for (const { fd } of this.#threads.values()) closeSync(fd);
    this.#threads.clear();
  }

  #read(fd: number): number | null {
    let count: number;
    try {
      count = readSync(fd, this.#line, 0, this.#line.length, 0);
    } catch {
      return null;
    }
    let value = 0;
    for (let at = 0; at < count; at += 1) {
      const byte = this.#line[at] ?? 0;
      if (byte < ZERO || byte > NINE) break;
      value = value * 10 + (byte - ZERO);
    }
    return value;
  }
}

/** A clock for a process, or null where the system does not count CPU time by thread. */
export function openCpuClock(pid: number): CpuClock | null {
  try {
    return new CpuClock(pid);
  } catch {
    return null;
  }
}
