import { describe, expect, test } from 'vitest';
import { isRedactedField, redactTarget } from './redact.ts';

const names = new Set(['token', 'password']);

describe('redaction of a target', () => {
  test.each([
    ['/a', '/a'],
    ['/token=1', '/token=1'],
    ['/a?', '/a?'],
    ['/a?b=1', '/a?b=1'],
    ['/a?token=1', '/a?token=[redacted]'],
    ['/a?TOKEN=1&b=2', '/a?TOKEN=[redacted]&b=2'],
    ['/a?b=2&token=1&token=2', '/a?b=2&token=[redacted]&token=[redacted]'],
    ['/a?token=x=y', '/a?token=[redacted]'],
    ['/a?token=', '/a?token='],
    ['/a?token', '/a?token'],
    ['/a?token&b', '/a?token&b'],
    ['/a?&&token=1&&', '/a?&&token=[redacted]&&'],
    ['/a?%74oken=1', '/a?%74oken=[redacted]'],
    ['/a?%74%6F%6b%65%6e=1&b=%20', '/a?%74%6F%6b%65%6e=[redacted]&b=%20'],
    ['/a?%zz=1&%74oken%=1', '/a?%zz=1&%74oken%=1'],
    ['/a?+token=1', '/a?+token=[redacted]'],
    ['/a??token=1', '/a??token=[redacted]'],
    ['/a?b=1;token=2;c=3', '/a?b=1;token=[redacted];c=3'],
    ['/a?token=2;rest&c=3', '/a?token=[redacted]&c=3'],
    ['/a?token=2;rest;more', '/a?token=[redacted]'],
    ['/a?b=1;rest', '/a?b=1;rest'],
    ['/a?user[password]=1&token[]=2', '/a?user[password]=[redacted]&token[]=[redacted]'],
    ['/a?user%5Bpassword%5D=1', '/a?user%5Bpassword%5D=[redacted]'],
    ['/a?notoken=1&tokens=2', '/a?notoken=1&tokens=2'],
    ['/a?__proto__=1', '/a?__proto__=1'],
    ['http://h.example/?token=1', 'http://h.example/?token=[redacted]'],
  ])('of %j is %j', (target, expected) => {
    expect(redactTarget(target, names)).toBe(expected);
  });

  test('a name whose escapes are not UTF-8 is decoded byte by byte', () => {
    expect(redactTarget('/?%FF%5Btoken%5D=1', names)).toBe('/?%FF%5Btoken%5D=[redacted]');
  });
});

describe('redacted fields', () => {
  test('the four that carry credentials are redacted whatever the list says', () => {
    for (const name of ['authorization', 'cookie', 'set-cookie', 'proxy-authorization']) {
      expect(isRedactedField(name, new Set())).toBe(true);
    }
  });

  test('others are redacted as listed', () => {
    expect(isRedactedField('x-api-key', new Set(['x-api-key']))).toBe(true);
    expect(isRedactedField('x-api-key', new Set())).toBe(false);
    expect(isRedactedField('__proto__', new Set())).toBe(false);
  });
});
