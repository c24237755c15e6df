import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePattern } from './pattern.ts';

describe('a compiled pattern', () => {
  test.each([
    ['^/static/$', '', 'exact'],
    ['^/static/', '', 'prefix'],
    ['\\.png$', '', 'suffix'],
    ['application/json', '', 'contains'],
    ['', '', 'contains'],
    ['^$', '', 'exact'],
    ['a\\.b\\*', '', 'contains'],
    ['^/[0-9]', '', 'regexp'],
    ['a.b', '', 'regexp'],
    ['a|b', '', 'regexp'],
    ['\\d', '', 'regexp'],
    ['a{2}', '', 'regexp'],
    ['bot', 'i', 'regexp'],
    ['/404/', 'i', 'contains'],
    ['é', 'i', 'regexp'],
    ['a^', '', 'regexp'],
    ['$a', '', 'regexp'],
    ['a\\$', '', 'contains'],
    ['a\\', '', null],
  ] as const)('%j with flags %j is of kind %j', (source, flags, kind) => {
    if (kind === null) expect(() => compilePattern({ source, flags })).toThrow(SyntaxError);
    else expect(compilePattern({ source, flags }).kind).toBe(kind);
  });

  test('means what the regular expression means, whatever kind it is', () => {
    const unit = fc.constantFrom(
      'a',
      'B',
      '/',
      '.',
      '^',
      '$',
      '\\.',
      '\\/',
      '\\$',
      'é',
      '\n',
      '😀',
    );
    const subjects = fc.string({
      unit: fc.constantFrom('a', 'b', 'B', '/', '.', '^', '$', 'é', 'É', '\n', '😀'),
      maxLength: 6,
    });
    fc.assert(
      fc.property(
        fc.string({ unit, maxLength: 4 }),
        fc.constantFrom('', 'i', 's', 'u', 'isu'),
        subjects,
        (source, flags, subject) => {
          const expected = new RegExp(source, flags).test(subject);
          expect(compilePattern({ source, flags }).test(subject)).toBe(expected);
        },
      ),
      { seed: 3, numRuns: 5000 },
    );
  });

  test('answers the same every time: no state is kept between calls', () => {
    const pattern = compilePattern({ source: 'a[b]', flags: 'g' });
    expect([pattern.test('ab'), pattern.test('ab'), pattern.test('ab')]).toEqual([
      true,
      true,
      true,
    ]);
  });
});
