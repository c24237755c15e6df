/**
 * Decides every metric of one comparison, and nothing beside: no estimate is computed here that no
 * decision needs, so that a look during a run, and ten thousand simulated runs, cost little.
 */
import { METRICS, type MetricDefinition, type MetricName } from '../model/metric.ts';
import type { Verdict } from '../model/report.ts';
import type { Arm, Round } from '../model/round.ts';
import type { Block } from '../stats/aligned-rank.ts';
import { holm } from '../stats/holm.ts';
import { median } from '../stats/quantile.ts';
import { ACROSS_PROCESSES, type ShiftTest, WITHIN_ROUNDS } from '../stats/shift-test.ts';
import { blockInflation, widenedRank } from '../stats/widened-rank.ts';
import { type Better, fractionOfHarm, harmOfFraction } from './effect.ts';
import { type Pairing, pairMetric } from './pairing.ts';
import { judgeHarm } from './rule.ts';
import type { Thresholds } from './thresholds.ts';

/** By metric, what this machine shows between two identical proxies, as a fraction. */
export type NoiseFloors = Readonly<Partial<Record<MetricName, number>>>;

/** Who is compared, and by which bars. */
export interface DecisionOptions {
  readonly reference: Arm;
  /** A second process of the reference, which counts as one more of it; null if none ran. */
  readonly twin: Arm | null;
  readonly candidate: Arm;
  /** Confidence of the whole: one less it is the error over all judged metrics, 0..1. */
  readonly level: number;
  /** Beside the metrics' own. A metric given one here decides the verdict too. */
  readonly thresholds: Thresholds;
  /** Measured by a calibration; a metric that it lacks takes its floor from this run's twin. */
  readonly noiseFloors?: NoiseFloors;
  /** The p-values of what else is judged in one family with this ({@link familyOf}); default: none. */
  readonly besides?: readonly number[];
}

/** One metric of one scenario, decided. */
export interface MetricDecision {
  readonly scenario: string;
  readonly definition: MetricDefinition;
  readonly pairing: Pairing;
  /** As a fraction; null: shown and not judged. */
  readonly threshold: number | null;
  readonly noiseFloor: number | null;
  /** The larger of the two, as a fraction; null for what is not judged. */
  readonly minimumEffect: number | null;
  /**
   * How far the dependence of rounds on each other multiplies variances: 1 if none was found, and
   * for what is not judged.
   */
  readonly inflation: number;
  /** The error that this metric has to stay below as the first of its family. */
  readonly alpha: number;
  /** Null for a metric that is not judged, or that one of the arms can't have. */
  readonly verdict: Verdict | null;
}

/** Decides every metric that either arm reports, in the order of {@link METRICS}. */
export function decideMetrics(
  rounds: readonly Round[],
  options: DecisionOptions,
): readonly MetricDecision[] {
  const open = pairAll(rounds, options);
  // One family: every metric that decides, over all scenarios. A false alarm on any is one.
  const family = open.filter(decidesByTest);
  const besides = options.besides ?? [];
  const adjusted = holm([...family.map(pTwoSided), ...besides]);
  const error = 1 - options.level;
  return open.map((one) => {
    const position = family.indexOf(one);
    const significant = position >= 0 && (adjusted[position] ?? 1) <= error;
    return {
      ...one,
      alpha: error / Math.max(1, family.length + besides.length),
      verdict: decideOne(one, significant, error / 2),
    };
  });
}

/** The p-values of the metrics that {@link decideMetrics} judges, for other comparisons of the run. */
export function familyOf(rounds: readonly Round[], options: DecisionOptions): readonly number[] {
  return pairAll(rounds, options).filter(decidesByTest).map(pTwoSided);
}

type Open = Omit<MetricDecision, 'verdict' | 'alpha'>;

function pairAll(rounds: readonly Round[], options: DecisionOptions): readonly Open[] {
  return [...Map.groupBy(rounds, (round) => round.scenario)].flatMap(([scenario, ofScenario]) =>
    pairScenario(scenario, ofScenario, options),
  );
}

function decidesByTest({ threshold, pairing }: Open): boolean {
  return threshold !== null && pairing.state === 'paired';
}

function pairScenario(
  scenario: string,
  rounds: readonly Round[],
  options: DecisionOptions,
): readonly Open[] {
  const { reference, candidate } = options;
  const reported = METRICS.filter(({ name }) =>
    rounds.some((round) =>
      [reference, candidate].some((arm) => {
        const figures = round.arms[arm.id];
        return figures?.values[name] !== undefined || figures?.unavailable[name] !== undefined;
      }),
    ),
  );
  const controls = controlsOf(options);
  return reported.map((definition) => {
    const pairing = pairMetric(rounds, definition.name, candidate, controls);
    const override = options.thresholds[definition.name];
    const threshold = override === undefined ? definition.threshold : override;
    const noiseFloor =
      options.noiseFloors?.[definition.name] ?? twinNoiseFloor(rounds, definition, options);
    const decides = threshold !== null && pairing.state !== 'unavailable';
    const minimumEffect = decides ? Math.max(threshold, noiseFloor ?? 0) : null;
    const inflation = decides && pairing.state === 'paired' ? blockInflation(pairing.blocks) : 1;
    return { scenario, definition, pairing, threshold, noiseFloor, minimumEffect, inflation };
  });
}

/**
 * What 95 of 100 comparisons of the reference with its twin would show, as a fraction: 1.96 standard
 * errors, from the median of the differences between them (for normal noise a standard deviation is
 * 1.4826 times that), so that one disturbed round does not blind a run.
 */
function twinNoiseFloor(
  rounds: readonly Round[],
  { name, better }: MetricDefinition,
  { reference, twin }: DecisionOptions,
): number | null {
  if (twin === null) return null;
  const pairing = pairMetric(rounds, name, twin, [reference]);
  if (pairing.state !== 'paired' || pairing.blocks.length < 2) return null;
  const sizes = pairing.blocks.map(([first = 0, second = 0]) => Math.abs(first - second));
  const deviation = NORMAL_MEDIAN_SCALE * median(sizes);
  return fractionOfHarm((NORMAL_95 * deviation) / Math.sqrt(sizes.length), better);
}

const NORMAL_95 = 1.96;
const NORMAL_MEDIAN_SCALE = 1.4826;

function pTwoSided({ definition, pairing, inflation }: Open): number {
  if (pairing.state !== 'paired') return 1;
  return widenedRank(pairing.blocks, { inflation, test: testOf(definition) }).pTwoSided;
}

/** What has nothing of the moment in which a round ran is compared with every other process. */
export function testOf({ followsMoment }: MetricDefinition): ShiftTest {
  return followsMoment ? WITHIN_ROUNDS : ACROSS_PROCESSES;
}

function decideOne(
  { definition, pairing, threshold, minimumEffect, inflation }: Open,
  significant: boolean,
  tail: number,
): Verdict | null {
  if (threshold === null || minimumEffect === null) return null;
  if (pairing.state !== 'paired') return 'inconclusive';
  const { better } = definition;
  return judgeHarm(orientAsHarm(pairing.blocks, better), {
    effect: harmOfFraction(minimumEffect, better),
    threshold: harmOfFraction(threshold, better),
    significant,
    tail,
    inflation,
    test: testOf(definition),
  });
}

/** What the candidate is held against: the reference, and its twin where one ran. */
export function controlsOf({
  reference,
  twin,
}: Pick<DecisionOptions, 'reference' | 'twin'>): readonly Arm[] {
  return twin === null ? [reference] : [reference, twin];
}

/** The same blocks with larger being worse. */
export function orientAsHarm(blocks: readonly Block[], better: Better): readonly Block[] {
  return better === 'lower' ? blocks : blocks.map((block) => block.map((value) => -value));
}

/**
 * The worst of what decides: a regression outweighs all, doubt outweighs an improvement. Nothing
 * that decides is no evidence of anything.
 */
export function overallVerdict(verdicts: readonly (Verdict | null)[]): Verdict {
  const worst = (['regressed', 'inconclusive', 'improved', 'unchanged'] as const).find((verdict) =>
    verdicts.includes(verdict),
  );
  return worst ?? 'inconclusive';
}
