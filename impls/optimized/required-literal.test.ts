import fc from 'fast-check';
import { expect, test } from 'vitest';
import { requiredLiteral } from './required-literal.ts';

test.each([
  ['a plain text', 'error', '', 'error'],
  ['with space that may be any', '"error"\\s*:\\s*\\{', '', '"error"'],
  ['the longest of several', '^ab.*cdef$', '', 'cdef'],
  ['escaped punctuation', '<!DOCTYPE\\.\\[x', '', '<!DOCTYPE.[x'],
  ['what is repeated once at least', 'abcd+e', '', 'abcd'],
  ['what follows a group', '(x|y)?then', '', 'then'],
  ['what follows a class with a bracket in it', '[\\]a]then', '', 'then'],
  ['digits whatever the case', 'x123', 'i', null],
  ['no letter whatever the case', '12-34', 'i', '12-34'],
])('is found: %s', (_, source, flags, expected) => {
  expect(requiredLiteral({ source, flags })).toBe(expected);
});

test.each([
  ['a choice', 'abc|def'],
  ['text within a choice only', '(abc|def)'],
  ['an optional end', 'ab?c*'],
  ['a count', 'a{3}b{2}'],
  ['too short a text', 'ab'],
  ['an escape that is a character', '\\x41bcd'],
  ['a reference back', '(a)\\1bcd'],
  ['a property', '\\p{L}bcd'],
  ['characters beyond ASCII', 'größe'],
  ['a brace that is text', '"a":{"b"'],
  ['a class within a class', '[[a]b]cde'],
])('is not known: %s', (_, source) => {
  expect(requiredLiteral({ source, flags: '' })).toBeNull();
});

/** Sources made of pieces that are each valid by themselves and after each other. */
const SOURCE = fc
  .array(
    fc.oneof(
      fc.constantFrom('a', 'b', 'ab', 'abc', '"', '\\.', '\\{', ':', '1'),
      fc.constantFrom(
        '.',
        '\\d',
        '\\s*',
        '[ab]',
        '[^"]?',
        '(a|b)',
        '(?:abc)?',
        '(?=a)',
        'b+',
        'c*',
      ),
      fc.constantFrom('a?', 'b{2}', 'c{0,2}', '\\b', '\\w+?', '(a(b)c)*', '[\\]]'),
    ),
    { maxLength: 8 },
  )
  .map((pieces) => pieces.join(''));

test('whatever a pattern matches holds the text that it is said to need', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', 'b', 'c', '"', '.', '{', ':', '1', ' ', ']'),
  });
  fc.assert(
    fc.property(SOURCE, fc.array(text, { maxLength: 30 }), (source, others) => {
      const required = requiredLiteral({ source, flags: '' });
      if (required === null) return;
      const regexp = new RegExp(source);
      for (const one of others) if (regexp.test(one)) expect(one).toContain(required);
    }),
    { seed: 5, numRuns: 2000 },
  );
});

test('and so does what is made to match it', () => {
  // Texts are not made for what looks ahead or behind.
  const made = SOURCE.filter((source) => source !== '' && !/\(\?=|\\b|\\w\+\?/.test(source)).chain(
    (source) => fc.tuple(fc.constant(source), fc.stringMatching(new RegExp(source))),
  );
  fc.assert(
    fc.property(made, ([source, text]) => {
      expect(text).toContain(requiredLiteral({ source, flags: '' }) ?? '');
    }),
    { seed: 6, numRuns: 500 },
  );
});
