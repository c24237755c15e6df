/**
 * Judges a whole run: the candidate against the reference, the twin against the reference as the
 * control, and what both together allow to be said. Pure: the same rounds always give the same
 * judgement.
 */
import type { ArmMetric, Comparison, Ranking, Verdict } from '../model/report.ts';
import type { Arm, ArmRole, Round } from '../model/round.ts';
import type { Warning } from '../model/warning.ts';
import { summarizeArm } from './arm-metrics.ts';
import { type Compared, describe } from './compare.ts';
import type { MetricDecision, NoiseFloors } from './decide-metrics.ts';
import { type ConfirmedDecision, decideRun, differs, type RunDecision } from './decide-run.ts';
import type { Thresholds } from './thresholds.ts';

export interface JudgeOptions {
  /** One reference; at most one candidate and one twin; any number of others. */
  readonly arms: readonly Arm[];
  /** Confidence of the intervals, and one less the error of the verdict; 0.95 if in doubt. */
  readonly level: number;
  /** Beside the metrics' own. A metric given one here decides the verdict too. */
  readonly thresholds: Thresholds;
  /** From a calibration of this machine; without one the twin serves. */
  readonly noiseFloors?: NoiseFloors;
  /**
   * Whether fresh rounds bear out a regression; without it, all rounds suffice
   * ({@link Sequence.bearsOut}).
   */
  readonly bearsOut?: (decision: MetricDecision) => boolean;
  /** False if the run ended before its rounds were done. */
  readonly complete: boolean;
  /** What is already doubted; passed on. */
  readonly warnings: readonly Warning[];
}

export interface Judgement {
  readonly comparisons: readonly Comparison[];
  /** Reference against twin, metric by metric. */
  readonly controls: readonly Comparison[];
  /** Of more arms than two (`judge-ranking.ts`). */
  readonly ranking?: Ranking;
  /** By arm id. */
  readonly armMetrics: Readonly<Record<string, readonly ArmMetric[]>>;
  readonly verdict: Verdict;
  /** False: the figures are not to be trusted, and the verdict is inconclusive. */
  readonly valid: boolean;
  readonly warnings: readonly Warning[];
}

/** Of an arm's own figures, which decide nothing about the other and share no error with that. */
const OWN_LEVEL = 0.95;

/** Judges the rounds of a run. `docs/statistics.md` states the rules. */
export function judge(rounds: readonly Round[], options: JudgeOptions): Judgement {
  const armMetrics = Object.fromEntries(
    options.arms.map((arm) => [arm.id, summarizeArm(rounds, arm, OWN_LEVEL)]),
  );
  const reference = onlyArm(options.arms, 'reference');
  if (reference === undefined) throw new Error('a run to be judged needs a reference');
  const twin = onlyArm(options.arms, 'twin') ?? null;
  const candidate = onlyArm(options.arms, 'candidate') ?? null;
  const run = decideRun(rounds, { ...options, reference, twin, candidate });
  const describeAgainst = (arm: Arm | null, decision: MetricDecision): readonly Compared[] =>
    arm === null
      ? []
      : [describe(decision, { reference, candidate: arm, level: options.level, armMetrics })];
  const controls = run.controls
    .flatMap((decision) => describeAgainst(twin, decision))
    .map((one) => one.comparison);
  const compared = run.decisions.flatMap((decision) =>
    describeAgainst(candidate, decision).map((one) => ({
      ...one,
      unconfirmed: decision.unconfirmed,
      inflation: decision.inflation,
    })),
  );
  const comparisons = compared.map((one) => one.comparison);

  const invalid = [
    ...tooFewRounds(run, options.level),
    ...run.spoiledBy,
    ...controlDiffers(controls),
  ];
  const warnings = [
    ...options.warnings,
    ...invalid,
    ...(options.complete ? [] : [INCOMPLETE]),
    ...(twin === null ? [NO_CONTROL] : []),
    ...compared.flatMap(doubts),
    ...(comparisons.length > 0 && comparisons.every((one) => one.verdict === null)
      ? [NOTHING_JUDGED]
      : []),
  ];
  return {
    comparisons,
    controls,
    armMetrics,
    verdict: run.verdict,
    valid: run.valid,
    warnings,
  };
}

function onlyArm(arms: readonly Arm[], role: ArmRole): Arm | undefined {
  const [first, second] = arms.filter((arm) => arm.role === role);
  if (second !== undefined) throw new Error(`a run has one ${role}, not several`);
  return first;
}

const INCOMPLETE: Warning = {
  code: 'incomplete',
  message: 'The run ended before its rounds were done, so its verdict is inconclusive.',
};

const NO_CONTROL: Warning = {
  code: 'no-control',
  message: 'No twin of the reference ran, so the noise of this machine is not known.',
};

const NOTHING_JUDGED: Warning = {
  code: 'nothing-judged',
  message: 'No metric that decides could be had, so the verdict is inconclusive.',
};

/** Fewer rounds than any interval needs. */
export function tooFewRounds(
  { rounds: { measured, least } }: Pick<RunDecision, 'rounds'>,
  level: number,
): Warning[] {
  if (measured >= least) return [];
  const message = `${measured} ${measured === 1 ? 'round is' : 'rounds are'} too few to judge: ${least} are the least at ${percent(level)} confidence.`;
  return [{ code: 'too-few-rounds', message }];
}

/** A twin that differs from its reference spoils everything. */
export function controlDiffers(controls: readonly Comparison[]): Warning[] {
  return controls.filter(differs).map(({ metric, scenario, ratio }) => ({
    code: 'control-differs',
    message: `${metric} of ${scenario} differs by ${percent(Math.abs((ratio ?? 1) - 1))} between two identical references, so this run proves nothing. Run again, on a quieter machine.`,
  }));
}

/** What keeps one metric from being decided, or makes its decision a coarse one. */
export function doubts({
  comparison,
  pairing,
  moreRounds,
  unconfirmed,
  inflation,
}: Compared & Pick<ConfirmedDecision, 'unconfirmed' | 'inflation'>): Warning[] {
  const { metric, scenario, threshold, minimumEffect, noiseFloor, verdict } = comparison;
  if (threshold === null) return [];
  const name = `${metric} of ${scenario}`;
  if (pairing === 'unavailable') {
    const message = `${name} is left out of the verdict: ${comparison.reason}.`;
    return [{ code: 'primary-unavailable', message }];
  }
  const warnings: Warning[] = [];
  if (pairing === 'no-ratio') {
    const message = `${name} cannot be decided: ${comparison.reason}.`;
    warnings.push({ code: 'undecided', message });
  }
  if (inflation > 1) {
    const message = `Rounds of ${name} depend on each other, as when a machine slows down for minutes: its interval is ${Math.sqrt(inflation).toFixed(1)} times as wide for it, and it is judged by that.`;
    warnings.push({ code: 'dependent-rounds', message });
  }
  if (unconfirmed) {
    const message = `${name} looked regressed, but fresh rounds did not show it or there was no time for them: run again, with a larger budget.`;
    warnings.push({ code: 'unconfirmed', message });
  }
  if (noiseFloor !== null && noiseFloor > threshold) {
    const message = `The noise of ${name} in this run, ${percent(noiseFloor)}, exceeds its threshold of ${percent(threshold)}: smaller changes cannot be told.`;
    warnings.push({ code: 'noise-above-threshold', message });
  }
  if (verdict === 'inconclusive' && moreRounds !== null) {
    const message = `${name} is undecided: ${whatWouldDecide(moreRounds, minimumEffect ?? threshold)}.`;
    warnings.push({ code: 'undecided', message });
  }
  return warnings;
}

/** More than this many rounds is not advice that anyone can follow. */
const MOST_ROUNDS_ADVISED = 200;

function whatWouldDecide(moreRounds: number, minimumEffect: number): string {
  return moreRounds <= MOST_ROUNDS_ADVISED
    ? `about ${moreRounds} more ${moreRounds === 1 ? 'round' : 'rounds'} would settle it`
    : `its change is too close to the ${percent(minimumEffect)} that counts for more rounds to settle it, so use a quieter machine or another threshold`;
}

/** Two significant digits suffice for advice. */
function percent(fraction: number): string {
  return `${Number((fraction * 100).toPrecision(2))} %`;
}
