/**
 * Holds `examples/policy.yaml`, which every benchmark uses by default, against the default traffic: a
 * policy that logs nothing of it would measure an idle proxy, one that drops some of it would measure
 * fewer hops than requests. The rules are evaluated here as plainly as docs/proxy-behaviour.md words
 * them, by no implementation's code.
 */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadPolicyFile } from '../../impls/policy/load.ts';
import { normalizePath } from '../../impls/policy/path-normal-form.ts';
import { compilePattern } from '../../impls/policy/pattern.ts';
import type { Pattern, Policy, RequestMatch, ResponseMatch } from '../../impls/policy/policy.ts';
import type { Field } from '../model/scenario.ts';
import type { Exchange } from './exchange.ts';
import { prepareTraffic } from './traffic.ts';
import { WEB_MIX } from './web-mix.ts';

const policy: Policy = await loadPolicyFile(
  fileURLToPath(new URL('../../examples/policy.yaml', import.meta.url)),
);

test.each([1, 2, 3])(
  'the example policy logs 8 to 12 %% of web-mix and drops none of it (seed %i)',
  (seed) => {
    const { exchanges, order } = prepareTraffic(WEB_MIX, seed);
    const logged = exchanges.map((exchange) => isLogged(exchange));
    const share =
      order.reduce((sum, index) => sum + (logged[index] === true ? 1 : 0), 0) / order.length;
    expect(share).toBeGreaterThan(0.08);
    expect(share).toBeLessThan(0.12);
    const dropped = exchanges.filter((one) => dropRuleOf(one) !== undefined);
    expect(dropped.map((one) => `${dropRuleOf(one)}: ${one.method} ${one.target}`)).toEqual([]);
  },
);

function dropRuleOf(exchange: Exchange): string | undefined {
  if (policy.drop.default) return 'default';
  return policy.drop.rules.find((rule) => requestMatches(rule.match, exchange))?.name;
}

function isLogged(exchange: Exchange): boolean {
  return (
    policy.logging.default ||
    policy.responseLogging.default ||
    policy.logging.rules.some((rule) => requestMatches(rule.match, exchange)) ||
    policy.responseLogging.rules.some((rule) => responseMatches(rule.match, exchange))
  );
}

function requestMatches(match: RequestMatch, exchange: Exchange): boolean {
  const { method, target, requestBody } = exchange;
  return (
    (match.methods?.includes(method) ?? true) &&
    anyMatches(match.path?.patterns, normalizePath(target)) &&
    headersMatch(match.headers, requestFields(exchange)) &&
    anyMatches(match.body?.patterns, windowOf(requestBody))
  );
}

function responseMatches(match: ResponseMatch, { answer }: Exchange): boolean {
  const codes = match.statusCodes?.some((code) =>
    typeof code === 'number'
      ? code === answer.status
      : answer.status >= code[0] && answer.status <= code[1],
  );
  return (
    (codes ?? true) &&
    headersMatch(match.headers, answer.fields) &&
    anyMatches(match.body?.patterns, windowOf(answer.body))
  );
}

function headersMatch(
  conditions: Readonly<Record<string, Pattern>> | undefined,
  fields: readonly Field[],
): boolean {
  return Object.entries(conditions ?? {}).every(([name, pattern]) => {
    const values = fields
      .filter((field) => field[0].toLowerCase() === name)
      .map(([, value]) => value);
    return values.length > 0 && compilePattern(pattern).test(values.join(', '));
  });
}

function anyMatches(patterns: readonly Pattern[] | undefined, subject: string): boolean {
  return patterns?.some((pattern) => compilePattern(pattern).test(subject)) ?? true;
}

function windowOf(body: Buffer): string {
  return body.toString('utf8', 0, policy.limits.bodyMatchBytes);
}

function requestFields({ requestBytes, requestBody }: Exchange): Field[] {
  const head = requestBytes.toString('latin1', 0, requestBytes.length - requestBody.length - 4);
  return head
    .split('\r\n')
    .slice(1)
    .map((line): Field => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]);
}
