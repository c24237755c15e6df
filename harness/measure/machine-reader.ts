/** What a round reads of the machine and of the driver's own process while it runs. */
import { type CpuTicks, readCpuTicks } from '../sut/machine.ts';
import { readThrottledMs } from '../sut/throttling.ts';

/** The readings; tests give fakes. All cumulative. */
export interface MachineReader {
  /** Milliseconds of any steady clock. */
  now(): number;
  /** Null where the system does not say. */
  ticks(): CpuTicks | null;
  /** CPU time of this process, which drives the load, all threads, in milliseconds. */
  driverCpuMs(): number;
  /** Time that this process's control group was held back; null where the system does not say. */
  throttledMs(): number | null;
}

/** The machine at hand. */
export const THIS_MACHINE: MachineReader = {
  now: () => performance.now(),
  ticks: readCpuTicks,
  driverCpuMs: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  throttledMs: () => readThrottledMs(),
};
