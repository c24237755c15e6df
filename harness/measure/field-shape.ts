/**
 * The shape of the rounds of a budget. Pure. As many rounds of one length as fill it, none of it left over,
 * and what is left of a round after launch, warm-up and sequential waves goes into loaded ones,
 * which scatter most. Of more arms than two every proxy gets what it would get of its share of the
 * budget among three, so that it is as warm as in a comparison of two.
 */
import { type RoundShape, shapeForBudget } from './plan.ts';

/** Processes of two arms: reference, twin and candidate. */
const PROXIES_OF_TWO_ARMS = 3;
/** About what a run of two arms takes before its first round: its traffic, and the origin's start. */
const STARTING_MS = 1000;
/**
 * Of a round of two arms: about what launch, warm-up and readings take, and what loaded waves should get. Most of what two
 * identical proxies differ by is scatter of these waves, so that five rounds tell more than six shorter ones.
 */
const AROUND_PHASES_MS = 2950;
const LOADED_MS = 1800;
/** What loaded waves get on a machine that is too slow for that: a round less costs more. */
const LOADED_OF_SLOW_MS = 700;
/** About the length of a round of more arms for each of its proxies: longer budgets hold more rounds. */
const ROUND_MS_A_PROXY = 1350;
/**
 * Rounds that a budget holds in any case: fewer call no change (`harness/verdict/rule.ts`) and tell few
 * arms apart (`harness/verdict/rank.ts`).
 */
const LEAST_ROUNDS = 5;
/** Rounds end a little later than they should, those of many arms more so, and the last one has to fit all the same. */
const SPARE = 1.03;
const SPARE_OF_MANY = 1.08;
/** Of the visits that three proxies get. Proxies of a large field forward alone, which fills few caches. */
const VISIT_OF_MANY = 0.5;
/** Part of the budget for a round's sequential phase: 36 cycles are 540 warm requests. */
const SEQUENTIAL_SHARE = 1 / 55;
const LOADED_MIN_CYCLES = 6;

/**
 * The shape for a budget in milliseconds (infinite: not bounded) and a number of proxies, that is of
 * processes; the direct arm is not one. Up to three it is that of two arms.
 */
export function shapeForField(budgetMs: number, proxies: number): RoundShape {
  const times = proxies / PROXIES_OF_TWO_ARMS;
  if (times <= 1) return shapeOfTwo(budgetMs);
  const share = shapeForBudget(budgetMs / times);
  return {
    ...share,
    warmUpMaxMs: share.warmUpMaxMs * times,
    warmUpVisitMs: share.warmUpVisitMs * VISIT_OF_MANY,
    sequentialMs: Math.max(share.sequentialMs, budgetMs * SEQUENTIAL_SHARE),
    loadedMs: share.loadedMs * times,
    loadedMinCycles: LOADED_MIN_CYCLES,
    roundMs: lengthOfRound(budgetMs, ROUND_MS_A_PROXY * proxies, SPARE_OF_MANY),
  };
}

/** How many rounds of two arms a budget in milliseconds, not infinite, holds. */
export function roundsOfTwo(budgetMs: number): number {
  return Math.floor(budgetMs / (shapeOfTwo(budgetMs).roundMs ?? budgetMs));
}

function shapeOfTwo(budgetMs: number): RoundShape {
  const shape = shapeForBudget(budgetMs);
  if (budgetMs === Number.POSITIVE_INFINITY) return shape;
  const aboutMs = AROUND_PHASES_MS + shape.sequentialMs + LOADED_MS;
  return {
    ...shape,
    loadedMs: LOADED_OF_SLOW_MS,
    roundMs: lengthOfRound(Math.max(0, budgetMs - STARTING_MS), aboutMs, SPARE),
  };
}

/** So that a whole number of rounds fills the budget. */
function lengthOfRound(budgetMs: number, aboutMs: number, spare: number): number {
  if (budgetMs === Number.POSITIVE_INFINITY) return aboutMs;
  const rounds = Math.max(LEAST_ROUNDS, Math.floor(budgetMs / aboutMs));
  return budgetMs / (rounds * spare);
}
