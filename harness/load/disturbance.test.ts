import { expect, test } from 'vitest';
import { DisturbanceWatch, MeasuredProcesses } from './disturbance.ts';

/** Two CPUs, 100 ticks a second each. */
class FakeMachine {
  readonly cpus = 2;
  nowMs = 0;
  busy = 0;
  stolen = 0;
  ownMs: number | null = 0;
  blind = false;

  now(): number {
    return this.nowMs;
  }

  ticks() {
    if (this.blind) return null;
    const total = (this.nowMs / 10) * this.cpus;
    return { total, stolen: this.stolen, idle: total - this.busy - this.stolen };
  }

  ownCpuMs(): number | null {
    return this.ownMs;
  }

  /** A second, of which so many ticks were busy and stolen, and so much of it was our own. */
  second(busy: number, stolen: number, ownMs: number): void {
    this.nowMs += 1000;
    this.busy += busy;
    this.stolen += stolen;
    this.ownMs = (this.ownMs ?? 0) + ownMs;
  }
}

test('what is busy and not our own is others', () => {
  const machine = new FakeMachine();
  const watch = new DisturbanceWatch(machine);
  machine.second(150, 10, 1200);
  expect(watch.mark()).toEqual({
    stealFraction: 0.05,
    // 75 % busy, of which 60 % was ours.
    othersFraction: expect.closeTo(0.15, 9),
  });
  machine.second(100, 0, 1000);
  expect(watch.mark()).toEqual({ stealFraction: 0, othersFraction: expect.closeTo(0, 9) });
});

test('ticks that are coarser than our own clock never make it negative', () => {
  const machine = new FakeMachine();
  const watch = new DisturbanceWatch(machine);
  machine.second(100, 0, 1010);
  expect(watch.mark().othersFraction).toBe(0);
});

test('what the system does not say is unknown, not zero', () => {
  const machine = new FakeMachine();
  const watch = new DisturbanceWatch(machine);
  machine.blind = true;
  machine.second(100, 0, 1000);
  expect(watch.mark()).toEqual({ stealFraction: null, othersFraction: null });
  const other = new FakeMachine();
  const unknown = new DisturbanceWatch(other);
  other.second(100, 0, 0);
  other.ownMs = null;
  expect(unknown.mark().othersFraction).toBeNull();
});

test("this process's own time is counted as its own", () => {
  const processes = new MeasuredProcesses([]);
  const before = processes.ownCpuMs() ?? Number.NaN;
  const endMs = performance.now() + 50;
  while (performance.now() < endMs);
  expect((processes.ownCpuMs() ?? Number.NaN) - before).toBeGreaterThan(1);
  processes.close();
});
