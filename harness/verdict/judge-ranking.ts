/**
 * Judges a run of more arms than two: every arm held against the reference, the twin as the control,
 * and an order for each metric that arms are ranked by. A ranking is no gate: nothing is judged
 * unless thresholds are given. Pure: the same rounds always give the same judgement.
 */
import { METRIC_NAMES, METRICS, type MetricName } from '../model/metric.ts';
import type { LeftOut, Ranking, RankOrder } from '../model/report.ts';
import type { Arm, ArmRole, Round } from '../model/round.ts';
import type { Warning } from '../model/warning.ts';
import { leastBlocks } from '../stats/aligned-rank.ts';
import { summarizeArm } from './arm-metrics.ts';
import { type Compared, describe } from './compare.ts';
import {
  type DecisionOptions,
  decideMetrics,
  familyOf,
  type MetricDecision,
  type NoiseFloors,
  overallVerdict,
} from './decide-metrics.ts';
import { differs } from './decide-run.ts';
import { controlDiffers, doubts, type Judgement, tooFewRounds } from './judge.ts';
import { orderArms } from './order-arms.ts';
import type { Thresholds } from './thresholds.ts';
import { invalidReasons } from './validity.ts';

export interface RankingOptions {
  /** One direct arm, one reference, its twin, any number of candidates, at most one floor. */
  readonly arms: readonly Arm[];
  /** Of these arms, the ones that have no place. */
  readonly unranked: Ranking['unranked'];
  readonly leftOut: readonly LeftOut[];
  readonly tier: Ranking['tier'];
  /** Confidence of intervals and of places, and one less the error of a verdict; 0.95 if in doubt. */
  readonly level: number;
  /** Those that were given: a ranking has none of its own. */
  readonly thresholds: Thresholds;
  readonly noiseFloors?: NoiseFloors;
  /** False if the run ended before its rounds were done. */
  readonly complete: boolean;
  /** What is already doubted; passed on. */
  readonly warnings: readonly Warning[];
}

/** What arms are ranked by; the first orders the table. */
const RANKED_BY: readonly MetricName[] = ['cpu-per-request', 'hop-p50'];

/** Judges the rounds of a ranking. `docs/statistics.md` states the rules. */
export function judgeRanking(
  rounds: readonly Round[],
  options: RankingOptions,
): Judgement & { readonly ranking: Ranking } {
  const { arms, level, thresholds, unranked, leftOut, tier, complete } = options;
  const parts = partsOf(options);
  const armMetrics = Object.fromEntries(
    arms.map((arm) => [arm.id, summarizeArm(rounds, arm, level)]),
  );
  const { reference, twin, held } = parts;
  const against = decideAll(rounds, parts).map(({ arm, decisions }) => ({
    arm,
    compared: decisions.map((decision) => ({
      ...describe(decision, { reference, candidate: arm, level, armMetrics }),
      unconfirmed: false,
      inflation: decision.inflation,
    })),
  }));
  const controls = decideControls(rounds, parts);
  const described = controls.map(
    (decision) => describe(decision, { reference, candidate: twin, level, armMetrics }).comparison,
  );
  const orders = orderAll(rounds, parts, (arm, scenario, metric) => {
    const own = against.find((one) => one.arm === arm)?.compared ?? [];
    const found = own.find(
      ({ comparison }) => comparison.scenario === scenario && comparison.metric === metric,
    );
    return found?.comparison.ratio ?? null;
  });
  const counts = countRounds(rounds, level);
  const spoiledBy = invalidReasons(rounds, [...new Set([...RANKED_BY, ...judgedBy(thresholds)])]);
  const valid =
    counts.measured >= counts.least && spoiledBy.length === 0 && !controls.some(differs);
  const judged = judgedBy(thresholds).length > 0;
  const verdicts = against.flatMap(({ compared }) => compared.map((one) => one.comparison.verdict));
  return {
    comparisons: [],
    controls: described,
    ranking: {
      tier,
      orders,
      against: held.map((arm) => ({
        arm: arm.id,
        comparisons:
          against.find((one) => one.arm === arm)?.compared.map((one) => one.comparison) ?? [],
      })),
      unranked,
      leftOut,
      judged,
    },
    armMetrics,
    verdict: judged && valid && complete ? overallVerdict(verdicts) : 'inconclusive',
    valid,
    warnings: [
      ...options.warnings,
      ...leftOut.map(nameLeftOut),
      ...tooFewRounds({ rounds: counts }, level),
      ...spoiledBy,
      ...controlDiffers(described),
      ...(complete ? [] : [CUT_SHORT]),
      ...against.flatMap(({ arm, compared }) => doubtsAbout(arm, compared)),
      ...(valid ? orders.flatMap((order) => sharedForLackOfRounds(order, rounds)) : []),
    ],
  };
}

/** Who takes part, by what they do in a ranking. */
interface Parts extends RankingOptions {
  readonly reference: Arm;
  readonly twin: Arm;
  /** Held against the reference: candidates and floor. */
  readonly held: readonly Arm[];
  /** Of these, the ones that have a place. */
  readonly ranked: readonly Arm[];
}

function partsOf(options: RankingOptions): Parts {
  const { arms, unranked } = options;
  const only = (role: ArmRole): Arm => {
    const [first, second] = arms.filter((arm) => arm.role === role);
    if (first === undefined || second !== undefined) throw new Error(`a ranking has one ${role}`);
    return first;
  };
  const held = arms.filter(({ role }) => role === 'candidate' || role === 'floor');
  const ranked = held.filter(({ id }) => !unranked.some(({ arm }) => arm === id));
  return { ...options, reference: only('reference'), twin: only('twin'), held, ranked };
}

/** The metrics that thresholds were given for. */
function judgedBy(thresholds: Thresholds): readonly MetricName[] {
  return METRIC_NAMES.filter((name) => (thresholds[name] ?? null) !== null);
}

/** No metric judged but these. */
function onlyThese(thresholds: Thresholds): Thresholds {
  return Object.fromEntries(METRIC_NAMES.map((name) => [name, thresholds[name] ?? null]));
}

/** Every arm against the reference. All that is judged is one family, whichever arm it is of. */
function decideAll(
  rounds: readonly Round[],
  parts: Parts,
): readonly { readonly arm: Arm; readonly decisions: readonly MetricDecision[] }[] {
  const { held, ranked } = parts;
  const optionsOf = (arm: Arm): DecisionOptions => ({
    ...parts,
    candidate: arm,
    thresholds: onlyThese(ranked.includes(arm) ? parts.thresholds : {}),
  });
  const families = held.map((arm) => familyOf(rounds, optionsOf(arm)));
  return held.map((arm, own) => {
    const besides = families.filter((_, other) => other !== own).flat();
    return { arm, decisions: decideMetrics(rounds, { ...optionsOf(arm), besides }) };
  });
}

/** The twin against the reference, by the metrics that arms are ranked or judged by. */
function decideControls(rounds: readonly Round[], parts: Parts): readonly MetricDecision[] {
  const ranked = Object.fromEntries(
    METRICS.flatMap(({ name, threshold }) => (RANKED_BY.includes(name) ? [[name, threshold]] : [])),
  );
  const given = Object.fromEntries(
    judgedBy(parts.thresholds).map((name) => [name, parts.thresholds[name]]),
  );
  const thresholds = onlyThese({ ...ranked, ...given });
  return decideMetrics(rounds, { ...parts, twin: null, candidate: parts.twin, thresholds });
}

function orderAll(
  rounds: readonly Round[],
  { arms, reference, twin, ranked, level }: Parts,
  ratioOf: (arm: Arm, scenario: string, metric: MetricName) => number | null,
): readonly RankOrder[] {
  return [...Map.groupBy(rounds, ({ scenario }) => scenario)].flatMap(([scenario, own]) =>
    RANKED_BY.map((metric) =>
      orderArms(own, {
        scenario,
        metric,
        reference,
        twin,
        ranked: [reference, ...ranked],
        arms,
        error: 1 - level,
        ratioOf: (arm) => ratioOf(arm, scenario, metric),
      }),
    ),
  );
}

/** Of the scenario that has fewest, and the least that intervals need. */
function countRounds(
  rounds: readonly Round[],
  level: number,
): { readonly measured: number; readonly least: number } {
  const counts = [...Map.groupBy(rounds, ({ scenario }) => scenario).values()];
  const measured = counts.length === 0 ? 0 : Math.min(...counts.map((own) => own.length));
  return { measured, least: leastBlocks(1 - level, 2) };
}

const CUT_SHORT: Warning = {
  code: 'incomplete',
  message: 'The run ended before its rounds were done: what is shown rests on those that were.',
};

function nameLeftOut({ name, reason }: LeftOut): Warning {
  return { code: 'left-out', message: `${name} is in no figure: ${reason}.` };
}

function doubtsAbout(
  { name }: Arm,
  compared: readonly (Compared & { readonly unconfirmed: boolean; readonly inflation: number })[],
): readonly Warning[] {
  return compared
    .flatMap(doubts)
    .map(({ code, message }) => ({ code, message: `${name}: ${message}` }));
}

/** So few rounds that no candidate could be told from another, whatever they cost. */
function sharedForLackOfRounds(
  { leastRounds, metric, scenario, places }: RankOrder,
  rounds: readonly Round[],
): readonly Warning[] {
  const measured = rounds.filter((round) => round.scenario === scenario).length;
  if (measured >= leastRounds || places.length < 2) return [];
  const message = `${measured} rounds can't tell ${places.length} arms apart by ${metric}, so they share places: ${leastRounds} can. Give the run a longer --budget.`;
  return [{ code: 'too-few-rounds-to-rank', message }];
}
