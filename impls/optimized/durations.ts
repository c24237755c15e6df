/**
 * How long things took, as a histogram that is counted up in place. The trick: a range is found from
 * the position of a duration's highest bit, so that recording one costs a few nanoseconds and no
 * memory. The ranges are those of the High Dynamic Range histogram, 32 an octave; its library takes
 * several times as long, twice a request.
 */
import type { DurationCounts } from '../contract.ts';

/** Ranges in each octave: one is at most 1/32 of its lower bound wide, or a microsecond. */
const OCTAVE_BITS = 5;
const OCTAVE_RANGES = 1 << OCTAVE_BITS;
/** Below it each microsecond is a range of its own. */
const LINEAR_US = 2 * OCTAVE_RANGES;
/** What takes longer than this, 71 minutes, counts as this. */
const LONGEST_US = 2 ** 32 - 1;
/** The highest bit of the longest duration is that of the last range. */
const RANGES = rangeOf(LONGEST_US) + 1;

/** A histogram of durations from 0 to 71 minutes, to a 32nd of each. */
export class Durations {
  readonly #counts = new Float64Array(RANGES);
  #sumUs = 0;

  /** Counts one of so many milliseconds, with a fraction; one below 0 is taken for 0. */
  record(ms: number): void {
    const us = Math.min(Math.max(ms * 1000, 0), LONGEST_US) >>> 0;
    const range = rangeOf(us);
    this.#counts[range] = (this.#counts[range] ?? 0) + 1;
    this.#sumUs += us;
  }

  /** A copy as the contract has it. */
  read(): DurationCounts {
    const ranges: [belowUs: number, count: number][] = [];
    this.#counts.forEach((count, range) => {
      if (count > 0) ranges.push([upperBoundUs(range), count]);
    });
    return { ranges, sumUs: this.#sumUs };
  }
}

/** Bits below the six that tell a duration's range, of a whole number of microseconds below 2^32. */
function rangeOf(us: number): number {
  const dropped = us < LINEAR_US ? 0 : 31 - OCTAVE_BITS - Math.clz32(us);
  return dropped * OCTAVE_RANGES + (us >>> dropped);
}

/** The least duration beyond the range, in microseconds. */
function upperBoundUs(range: number): number {
  if (range < LINEAR_US) return range + 1;
  const dropped = Math.floor(range / OCTAVE_RANGES) - 1;
  return (range - dropped * OCTAVE_RANGES + 1) * 2 ** dropped;
}
