import { expect, test } from 'vitest';
import { compilePattern } from '../policy/pattern.ts';
import { FieldsAsked } from './field-values.ts';
import { compileResponseRule, mayMatch, selectByBody } from './rules.ts';

const rule = (...patterns: readonly string[]) =>
  compileResponseRule(
    {
      name: 'errors',
      match: { body: { patterns: patterns.map((source) => ({ source, flags: '' })) } },
    },
    { pattern: compilePattern, fields: new FieldsAsked() },
  );

test('a body is looked at where it is, and no further', () => {
  const bytes = Buffer.from('error: {"failed": 1} error:');
  const whole = (text: string): boolean => mayMatch([rule(text)], bytes, 7, 20);
  expect(whole('"failed"\\s*:')).toBe(true);
  expect(whole('error:')).toBe(false);
  // What is known of no fixed text has to be searched for.
  expect(whole('error:|fine')).toBe(true);
});

test('no text is made of a body that lacks what every pattern needs', () => {
  let texts = 0;
  const body = (text: string) => ({
    mayHold: (bytes: Buffer): boolean => text.includes(bytes.toString()),
    text: (): string => {
      texts += 1;
      return text;
    },
  });
  const rules = [rule('"error"\\s*:', '"failed"'), rule('status: \\d')];
  expect(selectByBody(rules, body('all is well'))).toBeNull();
  expect(texts).toBe(0);
  expect(selectByBody(rules, body('"error" , status: 5'))).toBe(rules[1]);
  expect(texts).toBe(1);
});
