/**
 * Rules compiled for the hot path, and how a message selects one. Three stages, each of which
 * leaves less to do: method and path (cached, `decision-cache.ts`), the head's fields, the body's
 * window. A stage returns the rules that may still match, in order, cut after the first that
 * matches for certain; most requests are left with none or with one that is certain.
 */
import { type CompiledPattern, MAX_SUBJECT_CHARACTERS } from '../policy/pattern.ts';
import type { Pattern, RequestMatch, ResponseMatch } from '../policy/policy.ts';
import type { FieldTable } from './field-reader.ts';
import type { FieldsAsked, FieldValues } from './field-values.ts';
import { requiredLiteral } from './required-literal.ts';

/** One rule, its patterns compiled. Null where it has no such condition. */
export interface CompiledRule<Rule> {
  readonly rule: Rule;
  readonly methods: readonly string[] | null;
  readonly paths: readonly CompiledPattern[] | null;
  readonly statusCodes: readonly (number | readonly [number, number])[] | null;
  readonly headers: readonly HeaderCondition[] | null;
  readonly bodies: readonly BodyPattern[] | null;
}

interface BodyPattern {
  readonly pattern: CompiledPattern;
  /** Bytes that a body without a match may lack, and one with a match has; null: none are known. */
  readonly required: Buffer | null;
}

/** What was seen of a body. */
export interface SeenBody {
  /** Whether these bytes, ASCII characters, are in it; true if in doubt. */
  mayHold(bytes: Buffer): boolean;
  text(): string;
}

interface HeaderCondition {
  readonly field: FieldValues;
  /** Of its pattern among those of the field. */
  readonly position: number;
}

/** What compiling a rule needs. */
export interface RuleCompiler {
  readonly pattern: (pattern: Pattern) => CompiledPattern;
  /** Where fields that rules ask about are registered. */
  readonly fields: FieldsAsked;
}

export function compileRequestRule<Rule extends { readonly match: RequestMatch }>(
  rule: Rule,
  compiler: RuleCompiler,
): CompiledRule<Rule> {
  const { methods, path, headers, body } = rule.match;
  return {
    rule,
    methods: methods ?? null,
    paths: path?.patterns.map(compiler.pattern) ?? null,
    statusCodes: null,
    headers: compileHeaders(headers, compiler),
    bodies: compileBodies(body?.patterns, compiler),
  };
}

export function compileResponseRule<Rule extends { readonly match: ResponseMatch }>(
  rule: Rule,
  compiler: RuleCompiler,
): CompiledRule<Rule> {
  const { statusCodes, headers, body } = rule.match;
  return {
    rule,
    methods: null,
    paths: null,
    statusCodes: statusCodes ?? null,
    headers: compileHeaders(headers, compiler),
    bodies: compileBodies(body?.patterns, compiler),
  };
}

function compileBodies(
  patterns: readonly Pattern[] | undefined,
  compiler: RuleCompiler,
): readonly BodyPattern[] | null {
  if (patterns === undefined) return null;
  return patterns.map((pattern) => {
    const required = requiredLiteral(pattern);
    return {
      pattern: compiler.pattern(pattern),
      required: required === null ? null : Buffer.from(required, 'latin1'),
    };
  });
}

function compileHeaders(
  headers: Readonly<Record<string, Pattern>> | undefined,
  { pattern: compile, fields }: RuleCompiler,
): readonly HeaderCondition[] | null {
  if (headers === undefined) return null;
  return Object.entries(headers).map(([name, pattern]) => {
    const field = fields.get(name);
    return { field, position: field.add(compile(pattern)) };
  });
}

/** The rules whose method and path conditions hold. `path` is in its normal form. */
export function selectByPath<Rule>(
  rules: readonly CompiledRule<Rule>[],
  method: string,
  path: string,
): readonly CompiledRule<Rule>[] {
  return untilCertain(rules, (rule) => {
    if (rule.methods !== null && !rule.methods.includes(method)) return false;
    return rule.paths === null || anyFound(rule.paths, path.slice(0, MAX_SUBJECT_CHARACTERS));
  });
}

/** The rules whose status conditions hold. */
export function selectByStatus<Rule>(
  rules: readonly CompiledRule<Rule>[],
  status: number,
): readonly CompiledRule<Rule>[] {
  return untilCertain(
    rules,
    ({ statusCodes }) =>
      statusCodes === null ||
      statusCodes.some((code) =>
        typeof code === 'number' ? code === status : code[0] <= status && status <= code[1],
      ),
  );
}

function untilCertain<Rule>(
  rules: readonly CompiledRule<Rule>[],
  holds: (rule: CompiledRule<Rule>) => boolean,
): readonly CompiledRule<Rule>[] {
  const selected: CompiledRule<Rule>[] = [];
  for (const rule of rules) {
    if (!holds(rule)) continue;
    selected.push(rule);
    if (rule.headers === null && rule.bodies === null) break;
  }
  return selected;
}

/** The rules whose header conditions hold for the fields last read from `bytes`. */
export function selectByFields<Rule>(
  rules: readonly CompiledRule<Rule>[],
  bytes: Buffer,
  fields: FieldTable,
): readonly CompiledRule<Rule>[] {
  const first = rules[0];
  if (first === undefined || (first.headers === null && first.bodies === null)) return rules;
  let selected: CompiledRule<Rule>[] | null = null;
  for (const rule of rules) {
    if (rule.headers !== null && !headersHold(rule.headers, bytes, fields)) continue;
    if (selected === null) selected = [rule];
    else selected.push(rule);
    if (rule.bodies === null) break;
  }
  return selected ?? NO_RULES;
}

export const NO_RULES: readonly never[] = [];

/** The first rule whose body condition holds, or null. Most bodies are not made into text for it. */
export function selectByBody<Rule>(
  rules: readonly CompiledRule<Rule>[],
  body: SeenBody,
): CompiledRule<Rule> | null {
  let text: string | null = null;
  for (const rule of rules) {
    if (rule.bodies === null) return rule;
    for (const { pattern, required } of rule.bodies) {
      if (required !== null && !body.mayHold(required)) continue;
      text ??= body.text();
      if (pattern.test(text)) return rule;
    }
  }
  return null;
}

/** Whether any of the rules may match a body that is whole in bytes [from, to). Makes no text. */
export function mayMatch<Rule>(
  rules: readonly CompiledRule<Rule>[],
  bytes: Buffer,
  from: number,
  to: number,
): boolean {
  // What bytes were read into is much longer than they are: a search has to end with them.
  const body = bytes.subarray(from, to);
  for (const { bodies } of rules) {
    if (bodies === null) return true;
    for (const { required } of bodies) {
      if (required === null || body.includes(required)) return true;
    }
  }
  return false;
}

/** Whether the body has to be seen before these rules are decided. */
export function needsBody<Rule>(rules: readonly CompiledRule<Rule>[]): boolean {
  return rules.length > 0 && rules[0]?.bodies !== null;
}

function headersHold(
  conditions: readonly HeaderCondition[],
  bytes: Buffer,
  fields: FieldTable,
): boolean {
  for (const { field, position } of conditions) {
    if (!field.holds(position, bytes, fields)) return false;
  }
  return true;
}

/** Whether any of the patterns is found in the subject. */
export function anyFound(patterns: readonly CompiledPattern[], subject: string): boolean {
  for (const pattern of patterns) if (pattern.test(subject)) return true;
  return false;
}
