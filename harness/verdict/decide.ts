/**
 * Decides after each round whether the run goes on. It counts rounds and looks at no figure:
 * stopping on what the figures say would need an error spent over the looks.
 */
import type { Round } from '../model/round.ts';

/**
 * Told all rounds so far, after each: whether the run is over, and a clause for people that says
 * why.
 */
export type Decider = (rounds: readonly Round[]) => {
  readonly done: boolean;
  readonly reason: string;
};

/**
 * A decider that ends the run at `rounds` rounds (1 or more), counted over all scenarios; null
 * leaves the end to the budget.
 */
export function createDecider({ rounds: planned }: { readonly rounds: number | null }): Decider {
  if (planned !== null && !(Number.isInteger(planned) && planned >= 1)) {
    throw new Error(`a run has at least one round, not ${planned}`);
  }
  return (rounds) =>
    planned === null
      ? { done: false, reason: `${rounds.length} rounds done, as many as the budget holds` }
      : { done: rounds.length >= planned, reason: `${rounds.length} of ${planned} rounds done` };
}
