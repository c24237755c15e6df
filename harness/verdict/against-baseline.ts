/**
 * Judges a run against a saved one. The two were measured apart, so nothing pairs their rounds, and
 * whatever the machine did differently then is part of every difference: only what does not depend
 * on the machine is held to its own threshold there; times are taken relative to a reference that
 * ran beside them both times, or by coarse limits, or not at all. Pure; `docs/baselines.md` states
 * the rules.
 */
import {
  METRICS,
  type MetricDefinition,
  type MetricName,
  type MetricUnit,
  metricDefinition,
} from '../model/metric.ts';
import type { Interval, ReportDocument, Verdict } from '../model/report.ts';
import type { Warning } from '../model/warning.ts';
import { holm } from '../stats/holm.ts';
import { median } from '../stats/quantile.ts';
import { canReject, rankSum, rankSumInterval, rankSumShift } from '../stats/rank-sum.ts';
import { overallVerdict } from './decide-metrics.ts';
import { harmOfFraction } from './effect.ts';
import { armOf, type Basis, noiseOf, samplesOf, seriesOf } from './run-samples.ts';
import type { Thresholds } from './thresholds.ts';

/** One metric of the run against the saved one. */
export interface BaselineComparison {
  readonly scenario: string;
  readonly metric: MetricName;
  readonly unit: MetricUnit;
  readonly better: 'lower' | 'higher';
  /** Null: not compared, and `reason` says why. */
  readonly basis: Basis | null;
  /** Medians over rounds, in the unit, or as a ratio to the run's reference if that is the basis. */
  readonly saved: number | null;
  readonly current: number | null;
  /** Current over saved, the Hodges-Lehmann shift of the logarithms. */
  readonly ratio: number | null;
  readonly ratioInterval: Interval | null;
  /** The change for the worse that is let pass, as a fraction; null: shown and not judged. */
  readonly threshold: number | null;
  /** The larger of the threshold and the noise of either run, as a fraction. */
  readonly minimumEffect: number | null;
  readonly verdict: Verdict | null;
  readonly reason?: string;
}

/** A run judged against a saved one. */
export interface AgainstBaseline {
  /** Whether the fingerprints match. */
  readonly sameMachine: boolean;
  /** The reference that both runs measured, or null if they had none in common. */
  readonly commonReference: string | null;
  /** The confidence of the intervals, 0..1. */
  readonly level: number;
  readonly comparisons: readonly BaselineComparison[];
  readonly verdict: Verdict;
  /** False: the two runs can't be held against each other, and the verdict is inconclusive. */
  readonly valid: boolean;
  readonly warnings: readonly Warning[];
}

/** Confidence of intervals; one less it is the error over all metrics judged. */
const LEVEL = 0.95;

/** Twice the time: the limit for times that were measured apart. */
const COARSE = 1;

/** The limits against a saved run, where the metric's own threshold is not meant for it. */
const LIMITS: Readonly<Partial<Record<MetricName, number>>> = {
  'hop-p99': COARSE,
  'memory-rss': 1,
  'cache-hit-rate': 0.1,
};

/**
 * Judges `current` against `saved`, whose scenarios have to be the same (`scenarioDiffers`).
 * `thresholds` take the place of the metrics' own limits; times that only the coarse limit suits
 * are held to no finer one.
 */
export function judgeAgainst(
  current: ReportDocument,
  saved: ReportDocument,
  thresholds: Thresholds = {},
): AgainstBaseline {
  const pair: Pair = {
    current,
    saved,
    thresholds,
    sameMachine: current.environment.fingerprint === saved.environment.fingerprint,
    commonReference: commonReference(current, saved),
  };
  const open = current.scenarios.flatMap(({ name }) => compareScenario(name, pair, 'candidate'));
  const comparisons = decide(open);
  const invalid = [...notComparable(pair), ...tooFew(open), ...referenceDiffers(pair)];
  const valid = invalid.length === 0;
  return {
    sameMachine: pair.sameMachine,
    commonReference: pair.commonReference,
    level: LEVEL,
    comparisons,
    verdict: valid ? overallVerdict(comparisons.map(({ verdict }) => verdict)) : 'inconclusive',
    valid,
    warnings: [...invalid, ...doubts(pair, comparisons)],
  };
}

/** Why two runs did not send the same, or null if they did. */
export function scenarioDiffers(
  current: Readonly<Record<string, string>>,
  saved: Readonly<Record<string, string>>,
): string | null {
  for (const [name, hash] of Object.entries(current)) {
    const known = saved[name];
    if (known === undefined) {
      const names = Object.keys(saved).join(', ');
      return `it measured the scenario ${names}, not ${name}`;
    }
    if (known !== hash) {
      return `its scenario ${name} has another definition (hash ${known}, now ${hash})`;
    }
  }
  return null;
}

interface Pair {
  readonly current: ReportDocument;
  readonly saved: ReportDocument;
  readonly thresholds: Thresholds;
  readonly sameMachine: boolean;
  readonly commonReference: string | null;
}

function commonReference(current: ReportDocument, saved: ReportDocument): string | null {
  const [a, b] = [armOf(current, 'reference'), armOf(saved, 'reference')];
  const same = a !== undefined && a.name === b?.name && a.version === b.version;
  return same ? a.name : null;
}

/** A comparison before its verdict. Samples are logarithms of the rounds' figures. */
interface Open {
  readonly comparison: BaselineComparison;
  readonly now: readonly number[];
  readonly before: readonly number[];
}

function compareScenario(scenario: string, pair: Pair, role: 'candidate' | 'reference'): Open[] {
  return METRICS.flatMap((definition): Open[] => {
    const now = seriesOf(pair.current, scenario, definition.name, role);
    const before = seriesOf(pair.saved, scenario, definition.name, role);
    return now === null && before === null ? [] : [compareMetric(scenario, definition, pair, role)];
  });
}

function compareMetric(
  scenario: string,
  definition: MetricDefinition,
  pair: Pair,
  role: 'candidate' | 'reference',
): Open {
  const { name: metric, unit, better } = definition;
  const chosen = basisOf(definition, pair);
  const open = { scenario, metric, unit, better };
  const none = { saved: null, current: null, ratio: null, ratioInterval: null };
  const unjudged = { threshold: null, minimumEffect: null, verdict: null };
  const notCompared = (reason: string): Open => ({
    comparison: { ...open, basis: null, ...none, ...unjudged, reason },
    now: [],
    before: [],
  });
  if (chosen === null) return notCompared(OTHER_TIMES);
  const now = samplesOf(pair.current, scenario, metric, role, chosen);
  const before = samplesOf(pair.saved, scenario, metric, role, chosen);
  if ('reason' in now) return notCompared(`this run: ${now.reason}`);
  if ('reason' in before) return notCompared(`the baseline: ${before.reason}`);
  const interval = rankSumInterval(now.logs, before.logs, LEVEL)?.interval ?? null;
  const threshold = limitOf(definition, chosen, pair);
  const noise = Math.max(
    noiseOf(pair.current, scenario, metric),
    noiseOf(pair.saved, scenario, metric),
  );
  return {
    comparison: {
      ...open,
      basis: chosen,
      saved: Math.exp(median(before.logs)),
      current: Math.exp(median(now.logs)),
      ratio: Math.exp(rankSumShift(now.logs, before.logs)),
      ratioInterval: interval === null ? null : [Math.exp(interval[0]), Math.exp(interval[1])],
      threshold,
      minimumEffect: threshold === null ? null : Math.max(threshold, noise),
      verdict: null,
    },
    now: now.logs,
    before: before.logs,
  };
}

const OTHER_TIMES = 'times of another machine, and no reference in common';

/** A ratio to a common reference outweighs times even on one machine, which is never as it was. */
function basisOf(definition: MetricDefinition, pair: Pair): Basis | null {
  if (definition.machineIndependent) return 'counter';
  if (pair.commonReference !== null) return 'ratio';
  return pair.sameMachine ? 'time' : null;
}

/**
 * A metric's own threshold where the machine takes no part in it, as a counter or as a ratio on
 * the same machine; the coarse limit for all other times that are judged.
 */
function limitOf(
  definition: MetricDefinition,
  basis: Basis,
  { thresholds, sameMachine }: Pair,
): number | null {
  const given = thresholds[definition.name];
  const limit = given === undefined ? (LIMITS[definition.name] ?? definition.threshold) : given;
  if (limit === null || basis === 'counter') return limit;
  return basis === 'ratio' && sameMachine ? limit : Math.max(limit, COARSE);
}

/** The verdict of each metric, with Holm's correction over all that are judged. */
function decide(open: readonly Open[]): readonly BaselineComparison[] {
  const family = open.filter(({ comparison }) => comparison.minimumEffect !== null);
  const adjusted = holm(family.map(({ now, before }) => rankSum(now, before).pTwoSided));
  return open.map((one) => {
    const { minimumEffect, better } = one.comparison;
    if (minimumEffect === null) return one.comparison;
    const significant = (adjusted[family.indexOf(one)] ?? 1) <= 1 - LEVEL;
    const effect = harmOfFraction(Math.min(minimumEffect, MOST_FALL), better);
    return { ...one.comparison, verdict: judgeShift(one, { effect, significant }) };
  });
}

/** A noise above this can't be told from a fall to nothing, which has no logarithm. */
const MOST_FALL = 0.99;

/** The rule of `rule.ts`, for two samples: a change is called if it is certain and large enough. */
function judgeShift(
  { comparison, now, before }: Open,
  { effect, significant }: { readonly effect: number; readonly significant: boolean },
): Verdict {
  const sign = comparison.better === 'lower' ? 1 : -1;
  const [worse, earlier] = [now, before].map((logs) => logs.map((value) => sign * value));
  if (worse === undefined || earlier === undefined) return 'inconclusive';
  const tail = (1 - LEVEL) / 2;
  const harm = rankSumShift(worse, earlier);
  const atZero = rankSum(worse, earlier);
  if (significant && atZero.pGreater <= tail && harm > effect) return 'regressed';
  if (significant && atZero.pLess <= tail && harm < -effect) return 'improved';
  const lessHarm = worse.map((value) => value - effect);
  return rankSum(lessHarm, earlier).pLess <= tail ? 'unchanged' : 'inconclusive';
}

function notComparable({ current, saved }: Pair): Warning[] {
  const warnings: Warning[] = [];
  if (current.policy.rules !== saved.policy.rules || current.policy.file !== saved.policy.file) {
    const show = ({ file, rules }: ReportDocument['policy']): string => `${file}, ${rules} rules`;
    const message = `The baseline was measured under another policy (${show(saved.policy)}; now ${show(current.policy)}), so nothing can be said.`;
    warnings.push({ code: 'other-policy', message });
  }
  for (const [which, { validity }] of [
    ['This run', current],
    ['The run in the baseline', saved],
  ] as const) {
    if (validity.valid && validity.complete) continue;
    const why = validity.complete ? 'is not valid' : 'ended before its rounds were done';
    const first = validity.warnings[0]?.message;
    const message = `${which} ${why}, so nothing can be said${first === undefined ? '.' : `: ${first}`}`;
    warnings.push({ code: 'not-valid', message });
  }
  return warnings;
}

function tooFew(open: readonly Open[]): Warning[] {
  const family = open.filter(({ comparison }) => comparison.minimumEffect !== null);
  const alpha = (1 - LEVEL) / Math.max(1, family.length);
  const short = family.find(({ now, before }) => !canReject(now.length, before.length, alpha));
  if (short === undefined) return [];
  const { now, before } = short;
  const message = `${now.length} rounds against ${before.length} saved ones are too few to judge ${family.length} metrics.`;
  return [{ code: 'too-few-rounds', message }];
}

/** The control: the reference's own counters, then and now, have to be the same. */
function referenceDiffers(pair: Pair): Warning[] {
  if (pair.commonReference === null) return [];
  const open = pair.current.scenarios
    .flatMap(({ name }) => compareScenario(name, pair, 'reference'))
    .filter(({ comparison }) => comparison.basis === 'counter');
  return decide(open)
    .filter(({ verdict }) => verdict === 'regressed' || verdict === 'improved')
    .map(({ metric, ratio }) => ({
      code: 'reference-differs',
      message: `${metric} of the reference ${pair.commonReference} is ${(ratio ?? 1).toFixed(2)} times what it was in the baseline: the reference or its Node has changed, so nothing can be said. Save the baseline anew.`,
    }));
}

function doubts(pair: Pair, comparisons: readonly BaselineComparison[]): Warning[] {
  const { current, saved, sameMachine, commonReference: reference } = pair;
  const warnings: Warning[] = [];
  if (!sameMachine) {
    const times =
      reference === null
        ? 'Times are not compared'
        : `Times are compared relative to ${reference} only, and by coarse limits`;
    const message = `${times}: the baseline was saved on another machine or another Node (${saved.environment.cpuModel}, Node ${saved.environment.node}; here ${current.environment.cpuModel}, Node ${current.environment.node}). For times, ${INTERLEAVE}.`;
    warnings.push({ code: 'other-machine', message });
  } else if (reference === null) {
    const message =
      'The baseline was measured beside another reference, so times are compared as they are, by coarse limits. Give the same --reference to compare them closely.';
    warnings.push({ code: 'other-reference', message });
  }
  for (const {
    metric,
    scenario,
    basis,
    threshold,
    minimumEffect,
    verdict,
    reason,
  } of comparisons) {
    const name = `${metric} of ${scenario}`;
    const usually = metricDefinition(metric).primary;
    if (basis === null && usually && reason !== OTHER_TIMES) {
      warnings.push({ code: 'not-compared', message: `${name} is left out: ${reason}.` });
    }
    if (threshold !== null && minimumEffect !== null && minimumEffect > threshold) {
      const message = `The noise of ${name}, ${percent(minimumEffect)}, exceeds its limit of ${percent(threshold)}: smaller changes cannot be told.`;
      warnings.push({ code: 'noise-above-threshold', message });
    }
    if (verdict === 'inconclusive') {
      const message = `${name} is undecided: measure more rounds, or ${INTERLEAVE}.`;
      warnings.push({ code: 'undecided', message });
    }
  }
  return warnings;
}

/** What does compare times well. */
const INTERLEAVE = 'measure both versions in one run: hopmark gate --against REVISION';

/** Two significant digits suffice for advice. */
function percent(fraction: number): string {
  return `${Number((fraction * 100).toPrecision(2))} %`;
}
