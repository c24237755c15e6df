/**
 * Turns a test of a shift round: the estimate is the shift that it finds nothing beyond, the interval
 * all the shifts that it does not reject. Knows no test; each hands in its own.
 */
import type { AchievedInterval } from './quantile.ts';

/** Rounds: the first arm's value, then its controls'. */
type Rounds = readonly (readonly number[])[];

/** Bisection halves what is left of a range this often: to a part in 10^8. */
const HALVINGS = 27;

/**
 * The shift at which `excess`, which falls in steps as the shift rises, is 0: the middle of its step
 * there, if it has one. `differences` are those between first arms and controls, at least one.
 */
export function shiftByInversion<Blocks extends Rounds>(
  blocks: Blocks,
  excess: (blocks: Blocks, shift: number) => number,
  differences: readonly number[],
): number {
  const { low, high } = rangeOfShifts(differences);
  const above = crossing(low, high, (shift) => excess(blocks, shift) > 0);
  const below = crossing(low, high, (shift) => excess(blocks, shift) >= 0);
  return (above + below) / 2;
}

/**
 * The shifts that a test does not reject, two-sided, at `1 - level`. At least one round. A test that
 * costs much may have its ends found with fewer halvings of the range of the differences.
 */
export function intervalByInversion<Blocks extends Rounds>(
  blocks: Blocks,
  level: number,
  tails: (blocks: Blocks, shift: number) => { readonly pGreater: number; readonly pLess: number },
  differences: readonly number[],
  halvings: number = HALVINGS,
): AchievedInterval {
  const tail = (1 - level) / 2;
  const { low, high } = rangeOfShifts(differences);
  return {
    interval: [
      crossing(low, high, (shift) => tails(blocks, shift).pGreater <= tail, halvings),
      crossing(low, high, (shift) => tails(blocks, shift).pLess > tail, halvings),
    ],
    level,
  };
}

/** Where a condition that holds at `low` and fails further up ceases to hold. */
function crossing(
  low: number,
  high: number,
  holds: (shift: number) => boolean,
  halvings: number = HALVINGS,
): number {
  let [from, to] = [low, high];
  for (let step = 0; step < halvings; step += 1) {
    const between = (from + to) / 2;
    if (holds(between)) from = between;
    else to = between;
  }
  return (from + to) / 2;
}

/** The first arm of each round less each of its own controls. */
export function differencesWithin(blocks: Rounds): readonly number[] {
  return blocks.flatMap(([own = 0, ...controls]) => controls.map((control) => own - control));
}

/** The first arm of each round less the controls of all. */
export function differencesAcross(blocks: Rounds): readonly number[] {
  const all = blocks.flatMap(([, ...controls]) => controls);
  return blocks.flatMap(([own = 0]) => all.map((control) => own - control));
}

/** A range that holds every shift at which anything changes. */
function rangeOfShifts(differences: readonly number[]): {
  readonly low: number;
  readonly high: number;
} {
  if (differences.length === 0) throw new Error('a test needs a round with a control');
  const [least, most] = [Math.min(...differences), Math.max(...differences)];
  // Residuals differ between rounds by no more than the range does.
  const margin = most - least + Number.EPSILON;
  return { low: least - margin, high: most + margin };
}
