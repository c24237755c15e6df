/**
 * Names as messages show them: by kind, and which of them somebody may have meant. Knows nothing of
 * implementations.
 */

/** `a and b (of one kind); c (of another)`. */
export function describeKinds(names: Readonly<Record<string, readonly string[]>>): string {
  const list = (all: readonly string[]): string =>
    all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
  return Object.entries(names)
    .map(([kind, some]) => `${list(some)} (${kind})`)
    .join('; ');
}

/** The known names within a third of the name's length in edits, nearest first. */
export function nearestNames(name: string, known: readonly string[]): string[] {
  const most = Math.max(2, Math.ceil(name.length / 3));
  return known
    .map((candidate) => ({ candidate, edits: editDistance(name.toLowerCase(), candidate) }))
    .filter(({ edits }) => edits <= most)
    .sort((a, b) => a.edits - b.edits)
    .map(({ candidate }) => candidate);
}

/** Insertions, deletions, substitutions and swaps of neighbours that turn one text into another. */
export function editDistance(from: string, to: string): number {
  // Three rows of the table: two back for a swap, one back, and the one being filled.
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let least = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
      );
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (row > 1 && column > 1 && swapped) {
        least = Math.min(least, at(beforeLast, column - 2) + 1);
      }
      current.push(least);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
