/**
 * What a run of more arms than two does otherwise: when it ends, what its progress line says, and how
 * it is judged.
 */
import type { SessionMoment, SessionStep } from '../measure/session.ts';
import type { ReportDocument } from '../model/report.ts';
import type { Arm, Round } from '../model/round.ts';
import { formatList, formatRatio } from '../report/number.ts';
import { median } from '../stats/quantile.ts';
import type { Judgement } from '../verdict/judge.ts';
import { judgeRanking, type RankingOptions } from '../verdict/judge-ranking.ts';
import type { Contest } from './contest.ts';
import { armsOf, armsWithPolicy } from './contest-arms.ts';
import { EXIT, type ExitCode, exitCodeOfVerdict } from './exit-code.ts';

/** A ranking goes on as long as it may: arms that are told apart already cost the others nothing. */
export function endOfBudget({ last }: SessionMoment): SessionStep {
  return { done: last, confirming: false };
}

/** Who is measured, and what each costs so far, for the progress line. */
export function interimOrder(arms: readonly Arm[], rounds: readonly Round[]): string {
  const shown = arms.filter(({ role }) => role !== 'direct' && role !== 'twin');
  if (rounds.length === 0) return formatList(shown.map(({ name }) => name));
  const ratios = shown.map(({ id, name }) => {
    const own = rounds.flatMap((round) => {
      const [mine, reference] = [id, 'reference'].map(
        (arm) => round.arms[arm]?.values['cpu-per-request'],
      );
      return mine === undefined || reference === undefined ? [] : [mine / reference];
    });
    return { name, ratio: own.length === 0 ? Number.NaN : median(own) };
  });
  const ordered = ratios.sort((a, b) => a.ratio - b.ratio);
  return `cpu ${ordered
    .map(({ name, ratio }) => (Number.isNaN(ratio) ? name : `${name} ${formatRatio(ratio)}`))
    .join(', ')}`;
}

/** Judges the rounds of a field. */
export function judgeContest(
  rounds: readonly Round[],
  contest: Contest,
  facts: Omit<RankingOptions, 'arms' | 'unranked' | 'leftOut' | 'tier'>,
): Judgement {
  const { tier, leftOut } = contest;
  const arms = armsOf(contest);
  const withPolicy = armsWithPolicy(contest);
  const unranked = arms.flatMap(({ id, role }) => {
    if (role === 'floor') return [{ arm: id, reason: 'a floor, not a proxy' }];
    return withPolicy.includes(id)
      ? [{ arm: id, reason: 'its policy is on, unlike that of the others' }]
      : [];
  });
  return judgeRanking(rounds, { ...facts, arms, unranked, leftOut, tier });
}

/**
 * How a ranking exits. It is no gate: it holds if it is whole and its figures can be trusted, whatever
 * the order, unless thresholds were given.
 */
export function exitCodeOfRanking({ ranking, validity, verdict }: ReportDocument): ExitCode {
  if (ranking !== undefined && ranking.leftOut.length > 0) return EXIT.failed;
  if (!validity.valid || !validity.complete) return EXIT.inconclusive;
  return ranking?.judged === true ? exitCodeOfVerdict(verdict) : EXIT.held;
}
