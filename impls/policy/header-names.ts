/**
 * The field names that a proxy treats specially, as `docs/proxy-behaviour.md` lists them. Names
 * only: what is done with a field of such a name is each implementation's own.
 */

/**
 * Fields that concern one connection and are never forwarded as received (RFC 9110 7.6.1). `te`
 * and `upgrade` come back in the cases that the document names. Content-Length is not among them:
 * see {@link FRAMING_FIELDS}.
 */
export const HOP_BY_HOP_FIELDS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);

/** Fields that say where a message ends (RFC 9112 6). Read strictly, then written anew. */
export const FRAMING_FIELDS: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding']);

const X_FORWARDED = 'x-forwarded-';

/** The X-Forwarded-* names in use, for those who look a name up in a set. */
const X_FORWARDED_FIELDS = [
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
  'x-forwarded-by',
  'x-forwarded-prefix',
  'x-forwarded-protocol',
  'x-forwarded-scheme',
  'x-forwarded-server',
  'x-forwarded-ssl',
] as const;

/**
 * Fields that a Connection option cannot remove; such an option is ignored. Every other name that
 * starts with `x-forwarded-` is protected as well: {@link isProtectedFromConnection} knows.
 */
export const PROTECTED_FROM_CONNECTION: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'cache-control',
  'authorization',
  'cookie',
  'forwarded',
  'via',
  ...X_FORWARDED_FIELDS,
]);

/** Whether a Connection option of this lower-case name is ignored. */
export function isProtectedFromConnection(lowerName: string): boolean {
  return PROTECTED_FROM_CONNECTION.has(lowerName) || lowerName.startsWith(X_FORWARDED);
}

/**
 * Fields that are dropped from a trailer section (RFC 9110 6.5.1). Every other name that starts
 * with `x-forwarded-` is dropped as well: {@link isForbiddenTrailer} knows.
 */
export const FORBIDDEN_TRAILERS: ReadonlySet<string> = new Set([
  'transfer-encoding',
  'content-length',
  'host',
  'trailer',
  'te',
  'connection',
  'upgrade',
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'content-encoding',
  'content-type',
  'content-range',
  'cache-control',
  'expect',
  'max-forwards',
  'forwarded',
  'via',
  ...X_FORWARDED_FIELDS,
]);

/** Whether a trailer field of this lower-case name is dropped. */
export function isForbiddenTrailer(lowerName: string): boolean {
  return FORBIDDEN_TRAILERS.has(lowerName) || lowerName.startsWith(X_FORWARDED);
}
