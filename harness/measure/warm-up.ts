/**
 * Decides when arms are warm: when neither the time nor the allocated bytes of a request change
 * any more between blocks. Pure.
 */

/** One arm's figures of one block of warm-up. */
export interface WarmUpBlock {
  readonly requestUs: number;
  /** Null in an arm's first block, for the direct arm, and where it cannot be seen. */
  readonly allocatedBytes: number | null;
}

/** Two blocks that differ by less are the same. Machines that are shared never hold less. */
const TIME_TOLERANCE = 0.1;
/** Exact but for the mix of requests in a block; what V8 compiles changes it by more. */
const ALLOCATION_TOLERANCE = 0.03;
/** Blocks in a row that must agree with the one before them. */
const STEADY_BLOCKS = 2;

/** True if an arm's last blocks agree. `blocks` in order of time. */
export function isSteady(blocks: readonly WarmUpBlock[]): boolean {
  if (blocks.length <= STEADY_BLOCKS) return false;
  return blocks.slice(-STEADY_BLOCKS).every((block, index) => {
    const previous = blocks[blocks.length - STEADY_BLOCKS + index - 1];
    return previous !== undefined && agree(previous, block);
  });
}

/** Getting cheaper by more than this from one block to the next is not being warm. */
const DRIFT = 0.2;

/** True if an arm still got much cheaper in its last block, or had too few blocks to tell. */
export function isDrifting(blocks: readonly WarmUpBlock[]): boolean {
  const [previous, last] = blocks.slice(-2);
  if (previous === undefined || last === undefined) return true;
  const fell = (before: number, after: number): boolean => after < before * (1 - DRIFT);
  if (fell(previous.requestUs, last.requestUs)) return true;
  if (previous.allocatedBytes === null || last.allocatedBytes === null) return false;
  return fell(previous.allocatedBytes, last.allocatedBytes);
}

function agree(a: WarmUpBlock, b: WarmUpBlock): boolean {
  const sameTime = within(a.requestUs, b.requestUs, TIME_TOLERANCE);
  if (a.allocatedBytes === null || b.allocatedBytes === null) return sameTime;
  return sameTime && within(a.allocatedBytes, b.allocatedBytes, ALLOCATION_TOLERANCE);
}

function within(a: number, b: number, tolerance: number): boolean {
  return Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b));
}
