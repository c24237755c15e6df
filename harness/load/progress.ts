/** How far a load session has come, for whoever shows it. Types, and the figures of a live line. */
import type { OpenLoopMoment } from '../drivers/open-loop-result.ts';
import type { LiveFigures, LoadAdvanced } from '../model/run-event.ts';
import { quantile, sorted } from '../stats/quantile.ts';

export interface LoadProgress extends Omit<LoadAdvanced, 'type'> {
  readonly phase:
    | 'starting'
    | 'warm-up'
    | 'capacity'
    | 'settling'
    | 'direct'
    | 'proxy'
    | 'memory'
    | 'closed loop'
    | 'stopping';
}

/** No more latencies are looked at for a line, so that looking delays nothing that is due. */
const MOST_SAMPLED = 500;

/** Turns the moments of one run into figures of the time between them. */
export class LiveWatch {
  #due = 0;
  #settled = 0;
  #atMs = 0;

  next(moment: OpenLoopMoment): LiveFigures {
    const from = this.#due;
    const step = Math.max(1, Math.ceil((moment.due - from) / MOST_SAMPLED));
    const sampled: number[] = [];
    for (let index = from; index < moment.due; index += step) {
      const us = moment.latencyUs[index] ?? Number.NaN;
      if (us >= 0) sampled.push(us);
    }
    const sample = sampled.length === 0 ? null : sorted(sampled);
    const seconds = (moment.elapsedMs - this.#atMs) / 1000;
    const figures = {
      answersPerSecond: (moment.settled - this.#settled) / seconds,
      failed: moment.failed,
      p50Us: sample === null ? null : quantile(sample, 0.5),
      p99Us: sample === null ? null : quantile(sample, 0.99),
    };
    this.#due = moment.due;
    this.#settled = moment.settled;
    this.#atMs = moment.elapsedMs;
    return figures;
  }
}
