/**
 * The built-in names as help texts show them: a line a kind.
 */
import { NAMES_BY_KIND } from '../../impls/registry.ts';

const WIDTH = 80;
const INDENT = 2 + Math.max(...Object.keys(NAMES_BY_KIND).map((kind) => kind.length)) + 2;

/** Several lines, without a line feed at their end. */
export const BUILT_IN_HELP: string = [
  'Built-in names:',
  ...Object.entries(NAMES_BY_KIND).flatMap(([kind, names]) => {
    const [first = '', ...more] = linesOf(names);
    return [`  ${kind}`.padEnd(INDENT) + first, ...more.map((line) => ' '.repeat(INDENT) + line)];
  }),
].join('\n');

function linesOf(names: readonly string[]): string[] {
  const lines: string[] = [''];
  for (const [index, name] of names.entries()) {
    const word = index < names.length - 1 ? `${name},` : name;
    const line = lines.at(-1) ?? '';
    if (line === '') lines[lines.length - 1] = word;
    else if (INDENT + line.length + 1 + word.length <= WIDTH) lines[lines.length - 1] += ` ${word}`;
    else lines.push(word);
  }
  return lines;
}
