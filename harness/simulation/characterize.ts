/**
 * What gates can tell on the machine whose rounds were banked: noise floor, false alarms and the
 * smallest change that is caught, by budget. Resamples; measures nothing.
 */
import type { BudgetProfile, MetricProfile } from '../model/calibration.ts';
import { type MetricName, metricDefinition } from '../model/metric.ts';
import { quantile, sorted } from '../stats/quantile.ts';
import { testOf } from '../verdict/decide-metrics.ts';
import { fractionOfHarm, harmOfFraction } from '../verdict/effect.ts';
import { type BankedRound, bankedSource } from './bank.ts';
import { operatingCharacteristics } from './operating-characteristics.ts';
import type { GateDesign } from './simulate-gate.ts';

export interface CharacterizeOptions {
  /** The metrics that gates judge by default. */
  readonly metrics: readonly MetricName[];
  readonly seed: number;
  /** Resampled gates a figure. */
  readonly gates: number;
}

const FLOOR_QUANTILE = 0.95;
const CAUGHT_SHARE = 0.95;
const ERROR = 0.05;
const LOOK_EVERY = 5;
const GREATEST_CHANGE = 1;
const HALVINGS = 7;

/** Characterizes gates of one budget, in milliseconds, that holds so many rounds. */
export function characterize(
  bank: readonly BankedRound[],
  { budgetMs, rounds }: Pick<BudgetProfile, 'budgetMs' | 'rounds'>,
  options: CharacterizeOptions,
): BudgetProfile {
  const design: GateDesign = { rounds, lookEvery: LOOK_EVERY, thresholds: {}, error: ERROR };
  const same = operatingCharacteristics(options.gates, design, (gate) =>
    bankedSource(bank, {}, options.seed + gate),
  );
  return {
    budgetMs,
    rounds,
    metrics: options.metrics
      .filter((metric) => bank.every((arms) => arms.every((arm) => arm[metric] !== undefined)))
      .map((metric) => profileMetric(bank, metric, design, options)),
    gates: options.gates,
    falseAlarms: same.regressed.count,
    inconclusive: same.inconclusive.count,
  };
}

function profileMetric(
  bank: readonly BankedRound[],
  metric: MetricName,
  design: GateDesign,
  options: CharacterizeOptions,
): MetricProfile {
  const noiseFloor = floorOf(bank, metric, design.rounds, options);
  // Only the metric at hand is judged: how often another one interferes is counted elsewhere.
  const alone = { ...design, thresholds: judgedAlone(options.metrics, metric, noiseFloor) };
  return { metric, noiseFloor, caught: smallestCaught(bank, metric, alone, options) };
}

function floorOf(
  bank: readonly BankedRound[],
  metric: MetricName,
  rounds: number,
  { seed, gates }: CharacterizeOptions,
): number {
  const definition = metricDefinition(metric);
  const estimates = Array.from({ length: gates }, (_, gate) => {
    const source = bankedSource(bank, {}, seed + gate);
    const blocks = Array.from({ length: rounds }, () => {
      const { arms } = source.next();
      return ['candidate', 'reference', 'twin'].map((arm) =>
        Math.log(arms[arm]?.values[metric] ?? Number.NaN),
      );
    });
    return Math.abs(testOf(definition).shift(blocks));
  });
  const { better } = definition;
  return fractionOfHarm(quantile(sorted(estimates), FLOOR_QUANTILE), better);
}

function judgedAlone(
  metrics: readonly MetricName[],
  metric: MetricName,
  threshold: number,
): GateDesign['thresholds'] {
  return Object.fromEntries(metrics.map((one) => [one, one === metric ? threshold : null]));
}

/** By bisection: power grows with the change. */
function smallestCaught(
  bank: readonly BankedRound[],
  metric: MetricName,
  design: GateDesign,
  { seed, gates }: CharacterizeOptions,
): number | null {
  const { better } = metricDefinition(metric);
  const sign = better === 'lower' ? 1 : -1;
  const isCaught = (change: number): boolean => {
    const effect = { [metric]: sign * harmOfFraction(change, better) };
    const { regressed } = operatingCharacteristics(gates, design, (gate) =>
      bankedSource(bank, effect, seed + gates + gate),
    );
    return regressed.share >= CAUGHT_SHARE;
  };
  const greatest = better === 'lower' ? GREATEST_CHANGE : GREATEST_CHANGE / 2;
  if (!isCaught(greatest)) return null;
  // Changes are small: bisected on the logarithmic scale.
  let [low, high] = [Math.log(0.001), Math.log(greatest)];
  for (let step = 0; step < HALVINGS; step += 1) {
    const middle = (low + high) / 2;
    if (isCaught(Math.exp(middle))) high = middle;
    else low = middle;
  }
  return Math.exp(high);
}
