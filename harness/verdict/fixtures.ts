/** Synthetic rounds for tests of verdicts and reports. Not part of what is shipped. */
import type { MetricName } from '../model/metric.ts';
import { createRandom, type Random } from '../model/random.ts';
import type { Arm, ArmFigures, ArmRole, Round } from '../model/round.ts';

export const DIRECT: Arm = { id: 'direct', role: 'direct', name: 'direct' };
export const REFERENCE: Arm = { id: 'reference', role: 'reference', name: 'baseline' };
export const TWIN: Arm = { id: 'twin', role: 'twin', name: 'baseline' };
export const CANDIDATE: Arm = { id: 'candidate', role: 'candidate', name: 'optimized' };

export type Figures = Readonly<Partial<Record<MetricName, number>>>;

/** One arm's figures of a round. */
export function armFigures(
  values: Figures,
  unavailable: Readonly<Partial<Record<MetricName, string>>> = {},
): ArmFigures {
  return { values, unavailable, requests: 12_000, busyFraction: 0.97 };
}

/** A quiet round with these arms. */
export function round(
  index: number,
  arms: Readonly<Record<string, ArmFigures>>,
  scenario = 'default-mix',
): Round {
  return {
    index,
    scenario,
    startedAtMs: 1_000 + index * 6_000,
    durationMs: 6_000,
    arms,
    signals: {
      stealFraction: 0.04,
      cycles: 240,
      cyclesDiscarded: 2,
      unsettledWaits: 1,
      warmUpBlocks: 5,
      steady: true,
    },
    warnings: [],
  };
}

export interface Synthetic {
  readonly count: number;
  readonly seed?: number;
  /** The reference's true figures. */
  readonly figures: Figures;
  /** The true ratio of another arm to the reference, for every metric or by metric; else 1. */
  readonly ratios?: Partial<Record<ArmRole, number | Figures>>;
  /** Multiplies each figure's logarithm by this much noise, drawn anew for each. */
  readonly spread?: number;
  readonly noise?: (random: Random) => number;
}

/** Rounds of reference, twin and candidate whose truth is known. */
export function syntheticRounds(options: Synthetic): Round[] {
  const random = createRandom(options.seed ?? 1);
  const noise = options.noise ?? (({ float }: Random): number => 2 * float() - 1);
  const figuresOf = (role: ArmRole): ArmFigures => {
    const ratios = options.ratios?.[role] ?? 1;
    const values: Partial<Record<MetricName, number>> = {};
    for (const [name, value] of Object.entries(options.figures) as [MetricName, number][]) {
      const ratio = typeof ratios === 'number' ? ratios : (ratios[name] ?? 1);
      values[name] = value * ratio * Math.exp((options.spread ?? 0.005) * noise(random));
    }
    return armFigures(values);
  };
  return Array.from({ length: options.count }, (_, index) =>
    round(index, {
      reference: figuresOf('reference'),
      twin: figuresOf('twin'),
      candidate: figuresOf('candidate'),
    }),
  );
}
