/** From rounds to the event that tells of the latest of them. */
import type { Arm, Round } from '../model/round.ts';
import type { FigureSoFar, HopDistribution, RoundDone } from '../model/run-event.ts';
import { LatencyBins } from '../stats/latency-bins.ts';

/** The event of the last of these rounds; of components, of one of its entries. */
export function roundEvent(
  rounds: readonly Round[],
  figures: readonly FigureSoFar[],
  distribution: HopDistribution | null,
): RoundDone {
  const last = rounds.at(-1);
  if (last === undefined) throw new Error('no round is done');
  const { index, arms, signals } = last;
  const { cycles, cyclesDiscarded, stealFraction } = signals;
  return {
    type: 'round',
    round: index,
    hopUs: Object.fromEntries(
      Object.entries(arms).flatMap(([id, { values }]) =>
        values['hop-p50'] === undefined ? [] : [[id, values['hop-p50']]],
      ),
    ),
    stolen: stealFraction,
    busy: arms.candidate?.busyFraction ?? null,
    ...{ cycles, cyclesDiscarded, distribution, figures },
  };
}

const BINS = 60;
/** Both ends of what is shown: outside are few, and far away. */
const SHOWN = [0.005, 0.98] as const;

/** The warm hops of a run, arm by arm, as they come in. */
export class HopSketch {
  readonly #byArm = new Map<string, LatencyBins>();

  record({ id }: Arm, timesUs: Float64Array): void {
    const bins = this.#byArm.get(id) ?? new LatencyBins();
    this.#byArm.set(id, bins);
    bins.record(timesUs);
  }

  /** Null: nothing was recorded. */
  distribution(): HopDistribution | null {
    const shown = [...this.#byArm].filter(([id]) => id === 'reference' || id === 'candidate');
    const ends = (fraction: number): number[] =>
      shown.flatMap(([, bins]) => bins.quantileUs(fraction) ?? []);
    const [lows, highs] = [ends(SHOWN[0]), ends(SHOWN[1])];
    if (lows.length === 0) return null;
    const [fromUs, toUs] = [Math.min(...lows), Math.max(...highs)];
    const edges = Array.from(
      { length: BINS + 1 },
      (_, at) => fromUs + (at * (toUs - fromUs)) / BINS,
    );
    const counts = shown.map(([id, bins]) => {
      const below = edges.map((edge) => bins.countUpTo(edge));
      return [id, below.slice(1).map((count, at) => count - (below[at] ?? 0))] as const;
    });
    return { fromUs, toUs, counts: Object.fromEntries(counts) };
  }
}
