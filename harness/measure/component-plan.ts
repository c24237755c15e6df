/**
 * The plan of a component round: how much each case holds, and every order in it. Pure and seeded,
 * as `plan.ts` is for traffic.
 */
import type { ComponentCase, ComponentScenario } from '../model/component.ts';
import { createRandom, type Random, shuffled } from '../model/random.ts';

/** How much a round holds. Counts positive, times in milliseconds. */
export interface ComponentShape {
  /**
   * Time in which the compiler may do its work, an arm and scenario, shared by its cases; and the
   * least that a case gets. It is given twice over: what a case teaches the compiler about code that
   * others use too has to be known before any of them is measured.
   */
  readonly warmUpMs: number;
  readonly warmUpLeastMs: number;
  /** Batches an arm, which take turns. */
  readonly batches: number;
  readonly batchMs: number;
  /** Runs over which allocations are counted. */
  readonly allocationRuns: number;
  /** Bounds the wait before a batch until no process works in the background any more. */
  readonly settleMaxMs: number;
}

/** The shape that figures come from. */
export const COMPONENT_SHAPE: ComponentShape = {
  warmUpMs: 80,
  warmUpLeastMs: 6,
  batches: 5,
  batchMs: 3,
  allocationRuns: 8,
  settleMaxMs: 10,
};

/** Shows that everything works. Its figures mean nothing. */
export const COMPONENT_SMOKE_SHAPE: ComponentShape = {
  warmUpMs: 0.1,
  warmUpLeastMs: 0.1,
  batches: 1,
  batchMs: 0.1,
  allocationRuns: 1,
  settleMaxMs: 1,
};

/** The orders of one round. */
export interface ComponentRoundPlan {
  readonly index: number;
  /** Every scenario once, its cases in the order in which they are measured. */
  readonly scenarios: readonly {
    readonly scenario: ComponentScenario;
    readonly cases: readonly ComponentCase[];
  }[];
  /** A new order of the arms with each call. */
  arms(): readonly string[];
}

/** Plans a round. Orders are drawn anew for each batch, for the reason given in `plan.ts`. */
export function planComponentRound(
  seed: number,
  index: number,
  armIds: readonly string[],
  scenarios: readonly ComponentScenario[],
): ComponentRoundPlan {
  const random: Random = createRandom((seed + Math.imul(index + 1, 0x9e3779b1)) >>> 0);
  return {
    index,
    scenarios: shuffled(scenarios, random).map((scenario) => ({
      scenario,
      cases: shuffled(scenario.cases, random),
    })),
    arms: () => shuffled(armIds, random),
  };
}
