/**
 * Which cycles of a phase are left out because the machine was disturbed while they ran. Pure, and
 * blind to the arms: it sees what was stolen of the machine's time and nothing of what any arm did,
 * and a cycle is left out for all arms or for none. Leaving out an arm's waves because they were
 * slow would select on the outcome.
 */
import { median } from '../stats/quantile.ts';

/** Successive cycles, and the share of the machine's time that was stolen meanwhile. */
export interface CycleBlock {
  readonly cycles: number;
  /** 0..1; null where the system does not say. */
  readonly stealFraction: number | null;
}

/** A block is disturbed if it lost this much more of the machine's time than the median block. */
const DISTURBED_ABOVE_MEDIAN = 0.1;
/** At most this share of a phase's cycles is left out, whatever disturbed them. */
const MOST_DISCARDED_SHARE = 0.2;
/** A median of fewer blocks says nothing about what is usual. */
const LEAST_BLOCKS = 4;

/**
 * True for each cycle that counts, in order. Disturbed blocks go, the most disturbed first and the
 * earlier of equal ones first, each whole, until the next would exceed
 * {@link MOST_DISCARDED_SHARE}.
 */
export function cyclesThatCount(blocks: readonly CycleBlock[]): readonly boolean[] {
  const discarded = disturbed(blocks);
  return blocks.flatMap((block) =>
    Array.from({ length: block.cycles }, () => !discarded.has(block)),
  );
}

function disturbed(blocks: readonly CycleBlock[]): ReadonlySet<CycleBlock> {
  const steals = blocks.flatMap(({ stealFraction }) => stealFraction ?? []);
  const discarded = new Set<CycleBlock>();
  if (steals.length < LEAST_BLOCKS) return discarded;
  const limit = median(steals) + DISTURBED_ABOVE_MEDIAN;
  let allowed = MOST_DISCARDED_SHARE * blocks.reduce((sum, { cycles }) => sum + cycles, 0);
  const candidates = blocks
    .filter(({ stealFraction }) => (stealFraction ?? 0) > limit)
    .sort((a, b) => (b.stealFraction ?? 0) - (a.stealFraction ?? 0));
  for (const block of candidates) {
    if (block.cycles > allowed) break;
    allowed -= block.cycles;
    discarded.add(block);
  }
  return discarded;
}
