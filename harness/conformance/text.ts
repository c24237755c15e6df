/**
 * Lines of a fixed width and their colours, for the tables of this folder. Knows nothing of cases.
 */

/** What a piece of text is. */
export type Style = 'plain' | 'strong' | 'faint' | 'good' | 'bad';
/** Puts a style on a text, or does not, without changing its length on the screen. */
export type Paint = (style: Style, text: string) => string;

const CODES: Readonly<Record<Style, string | null>> = {
  plain: null,
  strong: '1',
  faint: '2',
  good: '32',
  bad: '31',
};

/** Paints with ANSI codes, or not at all. */
export function painter(color: boolean): Paint {
  return (style, text) => {
    const code = CODES[style];
    return color && code !== null ? `\u001b[${code}m${text}\u001b[0m` : text;
  };
}

/** Words in lines of at most `width` columns; a word that is longer is cut. */
export function wrap(
  text: string,
  width: number,
  first: string,
  further: string = first,
): string[] {
  const lines: string[] = [];
  let line = first;
  for (const word of text.split(' ').flatMap((one) => cutAt(one, width - further.length))) {
    const empty = line === first || line === further;
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = `${further}${word}`;
    } else {
      line += empty ? word : ` ${word}`;
    }
  }
  return [...lines, line];
}

/** Pieces of at most `width` characters, but never shorter than 20. */
export function cutAt(text: string, width: number): readonly string[] {
  const least = Math.max(20, width);
  const pieces: string[] = [];
  for (let from = 0; from < text.length; from += least) {
    pieces.push(text.slice(from, from + least));
  }
  return pieces;
}
