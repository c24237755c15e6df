import { expect, test } from 'vitest';
import type { Operation } from '../model/component.ts';
import { ComponentDriver } from './components.ts';

/** Counts what it is asked to do. */
class CountingOperation implements Operation {
  readonly runs: number[] = [];
  readonly refreshed: number[] = [];
  operations = 0;
  readonly #waits: boolean;

  constructor(waits = false) {
    this.#waits = waits;
  }

  async answers(): Promise<readonly string[]> {
    return [];
  }

  refresh(count: number): void {
    this.refreshed.push(count);
  }

  run(count: number): number | Promise<number> {
    this.runs.push(count);
    this.operations += count;
    return this.#waits ? Promise.resolve(count) : count;
  }
}

test.each([[false], [true]])(
  'a batch gives the operations that were run and a time each, waited for: %s',
  async (waits) => {
    const operation = new CountingOperation(waits);
    const driver = new ComponentDriver(operation, () => 0);
    const { timeUs, operations } = await driver.batch(1);
    expect(timeUs).toBeGreaterThan(0);
    expect(operations).toBe(operation.operations);
    expect(driver.sum).toBe(operation.operations);
  },
);

test('operands are made anew before each run, as many as it takes', async () => {
  const operation = new CountingOperation();
  const driver = new ComponentDriver(operation, () => 0);
  await driver.warmUp(0.5);
  await driver.batch(0.5);
  await driver.allocations(2);
  expect(operation.refreshed).toEqual(operation.runs);
});

test('warming up finds runs that are long enough to be timed, and no longer than allowed', async () => {
  const operation = new CountingOperation();
  const driver = new ComponentDriver(operation, () => 0);
  await driver.warmUp(20);
  // What costs nothing is run as often as there may be.
  expect(operation.runs.at(-1)).toBe(65_536);
  expect(operation.runs[0]).toBe(1);
});

test('allocations are what was counted over exactly those runs', async () => {
  const operation = new CountingOperation();
  const driver = new ComponentDriver(operation, () => operation.operations * 24);
  expect(await driver.allocations(7)).toEqual({ bytes: 7 * 24, operations: 7 });
});

test('an operation that throws ends the batch with its error', async () => {
  const operation: Operation = {
    answers: async () => [],
    run: () => {
      throw new Error('broke');
    },
  };
  await expect(new ComponentDriver(operation, () => 0).batch(1)).rejects.toThrow('broke');
});
