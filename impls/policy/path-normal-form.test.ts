import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalizePath } from './path-normal-form.ts';

describe('the normal form of a path', () => {
  test.each([
    ['/', '/'],
    ['/a/b.html', '/a/b.html'],
    ['/a?b=/../c', '/a'],
    ['/?', '/'],
    ['/%61%7e%2D', '/a~-'],
    ['/%2f%3a', '/%2F%3A'],
    ['/a%zz%4', '/a%zz%4'],
    ['//a///b//', '/a/b/'],
    ['/a/./b/../c', '/a/c'],
    ['/a/..', '/'],
    ['/a/b/..', '/a/'],
    ['/a/.', '/a/'],
    ['/../../etc', '/etc'],
    ['/%2e%2E/etc', '/etc'],
    ['/.env', '/.env'],
    ['/...', '/...'],
    ['/wp%2dlogin.php?x', '/wp-login.php'],
    ['/%2561', '/%2561'],
    ['*', '*'],
    ['http://host.example', '/'],
    ['http://host.example?x', '/'],
    ['HTTP://host.example:80//a/%2e/b?c', '/a/b'],
    ['', '/'],
  ])('of %j is %j', (target, expected) => {
    expect(normalizePath(target)).toBe(expected);
  });

  test('a decoded digit never completes a malformed escape', () => {
    expect(normalizePath('/%%34%31')).toBe('/%%341');
    expect(normalizePath('/%4%31')).toBe('/%4%31');
    expect(normalizePath('/%25%34%31')).toBe('/%2541');
  });

  test('is the normal form of itself, for any target', () => {
    const unit = fc.constantFrom('/', '.', '%', '2', 'e', '5', '4', '1', 'a', '?', '*', ':', 'é');
    const targets = fc.oneof(fc.string({ unit, maxLength: 24 }), fc.string());
    fc.assert(
      fc.property(targets, (target) => {
        const once = normalizePath(target);
        expect(normalizePath(once)).toBe(once);
        expect(once === '*' || once.startsWith('/')).toBe(true);
        expect(once).not.toMatch(/\/\/|\/\.\.?(\/|$)/);
      }),
      { seed: 7, numRuns: 5000 },
    );
  });
});
