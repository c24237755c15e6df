/**
 * The CPU time of a process, all its threads together, from the scheduler's own nanosecond
 * counters (`/proc/PID/task/TID/schedstat`). Exact for a process that sleeps; for one that runs it
 * lags by up to a scheduler tick, so whoever needs it exact asks whether any thread runs
 * (`/proc/PID/task/TID/stat`). Processes that the process starts are not counted.
 */
import { Buffer } from 'node:buffer';
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';

const PARENTHESIS = 41;
const RUNNING = 'R'.charCodeAt(0);
const ZERO = 48;
const NINE = 57;

const LINE_BYTES = 128;

interface Thread {
  readonly schedstat: number;
  readonly stat: number;
  lastNs: number;
}

/** Reads one process's CPU time with one system call a thread. */
export class CpuClock {
  readonly #pid: number;
  readonly #threads = new Map<string, Thread>();
  readonly #line = Buffer.alloc(LINE_BYTES);
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
      if (!this.#threads.has(thread)) this.#openThread(thread);
    }
  }

  #openThread(thread: string): void {
    const folder = `/proc/${this.#pid}/task/${thread}`;
    let schedstat = -1;
    try {
      schedstat = openSync(`${folder}/schedstat`, 'r');
      this.#threads.set(thread, { schedstat, stat: openSync(`${folder}/stat`, 'r'), lastNs: 0 });
    } catch (error) {
      if (schedstat !== -1) closeSync(schedstat);
      // A thread that has just ended is no matter; a system without the counters is.
      if (this.#threads.size === 0) throw error;
    }
  }

  /** CPU time since the process began, in nanoseconds. Never falls, also after its end. */
  readNs(): number {
    let total = this.#endedNs;
    for (const [id, thread] of this.#threads) {
      const count = this.#read(thread.schedstat);
      if (count === 0) {
        this.#forget(id, thread);
        total += thread.lastNs;
      } else {
        thread.lastNs = leadingNumber(this.#line, count);
        total += thread.lastNs;
      }
    }
    return total;
  }

  /** True if any thread is on a CPU or waits for one. */
  isRunning(): boolean {
    for (const [id, thread] of this.#threads) {
      const count = this.#read(thread.stat);
      if (count === 0) this.#forget(id, thread);
      // `PID (NAME) STATE ...`; the name is whatever the thread calls itself.
      else if (this.#line[this.#line.lastIndexOf(PARENTHESIS, count - 1) + 2] === RUNNING)
        return true;
    }
    return false;
  }

  /** Closes the files it reads. */
  close(): void {
    for (const [id, thread] of this.#threads) this.#forget(id, thread);
  }

  #forget(id: string, thread: Thread): void {
    closeSync(thread.schedstat);
    closeSync(thread.stat);
    this.#threads.delete(id);
    this.#endedNs += thread.lastNs;
  }

  /** Reads into the line; 0 bytes mean that the thread has ended. */
  #read(fd: number): number {
    try {
      return readSync(fd, this.#line, 0, LINE_BYTES, 0);
    } catch {
      return 0;
    }
  }
}

function leadingNumber(line: Buffer, count: number): number {
  let value = 0;
  for (let at = 0; at < count; at += 1) {
    const byte = line[at] ?? 0;
    if (byte < ZERO || byte > NINE) break;
    value = value * 10 + (byte - ZERO);
  }
  return value;
}

/** A clock for a process, or null where the system does not count CPU time by thread. */
export function openCpuClock(pid: number): CpuClock | null {
  try {
    return new CpuClock(pid);
  } catch {
    return null;
  }
}
