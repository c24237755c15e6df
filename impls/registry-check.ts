/**
 * Whether what a module exports is a `ProxyImplementation`, or the definition of a program, field by
 * field. It looks, and calls nothing.
 */
import {
  CONTRACT_VERSION,
  type ExternalImplementation,
  type ProxyImplementation,
  type Tier,
} from './contract.ts';

const TIERS: readonly Tier[] = ['forwarding', 'strict', 'policy'];

/** An object whose author meant it as an implementation: it has one of the telling fields. */
export function isMeantAsImplementation(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['contractVersion', 'create', 'capabilities'].some((field) => field in value)
  );
}

/** An object whose author meant it as the definition of a program. */
export function isMeantAsExternal(value: unknown): value is object {
  return typeof value === 'object' && value !== null && 'command' in value && !('create' in value);
}

/** The contract version that an object states, if it states a number other than ours. */
export function otherContractVersion(value: object): number | null {
  const version = 'contractVersion' in value ? value.contractVersion : undefined;
  return typeof version === 'number' && version !== CONTRACT_VERSION ? version : null;
}

/** An implementation, or each field that is wrong as a phrase. */
export function checkImplementation(
  value: object,
): { readonly implementation: ProxyImplementation } | { readonly problems: readonly string[] } {
  const problems = problemsOf(value, FIELDS);
  // Checked field by field just above, which the compiler cannot follow.
  return problems.length === 0 ? { implementation: value as ProxyImplementation } : { problems };
}

/** The definition of a program, or each field that is wrong as a phrase. */
export function checkExternal(
  value: object,
): { readonly definition: ExternalImplementation } | { readonly problems: readonly string[] } {
  const unknown = Object.keys(value).filter((field) => !Object.hasOwn(EXTERNAL_FIELDS, field));
  const problems = [
    ...problemsOf(value, EXTERNAL_FIELDS),
    // A slip in an optional field would go unnoticed.
    ...unknown.map((field) => `${field}: there is no such field`),
  ];
  // Checked field by field just above, which the compiler cannot follow.
  return problems.length === 0 ? { definition: value as ExternalImplementation } : { problems };
}

/** Says what is expected where what was found is not that. */
type FieldCheck = (found: unknown) => string | null;

function problemsOf(value: object, fields: Readonly<Record<string, FieldCheck>>): string[] {
  return Object.entries(fields).flatMap(([field, check]) => {
    const found = Reflect.get(value, field);
    const expected = check(found);
    return expected === null ? [] : [`${field}: expected ${expected}, found ${describe(found)}`];
  });
}

/** The fields that both kinds have. */
const COMMON_FIELDS = {
  contractVersion: (found) => (found === CONTRACT_VERSION ? null : String(CONTRACT_VERSION)),
  name: (found) =>
    typeof found === 'string' && /^[a-z0-9._-]{1,40}$/i.test(found)
      ? null
      : 'at most 40 letters, digits, dots, dashes and underscores',
  capabilities: (found) =>
    Array.isArray(found) && found.every((tier) => TIERS.includes(tier))
      ? null
      : `a list of ${TIERS.map((tier) => `'${tier}'`).join(', ')}`,
  skips: (found) =>
    found === undefined || (Array.isArray(found) && found.every(isSkip))
      ? null
      : 'a list of {case, reason}, both non-empty strings',
} satisfies Readonly<Record<string, FieldCheck>>;

const FIELDS: Readonly<Record<keyof ProxyImplementation, FieldCheck>> = {
  ...COMMON_FIELDS,
  version: optional(isText, 'a string'),
  create: (found) => (typeof found === 'function' ? null : 'a function'),
  parts: (found) =>
    found === undefined || (Array.isArray(found) && found.every(isPart))
      ? null
      : 'a list of {name, title, needs?}',
  components: (found) => (found === undefined || typeof found === 'function' ? null : 'a function'),
};

const LONGEST_READY_MS = 60_000;

const EXTERNAL_FIELDS: Readonly<Record<keyof ExternalImplementation, FieldCheck>> = {
  ...COMMON_FIELDS,
  command: (found) => (isText(found) && found !== '' ? null : 'the name or the path of a program'),
  args: optional(isTexts, 'a list of strings'),
  env: optional((found) => isRecord(found) && isTexts(Object.values(found)), 'strings by name'),
  configTemplate: optional(isText, 'a string'),
  configName: optional(
    (found) => isText(found) && /^\w[\w.-]{0,99}$/.test(found),
    'the name of a file, without a folder',
  ),
  ready: optional(
    isReady,
    `{path, timeoutMs}, a path that begins with / and a time of 100 to ${LONGEST_READY_MS}`,
  ),
  version: optional(
    (found) => isText(found) || (isRecord(found) && isTexts(found.args)),
    'a string, or {args} with the arguments that print it',
  ),
  install: optional(isText, 'a string'),
};

function optional(is: (found: unknown) => boolean, expected: string): FieldCheck {
  return (found) => (found === undefined || is(found) ? null : expected);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isReady(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { path, timeoutMs, ...rest } = value;
  const inRange = (ms: unknown): boolean =>
    typeof ms === 'number' && ms >= 100 && ms <= LONGEST_READY_MS;
  return (
    Object.keys(rest).length === 0 &&
    (path === undefined || (isText(path) && path.startsWith('/'))) &&
    (timeoutMs === undefined || inRange(timeoutMs))
  );
}

function isPart(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const [name, title] = [Reflect.get(value, 'name'), Reflect.get(value, 'title')];
  const needs: unknown = Reflect.get(value, 'needs') ?? [];
  return (
    typeof name === 'string' &&
    /^[a-z0-9-]+$/.test(name) &&
    typeof title === 'string' &&
    Array.isArray(needs) &&
    needs.every((need) => typeof need === 'string')
  );
}

function isSkip(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    [Reflect.get(value, 'case'), Reflect.get(value, 'reason')].every(
      (text) => typeof text === 'string' && text !== '',
    )
  );
}

/** A value in a few words. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'function') return `a function of ${value.length} parameters`;
  if (Array.isArray(value)) return `a list [${value.slice(0, 5).map(describe).join(', ')}]`;
  if (typeof value === 'object') {
    return `an object with ${list(Object.keys(value)) || 'no fields'}`;
  }
  const text = typeof value === 'string' ? `'${value}'` : String(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 8).join(', ');
  return names.length > 8 ? `${shown} and ${names.length - 8} more` : shown;
}
