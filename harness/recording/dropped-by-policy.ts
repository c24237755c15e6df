/**
 * Which recorded requests a policy drops: they never reach the origin, so a run under that policy
 * could not answer them as they were recorded. Rules that look into bodies match none, since a
 * recording does not have them.
 */
import { normalizePath } from '../../impls/policy/path-normal-form.ts';
import { compilePattern } from '../../impls/policy/pattern.ts';
import type { Pattern, Policy, RequestMatch } from '../../impls/policy/policy.ts';
import type { RecordedExchange } from '../model/scenario.ts';

/** A test of whether a request is dropped. */
export function droppedBy({ drop }: Policy): (exchange: RecordedExchange) => boolean {
  const matchers = drop.rules.map(({ match }) => matcherOf(match));
  return (exchange) => drop.default || matchers.some((matches) => matches(exchange));
}

function matcherOf(match: RequestMatch): (exchange: RecordedExchange) => boolean {
  const path = match.path === undefined ? null : searchOf(match.path.patterns);
  const headers = Object.entries(match.headers ?? {}).map(
    ([name, pattern]) => [name, searchOf([pattern])] as const,
  );
  return ({ method, target, fields }) =>
    match.body === undefined &&
    (match.methods?.includes(method) ?? true) &&
    (path?.(normalizePath(target)) ?? true) &&
    headers.every(([name, search]) => {
      const values = fields.flatMap(([other, value]) =>
        other.toLowerCase() === name ? [value] : [],
      );
      return values.length > 0 && search(values.join(', '));
    });
}

function searchOf(patterns: readonly Pattern[]): (subject: string) => boolean {
  const compiled = patterns.map(compilePattern);
  return (subject) => compiled.some((pattern) => pattern.test(subject));
}
