import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { expect, test } from 'vitest';
import { terminalPicture } from './terminal-picture.ts';

test('a picture has every word at its column, in its colour, and says what it shows', () => {
  const lines = ['\u001b[32m✓ hop-p50\u001b[0m   0.5x', '', '<a & b>'];
  const picture = terminalPicture(lines, { title: 'Improved <by> half', columns: 80 });
  expect(XMLValidator.validate(picture)).toBe(true);
  const { svg } = new XMLParser({ ignoreAttributes: false }).parse(picture);
  expect(svg.title).toBe('Improved <by> half');
  const [first, , third] = svg.text;
  const words = first.tspan.map((span: Record<string, string>) => [
    span['#text'] ?? span,
    Number(span['@_x']),
    span['@_fill'],
  ]);
  expect(words).toEqual([
    ['✓', 20, '#7ec98f'],
    ['hop-p50', 20 + 2 * 8.4, '#7ec98f'],
    ['0.5x', 120.8, undefined],
  ]);
  expect(third.tspan.map((span: Record<string, string>) => span['#text'])).toEqual([
    '<a',
    '&',
    'b>',
  ]);
});
