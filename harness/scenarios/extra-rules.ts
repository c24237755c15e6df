/**
 * Rules that match nothing, for scenarios that ask what many rules cost: a path below a folder, a file
 * ending, a path with a number in it, a header's value. All of their names hold a word that no request does.
 */
import type { Pattern, Policy, RequestMatch } from '../../impls/policy/policy.ts';

const RESPONSE = { statusCode: 403, body: '', headers: {} };
const CAPTURE = { method: true, path: true, headers: false, body: false, timing: true };

/** The policy with so many more rules at the end, half of which would drop and half log. */
export function withExtraRules(policy: Policy, count: number): Policy {
  const matches = Array.from({ length: count }, (_, index) => matchOf(index));
  const half = Math.ceil(count / 2);
  return {
    ...policy,
    drop: {
      ...policy.drop,
      rules: [
        ...policy.drop.rules,
        ...matches
          .slice(0, half)
          .map((match, i) => ({ name: `extra-drop-${i}`, match, response: RESPONSE })),
      ],
    },
    logging: {
      ...policy.logging,
      rules: [
        ...policy.logging.rules,
        ...matches
          .slice(half)
          .map((match, i) => ({ name: `extra-log-${i}`, match, capture: CAPTURE })),
      ],
    },
  };
}

function matchOf(index: number): RequestMatch {
  const word = `unasked-${index}`;
  switch (index % 4) {
    case 0:
      return pathMatch(`^/${word}/`);
    case 1:
      return pathMatch(`\\.${word}$`);
    case 2:
      return pathMatch(`^/${word}/\\d+(/edit)?$`);
    default:
      return { ...pathMatch('^/'), headers: { 'x-unasked': pattern(`^${word}$`) } };
  }
}

function pathMatch(source: string): RequestMatch {
  return { path: { patterns: [pattern(source)] } };
}

function pattern(source: string): Pattern {
  return { source, flags: '' };
}
