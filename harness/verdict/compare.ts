/**
 * Compares two arms, metric by metric. It knows nothing of warnings, of what makes a run valid, or
 * of how anything is shown.
 */
import { METRICS, type MetricDefinition } from '../model/metric.ts';
import type { ArmMetric, Comparison, Interval, Verdict } from '../model/report.ts';
import type { Arm, Round } from '../model/round.ts';
import { hodgesLehmann } from '../stats/hodges-lehmann.ts';
import { holm } from '../stats/holm.ts';
import { detectableChange } from '../stats/power.ts';
import { signedRank, signedRankInterval } from '../stats/signed-rank.ts';
import { type Better, fractionOfHarm, harmOfFraction } from './effect.ts';
import { type Pairing, pairMetric } from './pairing.ts';
import { judgeHarm, moreRoundsNeeded } from './rule.ts';
import type { Thresholds } from './thresholds.ts';

/** A comparison, and what its maker knew beside it. */
export interface Compared {
  readonly comparison: Comparison;
  readonly pairing: Pairing['state'];
  /**
   * For an inconclusive metric with an interval, about how many more rounds would settle it;
   * infinite where the change lies at the minimum effect. Null otherwise.
   */
  readonly moreRounds: number | null;
}

export interface CompareOptions {
  readonly reference: Arm;
  readonly candidate: Arm;
  /** The arms' own figures, by arm id. */
  readonly armMetrics: Readonly<Record<string, readonly ArmMetric[]>>;
  readonly level: number;
  readonly thresholds: Thresholds;
  /** The control's comparisons, whose intervals give the noise floor; none for the control. */
  readonly controls: readonly Comparison[];
}

/** One metric of one scenario, paired and estimated but not judged. */
interface Estimated {
  readonly definition: MetricDefinition;
  readonly scenario: string;
  readonly pairing: Pairing;
  readonly threshold: number | null;
  readonly noiseFloor: number | null;
  readonly p: number | null;
}

/** Compares every metric that either arm reports, in the order of {@link METRICS}. */
export function compareArms(rounds: readonly Round[], options: CompareOptions): Compared[] {
  const estimated = [...Map.groupBy(rounds, (round) => round.scenario)].flatMap(
    ([scenario, ofScenario]) => estimateScenario(scenario, ofScenario, options),
  );
  // One family: every metric that decides, over all scenarios. A false alarm on any is one.
  const family = estimated.filter((one) => one.threshold !== null && one.p !== null);
  const adjusted = holm(family.map((one) => one.p ?? 1));
  const alpha = 1 - options.level;
  return estimated.map((one) => {
    const position = family.indexOf(one);
    const significant = position >= 0 && (adjusted[position] ?? 1) <= alpha;
    return conclude(one, significant, alpha / Math.max(1, family.length), options);
  });
}

function estimateScenario(
  scenario: string,
  rounds: readonly Round[],
  options: CompareOptions,
): Estimated[] {
  const { reference, candidate } = options;
  const reported = METRICS.filter(({ name }) =>
    rounds.some((round) =>
      [reference, candidate].some((arm) => {
        const figures = round.arms[arm.id];
        return figures?.values[name] !== undefined || figures?.unavailable[name] !== undefined;
      }),
    ),
  );
  return reported.map((definition) => {
    const pairing = pairMetric(rounds, definition.name, reference, candidate);
    const override = options.thresholds[definition.name];
    const control = options.controls.find(
      (one) => one.metric === definition.name && one.scenario === scenario,
    );
    return {
      definition,
      scenario,
      pairing,
      threshold: override === undefined ? definition.threshold : override,
      noiseFloor: noiseFloor(control),
      p: pairing.state === 'paired' ? signedRank(pairing.differences).pTwoSided : null,
    };
  });
}

function noiseFloor(control: Comparison | undefined): number | null {
  if (control === undefined || control.ratioInterval === null) return null;
  const [low, high] = control.ratioInterval;
  return fractionOfHarm((Math.log(high) - Math.log(low)) / 2, control.better);
}

function conclude(
  estimated: Estimated,
  significant: boolean,
  strictAlpha: number,
  options: CompareOptions,
): Compared {
  const { definition, scenario, pairing, threshold } = estimated;
  const ownValue = (arm: Arm): number | null =>
    options.armMetrics[arm.id]?.find(
      (one) => one.scenario === scenario && one.metric === definition.name,
    )?.value ?? null;
  const decides = threshold !== null && pairing.state !== 'unavailable';
  const minimumEffect = decides ? Math.max(threshold, estimated.noiseFloor ?? 0) : null;
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
    noiseFloor: estimated.noiseFloor,
  };
  if (pairing.state !== 'paired') {
    const empty = { ratio: null, ratioInterval: null, detectable: null, reason: pairing.reason };
    const verdict: Verdict | null = decides ? 'inconclusive' : null;
    return {
      comparison: { ...comparison, ...empty, verdict },
      pairing: pairing.state,
      moreRounds: null,
    };
  }

  const { moreRounds, ...judged } = judgeDifferences(pairing.differences, {
    better: definition.better,
    minimumEffect,
    threshold,
    significant,
    strictAlpha,
    level: options.level,
  });
  return { comparison: { ...comparison, ...judged }, pairing: 'paired', moreRounds };
}

interface JudgeDifferencesOptions {
  readonly better: Better;
  /** Null: estimated and not judged. */
  readonly minimumEffect: number | null;
  readonly threshold: number | null;
  readonly significant: boolean;
  /** The error that the first of the metrics must stay below. */
  readonly strictAlpha: number;
  readonly level: number;
}

type Judged = Pick<Comparison, 'ratio' | 'ratioInterval' | 'detectable' | 'verdict'> &
  Pick<Compared, 'moreRounds'>;

function judgeDifferences(
  differences: readonly number[],
  { better, minimumEffect, threshold, significant, strictAlpha, level }: JudgeDifferencesOptions,
): Judged {
  const estimate = hodgesLehmann(differences);
  const interval = signedRankInterval(differences, level)?.interval ?? null;
  const ratio = Math.exp(estimate);
  const ratioInterval: Interval | null =
    interval === null ? null : [Math.exp(interval[0]), Math.exp(interval[1])];
  if (minimumEffect === null || threshold === null) {
    return { ratio, ratioInterval, detectable: null, verdict: null, moreRounds: null };
  }
  const sign = better === 'lower' ? 1 : -1;
  const effect = harmOfFraction(minimumEffect, better);
  const harm = sign * estimate;
  const harmInterval = interval === null ? null : orient(interval, sign);
  const verdict = judgeHarm(harm, harmInterval, {
    effect,
    threshold: harmOfFraction(threshold, better),
    significant,
  });
  const detectable = detectableChange(differences, { alpha: strictAlpha, minimumEffect: effect });
  return {
    ratio,
    ratioInterval,
    detectable: detectable === null ? null : fractionOfHarm(detectable, better),
    verdict,
    moreRounds:
      verdict === 'inconclusive' && harmInterval !== null
        ? moreRoundsNeeded(differences, {
            harm,
            interval: harmInterval,
            effect,
            alpha: strictAlpha,
          })
        : null,
  };
}

/** The same interval as harm, lower end first. */
function orient([low, high]: Interval, sign: number): Interval {
  return sign > 0 ? [low, high] : [-high, -low];
}
