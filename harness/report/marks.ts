/** Figures as rows of block characters, all of a width that the caller gives. */

const LEVELS = '▁▂▃▄▅▆▇█';
const FULL = '█';
const EMPTY = '░';

/**
 * A sparkline of the latest `width` values, the least of them lowest. `bounds`: what the lowest and
 * the highest level stand for, so that several lines can be compared; default: the values' own.
 */
export function sparkline(
  values: readonly number[],
  width: number,
  bounds?: readonly [number, number],
): string {
  const shown = width > 0 ? values.slice(-width) : [];
  const [low, high] = bounds ?? boundsOf(shown);
  return shown
    .map((value) => {
      // Where all are alike, a line in the middle says so.
      const share = high > low ? (value - low) / (high - low) : 0.5;
      const level = Math.min(LEVELS.length - 1, Math.max(0, Math.floor(share * LEVELS.length)));
      return LEVELS[level];
    })
    .join('');
}

/** The least and the largest. */
export function boundsOf(values: readonly number[]): readonly [number, number] {
  return [Math.min(...values), Math.max(...values)];
}

/** A row of columns as high as their share of the highest; a space where there is nothing. */
export function columns(counts: readonly number[]): string {
  const most = Math.max(1, ...counts);
  return counts
    .map((count) =>
      count <= 0
        ? ' '
        : LEVELS[Math.min(LEVELS.length - 1, Math.floor((count / most) * LEVELS.length))],
    )
    .join('');
}

/** Counts in `width` bins, where there are that many or more. */
export function rebin(counts: readonly number[], width: number): readonly number[] {
  const size = Math.ceil(counts.length / Math.max(1, width));
  const bins: number[] = [];
  for (let from = 0; from < counts.length; from += size) {
    bins.push(counts.slice(from, from + size).reduce((sum, count) => sum + count, 0));
  }
  return bins;
}

/** A bar that is filled by a share, 0..1. */
export function meter(share: number, width: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width);
  return FULL.repeat(filled) + EMPTY.repeat(Math.max(0, width - filled));
}
