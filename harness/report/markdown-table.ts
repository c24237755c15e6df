/** Tables in GitHub's Markdown, and text that must not become markup. */

/** A table; `align` has a letter a column, `l` or `r`. */
export function tableOf(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  align: string,
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = [...align].map((side) => (side === 'r' ? '---:' : ':---'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

/** Names and messages come from users' files and must not become markup. */
export function escapeMarkup(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replace(/[\\`*_{}[\]<>#|~]/g, (mark) => `\\${mark}`);
}
