/**
 * The plan of a run: how much of what each round holds, and the order in which arms are visited.
 * Pure and seeded: the same seed gives the same orders on any machine. It deliberately knows
 * nothing of time, processes or results.
 */
import { createRandom, shuffled } from '../model/random.ts';

/** How much one round holds. All counts positive, times in milliseconds. */
export interface RoundShape {
  /** One request in flight: cycles at most, and requests a wave, of which the first is the cold one. */
  readonly sequentialCycles: number;
  readonly sequentialRequests: number;
  /** Sequential cycles end after this long even so: a slow moment must not cost a run its rounds. */
  readonly sequentialMs: number;
  /** Several in flight: how many, and requests a wave. */
  readonly concurrency: number;
  readonly loadedRequests: number;
  /**
   * Loaded cycles go on for this long, within bounds on their number: what ends them is the time
   * of whole cycles, in which every arm has had its turn, so it favours none.
   */
  readonly loadedMs: number;
  readonly loadedMinCycles: number;
  readonly loadedMaxCycles: number;
  /** Loaded cycles fill a round up to this length, from its launch on; default: they end as above. */
  readonly roundMs?: number;
  /**
   * Warm-up goes in blocks of loaded waves: the time an arm gets in one, the least number of them,
   * and a bound on the whole of it.
   */
  readonly warmUpBlockMs: number;
  readonly warmUpMinBlocks: number;
  readonly warmUpMaxMs: number;
  /** Before their blocks all proxies are asked for every target, all of them at a time, for so long each at the most. */
  readonly warmUpVisitMs: number;
  /** Bounds the wait before a wave until no proxy works in the background any more. */
  readonly settleMaxMs: number;
}

/** The shape that comparisons use; docs/measuring.md says why. */
export const DEFAULT_SHAPE: RoundShape = {
  // 144 waves of 15 warm requests: 2,160, enough for a 99th percentile a round.
  sequentialCycles: 144,
  sequentialRequests: 16,
  sequentialMs: 2400,
  concurrency: 32,
  // 6 W: a neighbour comes and goes within tens of milliseconds, so that a cycle of shorter waves is
  // met by the same one; still shorter ones would be half burst and drain.
  loadedRequests: 192,
  loadedMs: 2400,
  loadedMinCycles: 12,
  loadedMaxCycles: 128,
  warmUpBlockMs: 120,
  warmUpMinBlocks: 2,
  warmUpMaxMs: 2150,
  warmUpVisitMs: 1000,
  settleMaxMs: 10,
};

/** Shares of the budget that what a round bounds takes, and their least. */
const WARM_UP_SHARE = 1 / 23;
const WARM_UP_LEAST_MS = 1200;
const WARM_UP_BLOCK_SHARE = 1 / 500;
const WARM_UP_BLOCK_LEAST_MS = 60;
const WARM_UP_VISIT_SHARE = 1 / 50;
const WARM_UP_VISIT_LEAST_MS = 600;
const LOADED_SHARE = 1 / 27;
const LOADED_LEAST_MS = 600;
/** A minute holds rounds enough for all of them to have a 99th percentile, wherever it is quiet. */
const SEQUENTIAL_SHARE = 1 / 50;
const SEQUENTIAL_LEAST_MS = 500;

/**
 * The shape for a budget in milliseconds: short budgets have shorter rounds, so that there are
 * still enough of them to judge by.
 */
export function shapeForBudget(budgetMs: number): RoundShape {
  const bounded = (share: number, least: number, most: number): number =>
    Math.min(most, Math.max(least, budgetMs * share));
  return {
    ...DEFAULT_SHAPE,
    warmUpBlockMs: bounded(
      WARM_UP_BLOCK_SHARE,
      WARM_UP_BLOCK_LEAST_MS,
      DEFAULT_SHAPE.warmUpBlockMs,
    ),
    warmUpVisitMs: bounded(
      WARM_UP_VISIT_SHARE,
      WARM_UP_VISIT_LEAST_MS,
      DEFAULT_SHAPE.warmUpVisitMs,
    ),
    warmUpMaxMs: bounded(WARM_UP_SHARE, WARM_UP_LEAST_MS, DEFAULT_SHAPE.warmUpMaxMs),
    sequentialMs: bounded(SEQUENTIAL_SHARE, SEQUENTIAL_LEAST_MS, DEFAULT_SHAPE.sequentialMs),
    loadedMs: bounded(LOADED_SHARE, LOADED_LEAST_MS, DEFAULT_SHAPE.loadedMs),
  };
}

/** A shape that only shows that everything works. Its figures mean nothing. */
export const SMOKE_SHAPE: RoundShape = {
  sequentialCycles: 4,
  sequentialRequests: 8,
  // Four cycles take as long as they take.
  sequentialMs: 60_000,
  concurrency: 8,
  loadedRequests: 64,
  loadedMs: 0,
  loadedMinCycles: 2,
  loadedMaxCycles: 2,
  warmUpBlockMs: 1,
  warmUpMinBlocks: 1,
  warmUpMaxMs: 1,
  warmUpVisitMs: 0,
  settleMaxMs: 1,
};

export type Phase = 'warm-up' | 'loaded' | 'sequential';

/** One visit of every arm. */
export interface Cycle {
  /** Arm ids in the order of this cycle. */
  readonly order: readonly string[];
  /** Position in the request stream at which every arm's wave of this cycle begins. */
  readonly position: number;
}

/** The orders of one round. */
export interface RoundPlan {
  readonly index: number;
  /** Arm ids in the order in which their processes are started. */
  readonly launchOrder: readonly string[];
  /** The cycles of a phase, one after the other, without end. */
  cycles(phase: Phase): Iterator<Cycle, never>;
}

const PHASE_SEEDS: Readonly<Record<Phase, number>> = { 'warm-up': 1, loaded: 2, sequential: 3 };

/**
 * Plans a round. Within a cycle all arms get the same requests, so a cycle's differences are the
 * arms'; the order is drawn anew for each cycle, because an arm that always follows the same
 * neighbour inherits its cache state (measured: -18 % between two identical proxies).
 */
export function planRound(
  seed: number,
  index: number,
  armIds: readonly string[],
  shape: RoundShape,
): RoundPlan {
  const roundSeed = createRandom((seed + Math.imul(index + 1, 0x9e3779b1)) >>> 0).uint32();
  return {
    index,
    launchOrder: shuffled(armIds, createRandom(roundSeed)),
    cycles: (phase) => cycles(roundSeed ^ PHASE_SEEDS[phase], armIds, waveRequests(shape, phase)),
  };
}

function waveRequests(shape: RoundShape, phase: Phase): number {
  return phase === 'sequential' ? shape.sequentialRequests : shape.loadedRequests;
}

function* cycles(
  seed: number,
  armIds: readonly string[],
  requestsAWave: number,
): Generator<Cycle, never> {
  const random = createRandom(seed);
  let position = random.below(65_536);
  for (;;) {
    yield { order: shuffled(armIds, random), position };
    position += requestsAWave;
  }
}
