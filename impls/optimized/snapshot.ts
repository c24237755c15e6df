/**
 * A policy compiled for the hot path: immutable, made once at load, swapped at once on reload and
 * taken once a request, so that no request ever sees half of a configuration and none takes a lock.
 */
import { normalizePath } from '../policy/path-normal-form.ts';
import type { CompiledPattern } from '../policy/pattern.ts';
import type {
  DropRule,
  Limits,
  LoggingRule,
  Pattern,
  Policy,
  ResponseLoggingRule,
} from '../policy/policy.ts';
import { ALWAYS_REDACTED_FIELDS } from '../policy/redact.ts';
import type { HitCounter } from './counters.ts';
import { DecisionCache } from './decision-cache.ts';
import { FieldsAsked } from './field-values.ts';
import type { PatternSource } from './pattern-cache.ts';
import {
  type CompiledRule,
  compileRequestRule,
  compileResponseRule,
  selectByPath,
  selectByStatus,
} from './rules.ts';
import { trustedBy } from './trusted-peers.ts';

/** What a method and a path leave to decide. */
export interface Decision {
  readonly drops: readonly CompiledRule<DropRule>[];
  readonly loggings: readonly CompiledRule<LoggingRule>[];
}

export interface Snapshot {
  readonly policy: Policy;
  readonly limits: Limits;
  /** Whether a line may ever be logged; if not, no clock is read for one. */
  readonly logs: boolean;
  readonly dropsByDefault: boolean;
  readonly logsByDefault: boolean;
  readonly logsAnswersByDefault: boolean;
  readonly redactedFields: ReadonlySet<string>;
  readonly redactedQuery: ReadonlySet<string>;
  /** What a method, one space and a path as received (without its query) leave to decide. */
  decide(methodAndPath: string): Decision;
  /** The response rules that an answer of this status may match. */
  answerRules(status: number): readonly CompiledRule<ResponseLoggingRule>[];
  /** Whether forwarded headers from this address are believed. */
  trusts(address: string): boolean;
}

/** A snapshot, and how many of its different patterns were in the cache and how many were not. */
export interface CompiledPolicy {
  readonly snapshot: Snapshot;
  readonly rules: number;
  readonly patternsKept: number;
  readonly patternsCompiled: number;
}

/**
 * Compiles a validated policy. Decisions are kept and counted in `decisions`, across snapshots; null:
 * they are not kept.
 *
 * @throws SyntaxError if a pattern is not valid.
 */
export function compilePolicy(
  policy: Policy,
  patterns: PatternSource,
  decisions: HitCounter | null,
): CompiledPolicy {
  const missesBefore = patterns.counts.misses;
  const used = new Set<CompiledPattern>();
  const pattern = (source: Pattern): CompiledPattern => {
    const compiled = patterns.get(source);
    used.add(compiled);
    return compiled;
  };
  const ofRequests = { pattern, fields: new FieldsAsked() };
  const ofAnswers = { pattern, fields: new FieldsAsked() };
  const drops = policy.drop.rules.map((rule) => compileRequestRule(rule, ofRequests));
  const loggings = policy.logging.rules.map((rule) => compileRequestRule(rule, ofRequests));
  const answers = policy.responseLogging.rules.map((rule) => compileResponseRule(rule, ofAnswers));
  if (decisions !== null) {
    ofRequests.fields.remember();
    ofAnswers.fields.remember();
  }
  const patternsCompiled = patterns.counts.misses - missesBefore;
  return {
    snapshot: {
      policy,
      limits: policy.limits,
      logs:
        policy.logging.default ||
        policy.responseLogging.default ||
        loggings.length + answers.length > 0,
      dropsByDefault: policy.drop.default,
      logsByDefault: policy.logging.default,
      logsAnswersByDefault: policy.responseLogging.default,
      redactedFields: new Set([...policy.redact.headers, ...ALWAYS_REDACTED_FIELDS]),
      redactedQuery: new Set(policy.redact.query),
      decide: decider(drops, loggings, decisions),
      answerRules: byStatus(answers),
      trusts: trustedBy(policy.trustForwardedFrom),
    },
    rules: drops.length + loggings.length + answers.length,
    patternsKept: used.size - patternsCompiled,
    patternsCompiled,
  };
}

function decider(
  drops: readonly CompiledRule<DropRule>[],
  loggings: readonly CompiledRule<LoggingRule>[],
  counts: HitCounter | null,
): Snapshot['decide'] {
  const nothing: Decision = { drops: [], loggings: [] };
  if (drops.length + loggings.length === 0) return () => nothing;
  const decide = (key: string): Decision => {
    const space = key.indexOf(' ');
    const method = key.slice(0, space);
    const path = normalizePath(key.slice(space + 1));
    return {
      drops: selectByPath(drops, method, path),
      loggings: selectByPath(loggings, method, path),
    };
  };
  if (counts === null) return decide;
  const cache = new DecisionCache<Decision>(decide, counts);
  return (key) => cache.get(key);
}

/**
 * Has a holder's snapshot made anew from its policy whenever it is read: the snapshot as a part that
 * is off. What is put there later counts for its policy alone.
 */
export function makeAnewWhenRead(
  holder: { snapshot: Snapshot },
  compile: (policy: Policy) => Snapshot,
): void {
  let { policy } = holder.snapshot;
  Object.defineProperty(holder, 'snapshot', {
    get: () => compile(policy),
    set: (next: Snapshot) => {
      policy = next.policy;
    },
  });
}

/** One list a status code, made when it is first seen; there are at most 500. */
function byStatus(rules: readonly CompiledRule<ResponseLoggingRule>[]): Snapshot['answerRules'] {
  const lists: (readonly CompiledRule<ResponseLoggingRule>[] | undefined)[] = new Array(600);
  lists.fill(undefined);
  return (status) => {
    const list = lists[status] ?? selectByStatus(rules, status);
    lists[status] = list;
    return list;
  };
}
