/** Terminal colours, or none. Whether colour is wanted is the caller's to know. */

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'plain';

const CODES: Readonly<Record<Style, string>> = {
  bold: '1',
  dim: '2',
  red: '31',
  green: '32',
  yellow: '33',
  plain: '',
};

/** Wraps a text in a style's codes. */
export type Paint = (style: Style, text: string) => string;

export function createPaint(color: boolean): Paint {
  return (style, text) =>
    color && style !== 'plain' && text !== '' ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text;
}
