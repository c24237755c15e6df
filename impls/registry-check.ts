/**
 * Whether what a module exports is a `ProxyImplementation`, field by field. It looks, and calls
 * nothing.
 */
import { CONTRACT_VERSION, type ProxyImplementation, type Tier } from './contract.ts';

const TIERS: readonly Tier[] = ['forwarding', 'strict', 'policy'];

/** An object whose author meant it as an implementation: it has one of the telling fields. */
export function isMeantAsImplementation(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['contractVersion', 'create', 'capabilities'].some((field) => field in value)
  );
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
  const problems = Object.entries(FIELDS).flatMap(([field, check]) => {
    const found = Reflect.get(value, field);
    const expected = check(found);
    return expected === null ? [] : [`${field}: expected ${expected}, found ${describe(found)}`];
  });
  // Checked field by field just above, which the compiler cannot follow.
  return problems.length === 0 ? { implementation: value as ProxyImplementation } : { problems };
}

/** Each field and what is expected of it where it is not that. */
const FIELDS: Readonly<Record<keyof ProxyImplementation, (found: unknown) => string | null>> = {
  contractVersion: (found) => (found === CONTRACT_VERSION ? null : String(CONTRACT_VERSION)),
  name: (found) =>
    typeof found === 'string' && /^[a-z0-9._-]{1,40}$/i.test(found)
      ? null
      : 'at most 40 letters, digits, dots, dashes and underscores',
  version: (found) => (found === undefined || typeof found === 'string' ? null : 'a string'),
  capabilities: (found) =>
    Array.isArray(found) && found.every((tier) => TIERS.includes(tier))
      ? null
      : `a list of ${TIERS.map((tier) => `'${tier}'`).join(', ')}`,
  skips: (found) =>
    found === undefined || (Array.isArray(found) && found.every(isSkip))
      ? null
      : 'a list of {case, reason}, both non-empty strings',
  create: (found) => (typeof found === 'function' ? null : 'a function'),
  parts: (found) =>
    found === undefined || (Array.isArray(found) && found.every(isPart))
      ? null
      : 'a list of {name, title, needs?}',
  components: (found) => (found === undefined || typeof found === 'function' ? null : 'a function'),
};

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
