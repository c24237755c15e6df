import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkPattern } from './pattern-safety.ts';

const ORDINARY = [
  '^/api/v[0-9]+/users',
  '\\.(png|jpe?g|gif|css|js)$',
  'bot|crawler|spider',
  'application/json',
  '^/static/',
  '"password"\\s*:',
  '"query"\\s*:\\s*"mutation',
  '^/files/.+\\.(tar\\.gz|zip|iso)$',
  '^/(blog|projects)/[0-9]{4}/[a-z0-9-]+\\.html$',
  '^[^/]+/[^/]+$',
  '^(?!/internal/)',
  '\\bbot\\b',
  '(?:[0-9]{1,3}\\.){3}[0-9]{1,3}',
  '^.*\\.php$',
  '',
];

const CATASTROPHIC = [
  '(a+)+$',
  '^(a+)+$',
  '([a-zA-Z]+)*$',
  '(a|aa)+$',
  '(a|a?)+$',
  '(.*a){20}',
  '(a|a)*b',
  '(x+x+)+y',
  '^(([a-z])+.)+[A-Z]([a-z])+$',
  '^(\\w+\\s?)*$',
  '(a?){30}a{30}',
  '(?:(a*)*)*b',
  '(?=(a+)+$)x',
  '(?!(a+)+$)x',
  '^(?:.*,){11}P',
  '^([a-zA-Z0-9])(([\\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$',
  '((a?)?){30}b',
  '(?:(?:b?|c?)a)+$',
  '(k|\\w)+[!]',
];

const POLYNOMIAL = [
  '\\s+$',
  'a*a*b',
  '.*foo',
  '.*.*foo',
  'a.*b',
  '\\d+\\.\\d+',
  '[a-z]+@[a-z]+\\.com',
  'foo.*bar.*baz',
  '^/a/.*/b/.*/c$',
  'a{1,100}a{1,100}b',
  '[^]*x',
];

describe('a pattern that is searched for in hostile text', () => {
  test.each(ORDINARY)(
    '%j is accepted, with and without flags, in the default body window',
    (source) => {
      for (const flags of ['', 'i', 'iu']) {
        expect(checkPattern({ source, flags }, 16_384)).toBeNull();
      }
    },
  );

  test.each([...CATASTROPHIC, ...POLYNOMIAL])('%j is refused, with and without flags', (source) => {
    // `[^]` is every character, so the flag s changes nothing; `-` may not be escaped with u.
    for (const flags of ['', 'i', 's', 'u', 'isu']) {
      const problem = checkPattern({ source, flags });
      expect(problem?.kind).toMatch(/^(too-slow|unjudgeable|invalid)$/);
      if (flags !== 'u' && flags !== 'isu') expect(problem?.kind).not.toBe('invalid');
      expect(problem?.pattern).toEqual({ source, flags });
    }
  });

  test('a cost that only another case of a letter brings is seen', () => {
    expect(checkPattern({ source: '^(?:k|K)+$', flags: '' })).toBeNull();
    expect(checkPattern({ source: '^(?:k|K)+$', flags: 'i' })?.kind).toBe('too-slow');
    expect(checkPattern({ source: '^(?:s|ſ)+$', flags: '' })).toBeNull();
    expect(checkPattern({ source: '^(?:s|ſ)+$', flags: 'iu' })?.kind).toBe('too-slow');
    expect(checkPattern({ source: '^(?:[^k]|K)+$', flags: '' })?.kind).toBe('too-slow');
    expect(checkPattern({ source: '^(?:[^k]|K)+$', flags: 'i' })).toBeNull();
    expect(checkPattern({ source: '^(?:ж|Ж)+$', flags: 'i' })?.kind).toBe('too-slow');
  });

  test('a longer text is judged more strictly', () => {
    const pattern = { source: '[a-z]{80}x', flags: '' };
    expect(checkPattern(pattern, 8192)).toBeNull();
    expect(checkPattern(pattern, 65_536)?.kind).toBe('too-slow');
    // Its attempts are short, but too many situations differ for the exact count.
    expect(checkPattern({ source: 'bot.{0,20}google', flags: 'i' })).toBeNull();
  });

  test('what cannot be judged is refused with a remedy', () => {
    for (const source of ['(a)\\1', '(?<=a)b', '(?<!a)b', 'a{4000}', '(?i:a)']) {
      const problem = checkPattern({ source, flags: '' });
      expect(problem?.kind).toMatch(/^(unjudgeable|too-slow)$/);
      expect(problem?.remedy).toMatch(/^(use|write|a) /);
    }
  });

  test('invalid, overlong and wrongly flagged patterns are refused as such', () => {
    expect(checkPattern({ source: '[', flags: '' })?.kind).toBe('invalid');
    expect(checkPattern({ source: '\\', flags: '' })?.kind).toBe('invalid');
    expect(checkPattern({ source: 'a'.repeat(1025), flags: '' })?.kind).toBe('too-long');
    for (const flags of ['g', 'y', 'm', 'ii', 'si', 'v', 'd']) {
      expect(checkPattern({ source: 'a', flags })?.kind).toBe('flags');
    }
  });

  test('any pattern at all gets a verdict', () => {
    const unit = fc.constantFrom('a', 'b', '.', '*', '+', '?', '(', ')', '|', '[^', ']', '^', '$');
    const sources = fc.string({ unit, maxLength: 14 });
    fc.assert(
      fc.property(sources, fc.constantFrom('', 'i', 'su'), (source, flags) => {
        const problem = checkPattern({ source, flags }, 64);
        let isValid = true;
        try {
          new RegExp(source, flags);
        } catch {
          isValid = false;
        }
        expect(problem?.kind === 'invalid').toBe(!isValid);
      }),
      { seed: 5, numRuns: 2000 },
    );
  });
});
