/**
 * Which fields go on, in either direction, and which are added: hop-by-hop fields and those that
 * Connection names stay behind, framing is left to undici and `node:http`, and the forwarding
 * fields are written as the policy says.
 */
import {
  HOP_BY_HOP_FIELDS,
  isForbiddenTrailer,
  isProtectedFromConnection,
} from '../policy/header-names.ts';
import type { Snapshot } from './configuration.ts';
import { byName, type Field, listMembers } from './fields.ts';
import type { RequestHead } from './request-checks.ts';

/** Who sent a request, and how. */
export interface Peer {
  readonly address: string;
  readonly protocol: 'http' | 'https';
}

/**
 * The fields of a request as they go to the upstream, without Content-Length, Transfer-Encoding
 * and Expect: undici writes the first two, and the proxy has answered the third itself.
 */
export function fieldsToUpstream(head: RequestHead, peer: Peer, snapshot: Snapshot): Field[] {
  const trusted = isTrusted(peer.address, snapshot);
  const forwarding = forwardingFields(head, peer, snapshot, trusted);
  const replaced = new Set(forwarding.map(([name]) => name.toLowerCase()));
  const fields: Field[] = [];
  for (const field of endToEnd(head.fields)) {
    const name = field[0].toLowerCase();
    if (name === 'content-length' || name === 'expect' || replaced.has(name)) continue;
    if (name === 'max-forwards' && head.maxForwards !== null) continue;
    if (!trusted && CLAIMS_OF_A_PROXY.has(name)) continue;
    fields.push(field);
  }
  if (listMembers(head.valuesByName.get('te')).includes('trailers')) {
    fields.push(['TE', 'trailers']);
  }
  if (head.maxForwards !== null) fields.push(['Max-Forwards', String(head.maxForwards - 1)]);
  return [...fields, ...forwarding];
}

/** Received from anybody but a trusted peer, these are removed. */
const CLAIMS_OF_A_PROXY: ReadonlySet<string> = new Set([
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
  'forwarded',
]);

/**
 * The fields of an answer as they go to the client, the framing of its body left out but for a
 * Content-Length that stays true.
 */
export function fieldsToClient(statusCode: number, fields: readonly Field[]): Field[] {
  const hasLength = statusCode >= 200 && statusCode !== 204;
  return endToEnd(fields).filter(([name]) => hasLength || name.toLowerCase() !== 'content-length');
}

/** The trailer fields that may go on. */
export function trailersToPass(trailers: readonly Field[]): Field[] {
  return trailers.filter(([name]) => !isForbiddenTrailer(name.toLowerCase()));
}

/** A message's fields without those of one hop (RFC 9110 7.6.1). */
function endToEnd(fields: readonly Field[]): Field[] {
  const named = new Set(listMembers(byName(fields).get('connection')));
  return fields.filter(([name]) => {
    const key = name.toLowerCase();
    if (HOP_BY_HOP_FIELDS.has(key)) return false;
    return !named.has(key) || isProtectedFromConnection(key);
  });
}

function isTrusted(address: string, snapshot: Snapshot): boolean {
  return snapshot.trusted.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}

function forwardingFields(
  head: RequestHead,
  peer: Peer,
  snapshot: Snapshot,
  trusted: boolean,
): Field[] {
  const { xForwarded, forwarded, via } = snapshot.policy.forwarded;
  const received = (name: string): readonly string[] =>
    trusted ? (head.valuesByName.get(name) ?? []) : [];
  const appended = (name: string, value: string): string => [...received(name), value].join(', ');
  const kept = (name: string, value: string): string =>
    received(name).length > 0 ? received(name).join(', ') : value;

  const fields: Field[] = [];
  if (xForwarded) {
    fields.push(['X-Forwarded-For', appended('x-forwarded-for', peer.address)]);
    if (head.host !== null || received('x-forwarded-host').length > 0) {
      fields.push(['X-Forwarded-Host', kept('x-forwarded-host', head.host ?? '')]);
    }
    fields.push(['X-Forwarded-Proto', kept('x-forwarded-proto', peer.protocol)]);
  }
  if (forwarded) fields.push(['Forwarded', appended('forwarded', forwardedElement(head, peer))]);
  if (via !== null) {
    const chain = [...(head.valuesByName.get('via') ?? []), `1.1 ${via}`];
    fields.push(['Via', chain.join(', ')]);
  }
  return fields;
}

/** One element of Forwarded (RFC 7239 4). */
function forwardedElement(head: RequestHead, peer: Peer): string {
  const node = peer.address.includes(':') ? `"[${peer.address}]"` : peer.address;
  const host = head.host === null ? '' : `;host=${tokenOrQuoted(head.host)}`;
  return `for=${node}${host};proto=${peer.protocol}`;
}

function tokenOrQuoted(value: string): string {
  return /^[!#$%&'*+.^_`|~0-9a-z-]+$/i.test(value) ? value : `"${value}"`;
}
