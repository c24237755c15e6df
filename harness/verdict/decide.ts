/**
 * Decides after each round whether the run goes on. It counts rounds and looks at no figure:
 * stopping on what the figures say would need an error spent over the looks.
 */
import type { Round } from '../model/round.ts';

/** Whether the run is over, and why. */
export interface Decision {
  readonly done: boolean;
  /** A clause for people, such as `6 of 10 rounds done`. */
  readonly reason: string;
}

/** Told all rounds so far, after each. */
export type Decider = (rounds: readonly Round[]) => Decision;

/** A decider that ends the run at `rounds` rounds (1 or more), counted over all scenarios. */
export function createDecider(options: { readonly rounds: number }): Decider {
  if (!Number.isInteger(options.rounds) || options.rounds < 1) {
    throw new Error(`a run has at least one round, not ${options.rounds}`);
  }
  return (rounds) => ({
    done: rounds.length >= options.rounds,
    reason: `${rounds.length} of ${options.rounds} rounds done`,
  });
}
