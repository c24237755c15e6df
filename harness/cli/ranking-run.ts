/**
 * What a run of more arms than two does otherwise: when it ends, and how it is judged.
 */
import type { SessionMoment, SessionStep } from '../measure/session.ts';
import type { ReportDocument } from '../model/report.ts';
import type { Round } from '../model/round.ts';
import type { Judgement } from '../verdict/judge.ts';
import { judgeRanking, type RankingOptions } from '../verdict/judge-ranking.ts';
import type { Contest } from './contest.ts';
import { armsOf, armsWithPolicy } from './contest-arms.ts';
import { EXIT, type ExitCode, exitCodeOfVerdict } from './exit-code.ts';

/** A ranking goes on as long as it may: arms that are told apart already cost the others nothing. */
export function endOfBudget({ last }: SessionMoment): SessionStep {
  return { done: last, confirming: false };
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
