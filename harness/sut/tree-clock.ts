/**
 * The CPU time of several processes together: a server and its workers. Processes that come are
 * found by `refresh` alone; those that have ended keep what they used.
 */
import { type CpuClock, openCpuClock } from './cpu-clock.ts';

/** The CPU clocks of whatever `pids` names at the time. */
export class TreeClock {
  readonly #pids: () => readonly number[];
  readonly #clocks = new Map<number, CpuClock>();

  constructor(pids: () => readonly number[]) {
    this.#pids = pids;
    this.refresh();
  }

  /** Looks for processes and threads that have come since. Once a phase, not once a wave. */
  refresh(): void {
    for (const pid of this.#pids()) {
      const clock = this.#clocks.get(pid);
      if (clock !== undefined) refresh(clock);
      else {
        const opened = openCpuClock(pid);
        if (opened !== null) this.#clocks.set(pid, opened);
      }
    }
  }

  /** True if it counts anything at all. */
  get counts(): boolean {
    return this.#clocks.size > 0;
  }

  /** CPU time of all since each began, in nanoseconds. Never falls. */
  readNs(): number {
    let total = 0;
    for (const clock of this.#clocks.values()) total += clock.readNs();
    return total;
  }

  /** True if any thread of any of them is on a CPU or waits for one. */
  isRunning(): boolean {
    for (const clock of this.#clocks.values()) if (clock.isRunning()) return true;
    return false;
  }

  /** Closes the files it reads. */
  close(): void {
    for (const clock of this.#clocks.values()) clock.close();
  }
}

function refresh(clock: CpuClock): void {
  try {
    clock.refresh();
  } catch {
    // The process has just ended; whoever needs it alive notices elsewhere.
  }
}

/** A clock for processes, or null where the system does not count CPU time by thread. */
export function openTreeClock(pids: () => readonly number[]): TreeClock | null {
  const clock = new TreeClock(pids);
  return clock.counts ? clock : null;
}
