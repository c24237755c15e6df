/**
 * An implementation with a choice of its parts, as written behind its name: `optimized?only=pools`,
 * `optimized?without=pools,snapshot`, `optimized?only=none`. The choice is made when a proxy is
 * created, never for a request. What a part does is the implementation's own.
 */
import type { ImplementationPart, ProxyImplementation } from './contract.ts';
import { RegistryError } from './registry-error.ts';
import { nearestNames } from './registry-names.ts';

const NONE = 'none';
const MAX_NAME_CHARACTERS = 40;

/**
 * The implementation with the parts that `choice`, the text behind the question mark, leaves on.
 *
 * @throws RegistryError `unknown-part` for a part that it does not have, and for a choice that is
 * none or under which a part could do nothing.
 */
export function withParts(whole: ProxyImplementation, choice: string): ProxyImplementation {
  const parts = whole.parts ?? [];
  const on = partsOn(whole.name, parts, choice);
  const name = `${whole.name}-${choice.replaceAll(/[^\w.]+/g, '-')}`.slice(0, MAX_NAME_CHARACTERS);
  const { components } = whole;
  return {
    ...whole,
    name,
    create: (options) => whole.create({ ...options, parts: on }),
    ...(components === undefined ? {} : { components: () => components(on) }),
  };
}

function partsOn(
  name: string,
  parts: readonly ImplementationPart[],
  choice: string,
): ReadonlySet<string> {
  const query = new URLSearchParams(choice);
  const [kind, second] = new Set(query.keys());
  if (second !== undefined || (kind !== 'only' && kind !== 'without')) {
    throw refused(
      `'${name}?${choice}' is no choice of parts`,
      `Write ${name}?only=PART or ${name}?without=PART, several with commas between them.`,
    );
  }
  if (parts.length === 0) {
    throw refused(`${name} has no parts that can be left out`, `Name it without ?${choice}.`);
  }
  const named = query.getAll(kind).flatMap((value) => value.split(','));
  if (kind === 'only' && named.length === 1 && named[0] === NONE) return new Set();
  for (const one of named) checkName(name, one, parts);
  const left = parts.filter((part) => named.includes(part.name) === (kind === 'only'));
  return kind === 'only' ? checkNeeds(name, left) : withoutIdle(left);
}

function checkName(name: string, part: string, parts: readonly ImplementationPart[]): void {
  const known = parts.map((one) => one.name);
  if (known.includes(part)) return;
  const nearest = nearestNames(part, known);
  const meant = nearest.length === 0 ? '' : ` Did you mean ${nearest.join(' or ')}?`;
  throw refused(
    `${name} has no part called '${part}'.${meant}`,
    `Its parts are ${known.join(', ')}; ?only=${NONE} leaves all of them out.`,
  );
}

/** Asked for alone, a part that could do nothing is a mistake. */
function checkNeeds(name: string, on: readonly ImplementationPart[]): ReadonlySet<string> {
  const names = on.map((part) => part.name);
  for (const part of on) {
    const missing = (part.needs ?? []).filter((need) => !names.includes(need));
    if (missing.length === 0) continue;
    throw refused(
      `${part.name} of ${name} does nothing without ${missing.join(' and ')}`,
      `Write ${name}?only=${[...missing, ...names].join(',')}.`,
    );
  }
  return new Set(names);
}

/** Left over, such a part is off, too. */
function withoutIdle(left: readonly ImplementationPart[]): ReadonlySet<string> {
  const names = new Set(left.map((part) => part.name));
  const idle = left.filter((part) => (part.needs ?? []).some((need) => !names.has(need)));
  for (const part of idle) names.delete(part.name);
  return idle.length === 0 ? names : withoutIdle(left.filter((part) => names.has(part.name)));
}

function refused(message: string, remedy: string): RegistryError {
  return new RegistryError('unknown-part', message, remedy);
}
