/**
 * Which rule a message selects. Every pattern is compiled when it is needed, for each request
 * anew: the plan's starting point. What a match means is in docs/proxy-behaviour.md, Rules.
 */
import { normalizePath } from '../policy/path-normal-form.ts';
import { MAX_SUBJECT_CHARACTERS } from '../policy/pattern.ts';
import type { Pattern, RequestMatch, ResponseMatch, RuleSet } from '../policy/policy.ts';

/** What request rules look at. */
export interface RequestSubject {
  readonly method: string;
  /** As received. */
  readonly target: string;
  readonly valuesByName: ReadonlyMap<string, readonly string[]>;
  /** The body's window as text. */
  readonly bodyText: string;
}

/** What response rules look at. */
export interface ResponseSubject {
  readonly statusCode: number;
  readonly valuesByName: ReadonlyMap<string, readonly string[]>;
  readonly bodyText: string;
}

/** What a set of rules decided: the rule that matched, the set's default, or nothing. */
export type Selection<Rule> =
  | { readonly kind: 'rule'; readonly rule: Rule }
  | { readonly kind: 'default' }
  | { readonly kind: 'none' };

/** The first rule of a set that matches a request. */
export function selectForRequest<Rule extends { readonly match: RequestMatch }>(
  set: RuleSet<Rule>,
  subject: RequestSubject,
): Selection<Rule> {
  return select(set, (rule) => matchesRequest(rule.match, subject));
}

/** The first rule of a set that matches a response. */
export function selectForResponse<Rule extends { readonly match: ResponseMatch }>(
  set: RuleSet<Rule>,
  subject: ResponseSubject,
): Selection<Rule> {
  return select(set, (rule) => matchesResponse(rule.match, subject));
}

function select<Rule>(set: RuleSet<Rule>, matches: (rule: Rule) => boolean): Selection<Rule> {
  const rule = set.rules.find(matches);
  if (rule !== undefined) return { kind: 'rule', rule };
  return set.default ? { kind: 'default' } : { kind: 'none' };
}

function matchesRequest(match: RequestMatch, subject: RequestSubject): boolean {
  if (match.methods !== undefined && !match.methods.includes(subject.method)) return false;
  if (match.path !== undefined && !anyFound(match.path.patterns, normalizePath(subject.target))) {
    return false;
  }
  if (match.headers !== undefined && !headersMatch(match.headers, subject.valuesByName)) {
    return false;
  }
  return match.body === undefined || anyFound(match.body.patterns, subject.bodyText);
}

function matchesResponse(match: ResponseMatch, subject: ResponseSubject): boolean {
  if (match.statusCodes !== undefined && !statusMatches(match.statusCodes, subject.statusCode)) {
    return false;
  }
  if (match.headers !== undefined && !headersMatch(match.headers, subject.valuesByName)) {
    return false;
  }
  return match.body === undefined || anyFound(match.body.patterns, subject.bodyText);
}

function statusMatches(
  codes: readonly (number | readonly [number, number])[],
  statusCode: number,
): boolean {
  return codes.some((code) =>
    typeof code === 'number' ? code === statusCode : code[0] <= statusCode && statusCode <= code[1],
  );
}

function headersMatch(
  conditions: Readonly<Record<string, Pattern>>,
  valuesByName: ReadonlyMap<string, readonly string[]>,
): boolean {
  return Object.entries(conditions).every(([name, pattern]) => {
    const values = valuesByName.get(name);
    return (
      values !== undefined && found(pattern, values.join(', ').slice(0, MAX_SUBJECT_CHARACTERS))
    );
  });
}

/** Whether any of the patterns is found in the subject. */
export function anyFound(patterns: readonly Pattern[], subject: string): boolean {
  return patterns.some((pattern) => found(pattern, subject));
}

function found(pattern: Pattern, subject: string): boolean {
  return new RegExp(pattern.source, pattern.flags).test(subject);
}

/**
 * The first `windowBytes` of a body as UTF-8 with replacement; a character that the window's end
 * cuts is left out.
 */
export function windowText(body: Buffer, windowBytes: number): string {
  const isCut = body.length > windowBytes;
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return decoder.decode(isCut ? body.subarray(0, windowBytes) : body, { stream: isCut });
}
