/** Text as it looks on a terminal, colours included, as an SVG for documents. */

const CHARACTER_WIDTH = 8.4;
const LINE_HEIGHT = 19;
const MARGIN = 20;
const BACKGROUND = '#14161b';
const PLAIN = '#d7dae0';
/** By the number of the terminal's style. */
const STYLES: Readonly<Record<string, string>> = {
  '1': 'font-weight="bold" fill="#ffffff"',
  '2': 'fill="#8b93a1"',
  '31': 'fill="#f2777a"',
  '32': 'fill="#7ec98f"',
  '33': 'fill="#e6c07b"',
};

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** One line of text with escape sequences as one `text` element. */
function drawLine(line: string, index: number): string {
  let style = '';
  let column = 0;
  const spans: string[] = [];
  // Text and escape sequences take turns: the odd parts are the sequences' numbers.
  for (const [at, part] of line.split(/\u001b\[([\d;]*)m/).entries()) {
    if (at % 2 === 1) style = STYLES[part] ?? '';
    else {
      // Word by word, each at its column and with its length, so that columns stay aligned
      // whatever the viewer's font is and however it treats white space.
      for (const word of part.matchAll(/\S+/g)) {
        const x = (MARGIN + (column + word.index) * CHARACTER_WIDTH).toFixed(1);
        const length = (word[0].length * CHARACTER_WIDTH).toFixed(1);
        spans.push(`<tspan x="${x}" textLength="${length}" ${style}>${escapeXml(word[0])}</tspan>`);
      }
      column += part.length;
    }
  }
  return `<text y="${MARGIN + (index + 1) * LINE_HEIGHT}">${spans.join('')}</text>`;
}

/** The picture: `lines` with escape sequences, on a terminal of so many columns; `title` is read aloud. */
export function terminalPicture(
  lines: readonly string[],
  { title, columns }: { readonly title: string; readonly columns: number },
): string {
  const width = 2 * MARGIN + columns * CHARACTER_WIDTH;
  const height = 2 * MARGIN + lines.length * LINE_HEIGHT;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" fill="${PLAIN}">
<title>${escapeXml(title)}</title>
<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>
${lines.map(drawLine).join('\n')}
</svg>
`;
}
