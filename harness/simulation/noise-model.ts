/**
 * Synthetic rounds whose truth is known: noise of many kinds, seeded. All sizes are on the natural
 * logarithmic scale, so 0.01 is about 1 %.
 */
import type { MetricName } from '../model/metric.ts';
import { createRandom, type Random, shuffled } from '../model/random.ts';
import type { ArmFigures, Round } from '../model/round.ts';
import { heavyTailed, normal } from '../stats/noise.ts';

/** One way for a machine to disturb a run. */
export interface NoiseModel {
  readonly name: string;
  /** What differs between fresh processes of the same code, standard deviation by metric. */
  readonly processSd: Readonly<Partial<Record<MetricName, number>>>;
  readonly tail: 'normal' | 'heavy';
  /** What all arms of a round have in common, standard deviation; and its trend a round. */
  readonly roundSd: number;
  readonly driftARound: number;
  /** Correlation of an arm's own deviation with that of the round before, 0..1. */
  readonly correlation: number;
  /** A process now and then is compiled otherwise, for its whole life: in these metrics. */
  readonly outlier: {
    readonly probability: number;
    readonly size: number;
    readonly metrics: readonly MetricName[];
  };
  /** Time stolen while one arm ran: how often in a round, and the mean of what it costs. */
  readonly stolen: { readonly probability: number; readonly mean: number };
  /** What the arm that starts first in a round pays. */
  readonly firstPays: number;
  /** The share of the candidate's own change that its neighbours feel. */
  readonly crossTalk: number;
}

/** A change of the candidate, by metric, on the logarithmic scale; what is missing is none. */
export type Effect = Readonly<Partial<Record<MetricName, number>>>;

/** Gives rounds, one after the other, without end. */
export interface RoundSource {
  next(): Round;
}

const ARMS = ['reference', 'twin', 'candidate'] as const;
type ArmId = (typeof ARMS)[number];

/** Rounds drawn from a model. */
export function syntheticSource(model: NoiseModel, effect: Effect, seed: number): RoundSource {
  const random = createRandom(seed);
  const metrics = Object.keys(model.processSd) as MetricName[];
  const carried = new Map<string, number>();
  let index = 0;
  const deviation = (arm: ArmId, metric: MetricName): number => {
    const key = `${arm} ${metric}`;
    const fresh = (model.processSd[metric] ?? 0) * unitNoise(model.tail, random);
    const own =
      model.correlation * (carried.get(key) ?? 0) + Math.sqrt(1 - model.correlation ** 2) * fresh;
    carried.set(key, own);
    return own;
  };
  return {
    next: () => {
      const level = model.driftARound * index + model.roundSd * normal(random);
      const [first] = shuffled(ARMS, random);
      const figures = ARMS.map((arm): [string, ArmFigures] => {
        const hit = random.float() < model.stolen.probability;
        // Waiting times between thefts are exponential, and so is what one takes.
        const stolen = hit ? -model.stolen.mean * Math.log(1 - random.float()) : 0;
        const values: Partial<Record<MetricName, number>> = {};
        for (const metric of metrics) {
          const isOdd =
            model.outlier.metrics.includes(metric) && random.float() < model.outlier.probability;
          const odd = isOdd ? model.outlier.size : 0;
          const change = (effect[metric] ?? 0) * (arm === 'candidate' ? 1 : model.crossTalk);
          const isTime = metric !== 'allocated-per-request';
          const disturbed = isTime ? level + stolen + (arm === first ? model.firstPays : 0) : 0;
          values[metric] = Math.exp(change + odd + disturbed + deviation(arm, metric));
        }
        return [arm, { values, unavailable: {}, requests: 15_000, busyFraction: 0.97 }];
      });
      return syntheticRound(index++, Object.fromEntries(figures));
    },
  };
}

/** A quiet round with these figures. */
export function syntheticRound(index: number, arms: Round['arms']): Round {
  return {
    index,
    scenario: 'simulated',
    startedAtMs: index * 5000,
    durationMs: 5000,
    arms,
    signals: {
      stealFraction: null,
      cycles: 180,
      cyclesDiscarded: 0,
      unsettledWaits: 0,
      warmUpBlocks: 9,
      steady: true,
    },
    warnings: [],
  };
}

/** A value of mean 0 and variance 1. */
function unitNoise(tail: NoiseModel['tail'], random: Random): number {
  return tail === 'normal' ? normal(random) : heavyTailed(random) / Math.sqrt(3);
}
