import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withReference } from './cli-reference.ts';

const DOCUMENT = readFileSync(new URL('../docs/cli.md', import.meta.url), 'utf8');

test('docs/cli.md says of every command what it takes (npm run reference)', () => {
  expect(withReference(DOCUMENT)).toBe(DOCUMENT);
});

test('an option that is not told is found', () => {
  const without = DOCUMENT.replace(/^\| `--rounds .*\n/m, '');
  expect(without).not.toBe(DOCUMENT);
  expect(withReference(without)).toBe(DOCUMENT);
});

test('a command without a part, and a part of no command, are errors', () => {
  const renamed = DOCUMENT.replace('<!-- reference: soak -->', '<!-- reference: soap -->');
  expect(() => withReference(renamed)).toThrow('no command soap');
  const dropped = DOCUMENT.replace(/<!-- reference: soak -->[\s\S]*?<!-- end -->/, '');
  expect(() => withReference(dropped)).toThrow('without a part: soak');
});
