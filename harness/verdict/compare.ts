/**
 * Describes what was decided of one metric, with the figures that people read. It decides nothing,
 * and knows nothing of warnings or of what makes a run valid.
 */
import type { ArmMetric, Comparison, Interval } from '../model/report.ts';
import type { Arm } from '../model/round.ts';
import { detectableChange } from '../stats/power.ts';
import { widenedInterval } from '../stats/widened-rank.ts';
import { type MetricDecision, orientAsHarm, testOf } from './decide-metrics.ts';
import { fractionOfHarm, harmOfFraction } from './effect.ts';
import type { Pairing } from './pairing.ts';
import { moreRoundsNeeded } from './rule.ts';

/** A comparison, and what its maker knew beside it. */
export interface Compared {
  readonly comparison: Comparison;
  readonly pairing: Pairing['state'];
  /**
   * For an inconclusive metric, about how many more rounds would settle it; infinite where the
   * change lies at the minimum effect. Null otherwise, or where nothing can be said.
   */
  readonly moreRounds: number | null;
}

/** What describing a decision needs beside it. */
export interface DescribeOptions {
  readonly reference: Arm;
  readonly candidate: Arm;
  /** Of the intervals, 0..1. */
  readonly level: number;
  /** The arms' own figures, by arm id. */
  readonly armMetrics: Readonly<Record<string, readonly ArmMetric[]>>;
}

/** One decided metric with its estimate, interval and what more rounds would give. */
export function describe(decision: MetricDecision, options: DescribeOptions): Compared {
  const { definition, scenario, pairing, threshold, noiseFloor, minimumEffect, verdict } = decision;
  const ownValue = (arm: Arm): number | null =>
    options.armMetrics[arm.id]?.find(
      (one) => one.scenario === scenario && one.metric === definition.name,
    )?.value ?? null;
  const comparison = {
    scenario,
    metric: definition.name,
    unit: definition.unit,
    better: definition.better,
    primary: threshold !== null,
    reference: ownValue(options.reference),
    candidate: ownValue(options.candidate),
    level: options.level,
    threshold,
    minimumEffect,
    noiseFloor,
    verdict,
  };
  if (pairing.state !== 'paired') {
    const empty = { ratio: null, ratioInterval: null, detectable: null, reason: pairing.reason };
    return { comparison: { ...comparison, ...empty }, pairing: pairing.state, moreRounds: null };
  }
  const { blocks } = pairing;
  const test = testOf(definition);
  const estimate = test.shift(blocks);
  const exact = test.interval(blocks, options.level)?.interval ?? null;
  const interval = exact && widenedInterval(exact, estimate, decision.inflation);
  const ratioInterval: Interval | null =
    interval === null ? null : [Math.exp(interval[0]), Math.exp(interval[1])];
  return {
    comparison: {
      ...comparison,
      ratio: Math.exp(estimate),
      ratioInterval,
      detectable: detectableFraction(decision),
    },
    pairing: 'paired',
    moreRounds: roundsToSettle(decision),
  };
}

function detectableFraction({
  definition,
  pairing,
  minimumEffect,
  alpha,
  inflation,
}: MetricDecision): number | null {
  if (minimumEffect === null || pairing.state !== 'paired') return null;
  const { better } = definition;
  const detectable = detectableChange(pairing.blocks, {
    alpha,
    inflation,
    test: testOf(definition),
    minimumEffect: harmOfFraction(minimumEffect, better),
  });
  return detectable === null ? null : fractionOfHarm(detectable, better);
}

function roundsToSettle({
  definition,
  pairing,
  minimumEffect,
  alpha,
  inflation,
  verdict,
}: MetricDecision): number | null {
  if (verdict !== 'inconclusive' || minimumEffect === null || pairing.state !== 'paired')
    return null;
  const blocks = orientAsHarm(pairing.blocks, definition.better);
  const effect = harmOfFraction(minimumEffect, definition.better);
  const test = testOf(definition);
  return moreRoundsNeeded(blocks, { harm: test.shift(blocks), effect, alpha, inflation, test });
}
