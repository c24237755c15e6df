/**
 * Gathers a phase's cycles into blocks long enough for the machine's clock ticks (10 ms each, while
 * a cycle may take 6), and reads what was stolen between blocks, outside all waves.
 */
import { type CpuTicks, stealFraction } from '../sut/machine.ts';
import type { CycleBlock } from './discard.ts';

/** On two CPUs a tick is then 5 % of a block. */
const BLOCK_MS = 100;

/** What it reads; tests give fakes. */
export interface BlockSources {
  readonly ticks: () => CpuTicks | null;
  /** Milliseconds of any steady clock. */
  readonly now: () => number;
}

/** The blocks of one phase, from its first cycle on. */
export class CycleBlocks {
  readonly #sources: BlockSources;
  readonly #blocks: CycleBlock[] = [];
  #cycles = 0;
  #ticks: CpuTicks | null;
  #since: number;

  constructor(sources: BlockSources) {
    this.#sources = sources;
    this.#ticks = sources.ticks();
    this.#since = sources.now();
  }

  /** A cycle has ended. Reads the ticks only if a block is full. */
  endCycle(): void {
    this.#cycles += 1;
    if (this.#sources.now() - this.#since >= BLOCK_MS) this.#endBlock();
  }

  /** All blocks; cycles that do not fill one are a block whose stolen time is not known. */
  finish(): readonly CycleBlock[] {
    return this.#cycles === 0
      ? this.#blocks
      : [...this.#blocks, { cycles: this.#cycles, stealFraction: null }];
  }

  #endBlock(): void {
    const ticks = this.#sources.ticks();
    this.#blocks.push({ cycles: this.#cycles, stealFraction: stealFraction(this.#ticks, ticks) });
    this.#cycles = 0;
    this.#ticks = ticks;
    this.#since = this.#sources.now();
  }
}
