import { describe, expect, test } from 'vitest';
import { createPolicy, type PolicyInput } from '../policy/load.ts';
import { byName, type Field } from './fields.ts';
import { selectForRequest, selectForResponse, windowText } from './rules.ts';

type Match = NonNullable<NonNullable<PolicyInput['drop']>['rules']>[number]['match'];

function drops(
  match: Match,
  fields: readonly Field[] = [],
  method = 'GET',
  bodyText = '',
): boolean {
  const { drop } = createPolicy({ drop: { rules: [{ name: 'rule', match }] } });
  const subject = { method, target: '/a/%7Eb/../c?q=1', valuesByName: byName(fields), bodyText };
  return selectForRequest(drop, subject).kind === 'rule';
}

describe('a request rule', () => {
  test('sees the path in its normal form, without the query', () => {
    expect(drops({ path: { patterns: ['^/a/c$'] } })).toBe(true);
    expect(drops({ path: { patterns: ['q=1'] } })).toBe(false);
  });

  test('needs every condition, and any member of a list', () => {
    const path = { patterns: ['^/nowhere', '^/a'] };
    expect(drops({ path, methods: ['PUT', 'GET'] })).toBe(true);
    expect(drops({ path, methods: ['PUT'] })).toBe(false);
    expect(drops({ path, methods: ['get'] })).toBe(false);
  });

  test('sees a repeated header as one value, and an absent one not at all', () => {
    const fields: Field[] = [
      ['X-A', 'one'],
      ['x-a', 'two'],
    ];
    expect(drops({ headers: { 'x-a': '^one, two$' } }, fields)).toBe(true);
    expect(drops({ headers: { 'x-b': '' } }, fields)).toBe(false);
  });

  test('takes a header called __proto__ or constructor as any other', () => {
    expect(drops({ headers: { constructor: '' } })).toBe(false);
    expect(drops({ headers: { constructor: 'v' } }, [['Constructor', 'v']])).toBe(true);
    expect(byName([['__proto__', 'v']]).get('__proto__')).toEqual(['v']);
  });

  test('looks at the first 8192 characters of a header', () => {
    const fields: Field[] = [['x', `${'a'.repeat(8191)}bc`]];
    expect(drops({ headers: { x: 'b' } }, fields)).toBe(true);
    expect(drops({ headers: { x: 'c' } }, fields)).toBe(false);
  });

  test('finds a body, which is empty where there is none', () => {
    expect(drops({ body: { patterns: ['^$'] } })).toBe(true);
    expect(drops({ body: { patterns: ['secret'] } }, [], 'POST', 'a secret')).toBe(true);
  });
});

test('the first rule that matches wins, and the default applies where none does', () => {
  const set = (on: boolean) =>
    createPolicy({
      drop: {
        default: on,
        rules: [
          { name: 'never', match: { methods: ['PUT'] } },
          { name: 'first', match: { methods: ['GET'] } },
          { name: 'second', match: { methods: ['GET'] } },
        ],
      },
    }).drop;
  const subject = (method: string) => ({
    method,
    target: '/',
    valuesByName: byName([]),
    bodyText: '',
  });
  const selected = selectForRequest(set(true), subject('GET'));
  expect(selected.kind === 'rule' && selected.rule.name).toBe('first');
  expect(selectForRequest(set(true), subject('POST')).kind).toBe('default');
  expect(selectForRequest(set(false), subject('POST')).kind).toBe('none');
});

test('a response rule takes codes, ranges with both ends, fields and the body', () => {
  const { responseLogging } = createPolicy({
    responseLogging: {
      rules: [
        {
          name: 'errors',
          match: {
            statusCodes: [404, [500, 599]],
            headers: { 'x-a': '1' },
            body: { patterns: ['oops'] },
          },
        },
      ],
    },
  });
  const matches = (statusCode: number, value = '1', bodyText = 'oops') =>
    selectForResponse(responseLogging, {
      statusCode,
      valuesByName: byName([['X-A', value]]),
      bodyText,
    }).kind === 'rule';
  expect([404, 500, 599].map((code) => matches(code))).toEqual([true, true, true]);
  expect([403, 499, 600].map((code) => matches(code))).toEqual([false, false, false]);
  expect([matches(404, '2'), matches(404, '1', 'fine')]).toEqual([false, false]);
});

test('a character that the window cuts is left out, one that the body cuts is replaced', () => {
  const euro = Buffer.from('a€');
  expect(windowText(euro, 3)).toBe('a');
  expect(windowText(euro.subarray(0, 3), 3)).toBe('a\ufffd');
  expect(windowText(Buffer.from('\ufeffa'), 10)).toBe('\ufeffa');
});
