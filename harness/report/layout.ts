/** Columns and paragraphs of a fixed width. Knows nothing of reports. */
import type { Paint, Style } from './style.ts';

export interface Cell {
  readonly text: string;
  readonly style?: Style;
}

export interface Column {
  readonly align: 'left' | 'right';
}

/**
 * The lines of a table whose columns are as wide as their widest cell, two spaces apart, or one
 * where two would exceed `width`.
 */
export function layoutTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  options: { readonly width: number; readonly paint: Paint },
): string[] {
  const widths = columns.map((_, index) =>
    Math.max(0, ...rows.map((row) => (row[index]?.text ?? '').length)),
  );
  const total = widths.reduce((sum, columnWidth) => sum + columnWidth, 0);
  const gap = total + 2 * (columns.length - 1) <= options.width ? '  ' : ' ';
  return rows.map((row) =>
    columns
      .map(({ align }, index) => {
        const { text, style = 'plain' } = row[index] ?? { text: '' };
        const padding = ' '.repeat((widths[index] ?? 0) - text.length);
        const painted = options.paint(style, text);
        return align === 'left' ? painted + padding : padding + painted;
      })
      .join(gap)
      .trimEnd(),
  );
}

/**
 * A text broken between words at `width`, the first line begun with `first`, the others indented
 * as far. A word longer than a line stands alone and is not cut.
 */
export function wrap(text: string, width: number, first = ''): string[] {
  const indent = ' '.repeat(first.length);
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(' ')) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line];
}
