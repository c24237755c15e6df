import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CompiledPattern, compilePattern } from '../policy/pattern.ts';
import { FieldTable, readFields } from './field-reader.ts';
import { FieldsAsked } from './field-values.ts';

/** Reads fields into a table, as a head does. */
function read(table: FieldTable, fields: readonly (readonly [string, string])[]): Buffer {
  const text = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const bytes = Buffer.from(`${text}\r\n`, 'latin1');
  expect(readFields(bytes, 0, bytes.length, table, 100)).toBe(bytes.length);
  return bytes;
}

/** An expression that counts how often it was asked. */
function counting(source: string): { readonly pattern: CompiledPattern; asked: number } {
  const regexp = new RegExp(source);
  const counted = {
    asked: 0,
    pattern: {
      kind: 'regexp' as const,
      regexp,
      test: (subject: string): boolean => {
        counted.asked += 1;
        return regexp.test(subject);
      },
    },
  };
  return counted;
}

describe('what is known of a field', () => {
  test('is asked once a head, however often a rule wants it', () => {
    const asked = new FieldsAsked();
    const bot = counting('bot|spider');
    const field = asked.get('User-Agent');
    const position = field.add(bot.pattern);
    expect(asked.get('user-agent')).toBe(field);
    expect(field.add(bot.pattern)).toBe(position);
    const table = new FieldTable(8);
    const bytes = read(table, [['user-agent', 'a spider']]);
    for (let again = 0; again < 3; again += 1)
      expect(field.holds(position, bytes, table)).toBe(true);
    expect(bot.asked).toBe(1);
    expect(field.holds(position, read(table, [['user-agent', 'a reader']]), table)).toBe(false);
    expect(bot.asked).toBe(2);
  });

  test('is remembered for values that come again, and forgotten for none of the others', () => {
    const asked = new FieldsAsked();
    const bot = counting('bot');
    const position = asked.get('user-agent').add(bot.pattern);
    asked.remember();
    const table = new FieldTable(8);
    const holds = (value: string): boolean =>
      asked.get('user-agent').holds(position, read(table, [['User-Agent', value]]), table);
    for (let again = 0; again < 10; again += 1) {
      expect(holds('robot')).toBe(true);
      expect(holds('browser')).toBe(false);
    }
    expect(bot.asked).toBe(4);
    for (let other = 0; other < 5000; other += 1) holds(`once ${other}`);
    bot.asked = 0;
    holds('robot');
    expect(bot.asked).toBe(0);
  });

  test('a field that is not there matches nothing, an empty one what matches nothing', () => {
    const field = new FieldsAsked().get('x-debug');
    const position = field.add(compilePattern({ source: '^$', flags: '' }));
    const table = new FieldTable(8);
    expect(field.holds(position, read(table, [['x-other', '']]), table)).toBe(false);
    expect(field.holds(position, read(table, [['x-debug', '']]), table)).toBe(true);
  });

  test('is the same with and without a memory, for any heads in any order', () => {
    const sources = ['^a', 'b$', 'a.b', '(a|b){2}', 'ab', '^$'];
    const name = fc.constantFrom('x', 'y', 'X', 'other');
    const value = fc.string({ unit: fc.constantFrom('a', 'b', ' '), maxLength: 4 });
    const heads = fc.array(fc.array(fc.tuple(name, value), { maxLength: 4 }), { maxLength: 20 });
    fc.assert(
      fc.property(heads, (all) => {
        const patterns = sources.map((source) => compilePattern({ source, flags: '' }));
        const asked = new FieldsAsked();
        const conditions = ['x', 'y'].flatMap((field) =>
          patterns.map((pattern) => ({ field, pattern, position: asked.get(field).add(pattern) })),
        );
        asked.remember();
        const table = new FieldTable(8);
        for (const head of [...all, ...all, ...all]) {
          const bytes = read(table, head);
          for (const { field, pattern, position } of conditions) {
            const values = head.filter(([own]) => own.toLowerCase() === field);
            const joined = values.map(([, own]) => own.trim()).join(', ');
            const expected = values.length > 0 && pattern.test(joined);
            expect(asked.get(field).holds(position, bytes, table)).toBe(expected);
          }
        }
      }),
      { seed: 3, numRuns: 60 },
    );
  });
});
