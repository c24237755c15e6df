/**
 * Rounds measured for real, of one implementation under three names, resampled in blocks, so that a
 * machine's own noise, with whatever dependence it has, goes through thousands of gates (Künsch,
 * "The jackknife and the bootstrap for general stationary observations", Annals of Statistics
 * 17(3), 1989).
 */
import type { MetricName } from '../model/metric.ts';
import { createRandom, shuffled } from '../model/random.ts';
import type { Round } from '../model/round.ts';
import { type Effect, type RoundSource, syntheticRound } from './noise-model.ts';

/** One arm's figures. */
export type BankedFigures = Readonly<Partial<Record<MetricName, number>>>;

/** The three identical arms of one measured round. */
export type BankedRound = readonly [BankedFigures, BankedFigures, BankedFigures];

/** Rounds next to each other stay together by so many, and so does what they have in common. */
const BLOCK_ROUNDS = 2;
const ARMS = ['reference', 'twin', 'candidate'] as const;

/** Takes what a bank keeps from rounds of one implementation against itself. */
export function bankRounds(
  rounds: readonly Round[],
  metrics: readonly MetricName[],
): readonly BankedRound[] {
  return rounds.map((round) => {
    const figuresOf = (arm: string): BankedFigures => {
      const values = round.arms[arm]?.values ?? {};
      return Object.fromEntries(
        metrics.flatMap((metric) =>
          values[metric] === undefined ? [] : [[metric, values[metric]]],
        ),
      );
    };
    return [figuresOf('reference'), figuresOf('twin'), figuresOf('candidate')];
  });
}

/**
 * Rounds drawn from a bank of at least one, without end. The three arms being one implementation,
 * each block deals their names anew; then the candidate is changed by `effect`.
 */
export function bankedSource(
  bank: readonly BankedRound[],
  effect: Effect,
  seed: number,
): RoundSource {
  if (bank.length === 0) throw new Error('a bank needs a round');
  const random = createRandom(seed);
  let block: BankedRound[] = [];
  let index = 0;
  return {
    next: () => {
      if (block.length === 0) {
        const start = random.below(bank.length);
        const order = shuffled([0, 1, 2] as const, random);
        block = Array.from({ length: BLOCK_ROUNDS }, (_, at) => {
          const round = bank[(start + at) % bank.length] ?? [{}, {}, {}];
          return [round[order[0] ?? 0], round[order[1] ?? 1], round[order[2] ?? 2]];
        });
      }
      const [reference, twin, candidate] = block.shift() ?? [{}, {}, {}];
      const changed = Object.fromEntries(
        Object.entries(candidate).map(([metric, value]) => [
          metric,
          value * Math.exp(effect[metric as MetricName] ?? 0),
        ]),
      );
      const figures = [reference, twin, changed];
      const arms = Object.fromEntries(
        ARMS.map((arm, at) => [
          arm,
          { values: figures[at] ?? {}, unavailable: {}, requests: 15_000, busyFraction: null },
        ]),
      );
      return syntheticRound(index++, arms);
    },
  };
}
