/**
 * Times one operation of a component scenario, in the process that it runs in, and counts what it
 * allocates. The one file that imports tinybench, which ends batches by time and adds them up. A
 * clock cannot tell an operation of nanoseconds, so operations are timed in runs of many.
 *
 * It does not know which process comes next, nor what a round is.
 */
import { Bench } from 'tinybench';
import type { Operation } from '../model/component.ts';

/** What one batch gave. */
export interface ComponentBatch {
  /** Mean time an operation, collections of garbage included. */
  readonly timeUs: number;
  readonly operations: number;
}

/** What was allocated over some operations. */
export interface ComponentAllocation {
  readonly bytes: number;
  readonly operations: number;
}

/** A run of operations takes about this long: far longer than reading the clock. */
const RUN_MS = 0.25;
const MOST_OPERATIONS_A_RUN = 65_536;

/** Drives one operation. Batches are short, so that those of other processes take turns with them. */
export class ComponentDriver {
  readonly #operation: Operation;
  readonly #allocatedBytes: () => number;
  #operationsARun = 1;
  #sum = 0;

  /** `allocatedBytes`: what this process has allocated on its heap so far. */
  constructor(operation: Operation, allocatedBytes: () => number) {
    this.#operation = operation;
    this.#allocatedBytes = allocatedBytes;
  }

  /** Depends on every result there was: whoever reads it, nothing can be left out. */
  get sum(): number {
    return this.#sum;
  }

  /** Operates for so long, at least three runs, and finds how many operations make a run. */
  async warmUp(ms: number): Promise<void> {
    const until = performance.now() + ms;
    for (let runs = 0; runs < 3 || performance.now() < until; runs += 1) {
      const tookMs = await this.#timeRun();
      const room = Math.min(2, RUN_MS / Math.max(tookMs, RUN_MS / 4));
      const wanted = Math.round(this.#operationsARun * room);
      this.#operationsARun = Math.max(1, Math.min(MOST_OPERATIONS_A_RUN, wanted));
    }
  }

  /** Runs until so much time was spent in operations. */
  async batch(ms: number): Promise<ComponentBatch> {
    const count = this.#operationsARun;
    const bench = new Bench({ time: ms, iterations: 1, warmup: false, throws: true });
    bench.add(
      'batch',
      async () => {
        const tookMs = await this.#timeRun();
        return { overriddenDuration: tookMs / count, overriddenIterationCost: tookMs };
      },
      { async: true },
    );
    const [task] = await bench.run();
    const result = task?.result;
    if (task === undefined || result?.state !== 'completed') {
      throw new Error(`a batch ended as ${result?.state ?? 'nothing'}`);
    }
    return { timeUs: result.latency.mean * 1000, operations: task.runs * count };
  }

  /** Counts over so many runs at once, whose results are not timed. */
  async allocations(runs: number): Promise<ComponentAllocation> {
    const count = this.#operationsARun * runs;
    this.#operation.refresh?.(count);
    const before = this.#allocatedBytes();
    const running = this.#operation.run(count);
    this.#sum = (this.#sum + (typeof running === 'number' ? running : await running)) | 0;
    return { bytes: this.#allocatedBytes() - before, operations: count };
  }

  /** Milliseconds of one run. */
  async #timeRun(): Promise<number> {
    const count = this.#operationsARun;
    this.#operation.refresh?.(count);
    const from = performance.now();
    const running = this.#operation.run(count);
    const sum = typeof running === 'number' ? running : await running;
    const tookMs = performance.now() - from;
    this.#sum = (this.#sum + sum) | 0;
    return tookMs;
  }
}
