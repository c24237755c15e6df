/**
 * What others took of the machine while an arm was under load: other machines, and other processes
 * of this one. Read once a second. It is blind to what the arm did: its own processes' time and the
 * driver's are taken off.
 */
import os from 'node:os';
import { type CpuClock, openCpuClock } from '../sut/cpu-clock.ts';
import { type MachineTicks, readCpuTicks, stealFraction } from '../sut/machine.ts';

/** Shares of the machine's time, 0..1; null where the system does not say. */
export interface Disturbance {
  readonly stealFraction: number | null;
  readonly othersFraction: number | null;
}

/** The readings; tests give fakes. All cumulative. */
export interface DisturbanceSource {
  now(): number;
  ticks(): MachineTicks | null;
  /** CPU time of the driver, the origin and the proxy, in milliseconds; null if unknown. */
  ownCpuMs(): number | null;
  readonly cpus: number;
}

/** Watches from its creation on. */
export class DisturbanceWatch {
  readonly #source: DisturbanceSource;
  #atMs: number;
  #ticks: MachineTicks | null;
  #ownMs: number | null;

  constructor(source: DisturbanceSource) {
    this.#source = source;
    this.#atMs = source.now();
    this.#ticks = source.ticks();
    this.#ownMs = source.ownCpuMs();
  }

  /** What was taken since the creation, or the last call. */
  mark(): Disturbance {
    const [atMs, ticks, ownMs] = [
      this.#source.now(),
      this.#source.ticks(),
      this.#source.ownCpuMs(),
    ];
    const disturbance = {
      stealFraction: stealFraction(this.#ticks, ticks),
      othersFraction: this.#othersFraction(atMs - this.#atMs, ticks, ownMs),
    };
    this.#atMs = atMs;
    this.#ticks = ticks;
    this.#ownMs = ownMs;
    return disturbance;
  }

  #othersFraction(
    elapsedMs: number,
    ticks: MachineTicks | null,
    ownMs: number | null,
  ): number | null {
    const before = this.#ticks;
    if (before === null || ticks === null || ownMs === null || this.#ownMs === null) return null;
    const total = ticks.total - before.total;
    if (total <= 0 || elapsedMs <= 0) return null;
    const busy = total - (ticks.idle - before.idle) - (ticks.stolen - before.stolen);
    const own = (ownMs - this.#ownMs) / (elapsedMs * this.#source.cpus);
    return Math.max(0, busy / total - own);
  }
}

/** The machine at hand, with the processes that take part in a measurement. */
export class MeasuredProcesses implements DisturbanceSource {
  readonly cpus: number = os.cpus().length;
  readonly #clocks: readonly (CpuClock | null)[];

  constructor(pids: readonly number[]) {
    this.#clocks = pids.map(openCpuClock);
  }

  now(): number {
    return performance.now();
  }

  ticks(): MachineTicks | null {
    return readCpuTicks();
  }

  ownCpuMs(): number | null {
    const { user, system } = process.cpuUsage();
    let totalMs = (user + system) / 1000;
    for (const clock of this.#clocks) {
      if (clock === null) return null;
      totalMs += clock.readNs() / 1e6;
    }
    return totalMs;
  }

  /** Looks for threads that have come since. */
  refresh(): void {
    for (const clock of this.#clocks) {
      try {
        clock?.refresh();
      } catch {
        // A process that has ended has no threads; that it ended is noticed elsewhere.
      }
    }
  }

  close(): void {
    for (const clock of this.#clocks) clock?.close();
  }
}
