/**
 * The field of one round: its contestants, and the ways to send one a wave. Whatever goes wrong with
 * a request is told as what it comes from: a proxy that died, an origin that died, an abort.
 */
import { LoadError } from '../drivers/load-error.ts';
import type { LoadedWave } from '../drivers/waves.ts';
import type { OriginProcess } from '../sut/origin-process.ts';
import { type Contestant, type Reading, readProxy } from './contestant.ts';
import { explainFailure } from './load-failure.ts';
import type { Cycle, RoundShape } from './plan.ts';

/** What a field is made of. */
export interface FieldParts {
  readonly contestants: readonly Contestant[];
  readonly origin: OriginProcess;
  readonly shape: RoundShape;
  readonly signal: AbortSignal;
}

/** Contestants that can be visited one at a time. */
export class Field {
  readonly contestants: readonly Contestant[];
  readonly shape: RoundShape;
  readonly origin: OriginProcess;
  readonly #signal: AbortSignal;

  constructor({ contestants, origin, shape, signal }: FieldParts) {
    this.contestants = contestants;
    this.origin = origin;
    this.shape = shape;
    this.#signal = signal;
  }

  /** The contestants in a cycle's order. */
  inOrder(cycle: Cycle): readonly Contestant[] {
    return cycle.order.map((id) => {
      const found = this.contestants.find(({ arm }) => arm.id === id);
      if (found === undefined) throw new Error(`no contestant ${id}`);
      return found;
    });
  }

  /** Opens the connections that a wave of so many in flight needs. Returns whether any had to be opened. */
  open(contestant: Contestant, concurrency: number): Promise<boolean> {
    return this.#guard(contestant, () => contestant.client.ensureOpen(concurrency));
  }

  /** One loaded wave. */
  loadedWave(contestant: Contestant, cycle: Cycle): Promise<LoadedWave> {
    const { concurrency, loadedRequests } = this.shape;
    return this.#guard(contestant, () =>
      contestant.client.loaded(cycle.position, concurrency, loadedRequests),
    );
  }

  /** One wave of a visit of every target, from a position of it on. */
  visitingWave({ client, ...contestant }: Contestant, position: number): Promise<LoadedWave> {
    const { concurrency, loadedRequests } = this.shape;
    return this.#guard({ client, ...contestant }, () =>
      client.visit(client.tour, position, concurrency, loadedRequests),
    );
  }

  /** One sequential wave, its times written to `timesUs` from `offset` on. */
  sequentialWave(
    contestant: Contestant,
    cycle: Cycle,
    timesUs: Float64Array,
    offset: number,
  ): Promise<void> {
    return this.#guard(contestant, () =>
      contestant.client.sequential(cycle.position, this.shape.sequentialRequests, timesUs, offset),
    );
  }

  /**
   * Has every process of ours collect its garbage. A collection of the whole heap comes once in so short a life, and
   * costs more than phases of a second can bear that fall to one proxy and not to its twin; now it has
   * come before them for all.
   */
  async collectGarbage(): Promise<void> {
    this.#signal.throwIfAborted();
    for (const { sut } of this.contestants) if (sut?.kind === 'module') await sut.settledMemory();
  }

  /** What every proxy says of itself, by arm id. */
  async readAll(): Promise<ReadonlyMap<string, Reading>> {
    this.#signal.throwIfAborted();
    const readings = new Map<string, Reading>();
    for (const { arm, sut } of this.contestants) {
      if (sut !== null) readings.set(arm.id, await readProxy(sut));
    }
    return readings;
  }

  async #guard<T>({ sut }: Contestant, action: () => Promise<T>): Promise<T> {
    this.#signal.throwIfAborted();
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof LoadError)) throw error;
      return explainFailure(error, sut, this.origin);
    }
  }
}
