/**
 * The shape of a round with more arms than two. Pure. Every proxy gets what it would get of its
 * share of the budget among three, so that it is as warm as in a comparison of two; what is left of
 * a round's length goes into loaded waves, which scatter most.
 */
import { type RoundShape, shapeForBudget } from './plan.ts';

/** Processes of two arms: reference, twin and candidate. */
const PROXIES_OF_TWO_ARMS = 3;
/** About the length of a round for each of its proxies: longer budgets hold more rounds. */
const ROUND_MS_A_PROXY = 1350;
/** Rounds that a budget holds in any case: fewer tell few arms apart (`harness/verdict/rank.ts`). */
const LEAST_ROUNDS = 5;
/** Rounds end a little later than they should, and the last one has to fit all the same. */
const SPARE = 1.08;
/** Part of the budget for a round's sequential phase: 36 cycles are 540 warm requests. */
const SEQUENTIAL_SHARE = 1 / 55;
const LOADED_MIN_CYCLES = 6;

/**
 * The shape for a budget in milliseconds (infinite: not bounded) and a number of proxies, that is of
 * processes; the direct arm is not one. Up to three it is that of two arms.
 */
export function shapeForField(budgetMs: number, proxies: number): RoundShape {
  const times = proxies / PROXIES_OF_TWO_ARMS;
  if (times <= 1) return shapeForBudget(budgetMs);
  const share = shapeForBudget(budgetMs / times);
  return {
    ...share,
    warmUpMaxMs: share.warmUpMaxMs * times,
    sequentialMs: Math.max(share.sequentialMs, budgetMs * SEQUENTIAL_SHARE),
    // These visit the direct arm too.
    loadedMs: (share.loadedMs * (proxies + 1)) / (PROXIES_OF_TWO_ARMS + 1),
    loadedMinCycles: LOADED_MIN_CYCLES,
    roundMs: lengthOfRound(budgetMs, ROUND_MS_A_PROXY * proxies),
  };
}

/** So that a whole number of rounds fills the budget. */
function lengthOfRound(budgetMs: number, aboutMs: number): number {
  if (budgetMs === Number.POSITIVE_INFINITY) return aboutMs;
  const rounds = Math.max(LEAST_ROUNDS, Math.floor(budgetMs / aboutMs));
  return budgetMs / (rounds * SPARE);
}
