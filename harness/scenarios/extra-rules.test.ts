import { expect, test } from 'vitest';
import { createPolicy } from '../../impls/policy/load.ts';
import { compilePattern } from '../../impls/policy/pattern.ts';
import { withExtraRules } from './extra-rules.ts';
import { prepareTraffic } from './traffic.ts';
import { WEB_MIX } from './web-mix.ts';

const policy = withExtraRules(createPolicy(), 1000);
const rules = [...policy.drop.rules, ...policy.logging.rules];

test('there are as many as were asked for, half of which would drop, and they come last', () => {
  expect([policy.drop.rules.length, policy.logging.rules.length]).toEqual([500, 500]);
  expect(new Set(rules.map(({ name }) => name)).size).toBe(1000);
  const twice = withExtraRules(policy, 3);
  expect(twice.drop.rules.slice(0, 500)).toEqual(policy.drop.rules);
  expect(withExtraRules(policy, 0)).toEqual(policy);
});

test('none means any request of web-mix: by its path, or by a field that none has', () => {
  const { exchanges } = prepareTraffic(WEB_MIX, 1);
  const paths = [...new Set(exchanges.map(({ target }) => target.split('?')[0] ?? ''))];
  for (const { match } of rules) {
    if (match.headers !== undefined) {
      expect(Object.keys(match.headers)).toEqual(['x-unasked']);
      continue;
    }
    const patterns = (match.path?.patterns ?? []).map((one) => compilePattern(one));
    expect(patterns).toHaveLength(1);
    expect(paths.filter((path) => patterns.some((one) => one.test(path)))).toEqual([]);
  }
});
