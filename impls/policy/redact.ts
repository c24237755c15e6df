/**
 * What never reaches a log: which fields, and which values in a query. Redaction happens before a
 * line is queued. It does not look inside bodies or paths.
 */

/** What stands in a log line for a value that was left out. */
export const REDACTED = '[redacted]';

/** Redacted whatever a policy says. */
export const ALWAYS_REDACTED_FIELDS: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'set-cookie',
  'proxy-authorization',
]);

/** The header names redacted unless a policy names its own; lower case. */
export const DEFAULT_REDACTED_FIELDS: readonly string[] = [
  ...ALWAYS_REDACTED_FIELDS,
  'x-api-key',
  'api-key',
  'x-auth-token',
  'x-access-token',
  'x-csrf-token',
  'x-xsrf-token',
  'x-amz-security-token',
  'x-goog-iap-jwt-assertion',
  'authentication-info',
  'proxy-authentication-info',
];

/** The query names redacted unless a policy names its own; lower case. */
export const DEFAULT_REDACTED_QUERY: readonly string[] = [
  'token',
  'access_token',
  'refresh_token',
  'id_token',
  'auth',
  'authorization',
  'api_key',
  'apikey',
  'key',
  'password',
  'passwd',
  'pwd',
  'secret',
  'client_secret',
  'code',
  'session',
  'sessionid',
  'session_id',
  'sid',
  'jwt',
  'sig',
  'signature',
  'x-amz-signature',
  'x-amz-credential',
  'x-amz-security-token',
  'x-goog-signature',
];

/** Whether the value of a field of this lower-case name is left out of logs. */
export function isRedactedField(lowerName: string, names: ReadonlySet<string>): boolean {
  return names.has(lowerName) || ALWAYS_REDACTED_FIELDS.has(lowerName);
}

/**
 * A request target with the values of the named query parameters replaced by {@link REDACTED};
 * the rest stays byte for byte. Names are compared in lower case after one layer of percent
 * decoding, and also by their parts (`user[password]`, `token[]`). Both `&` and `;` end a
 * parameter, but what follows a redacted value behind a `;` and has no `=` is taken as its
 * continuation, since servers differ on `;`. A parameter without a value has nothing to redact.
 */
export function redactTarget(target: string, queryNames: ReadonlySet<string>): string {
  const query = target.indexOf('?');
  if (query === -1 || queryNames.size === 0) return target;
  let out = target.slice(0, query + 1);
  let inRedactedValue = false;
  for (let start = query + 1; start <= target.length; ) {
    const end = endOfParameter(target, start);
    const parameter = target.slice(start, end);
    const equals = parameter.indexOf('=');
    const continues = inRedactedValue && equals === -1 && target.charAt(start - 1) === ';';
    if (continues) {
      // Cut together with its separator, which is part of the value.
      out = out.slice(0, -1);
    } else if (equals !== -1 && isSecretName(parameter.slice(0, equals), queryNames)) {
      inRedactedValue = true;
      out += `${parameter.slice(0, equals + 1)}${equals + 1 < parameter.length ? REDACTED : ''}`;
    } else {
      inRedactedValue = false;
      out += parameter;
    }
    if (end < target.length) out += target.charAt(end);
    start = end + 1;
  }
  return out;
}

function endOfParameter(target: string, start: number): number {
  for (let i = start; i < target.length; i++) {
    const char = target.charAt(i);
    if (char === '&' || char === ';') return i;
  }
  return target.length;
}

function isSecretName(written: string, queryNames: ReadonlySet<string>): boolean {
  const name = decodeName(written).toLowerCase();
  if (queryNames.has(name)) return true;
  return name.split(/[[\]?\s]+/).some((part) => queryNames.has(part));
}

function decodeName(written: string): string {
  if (!/[%+]/.test(written)) return written;
  const spaced = written.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    // Not UTF-8, or a malformed escape beside good ones: decode byte by byte what can be.
    return spaced.replace(/%([0-9a-f]{2})/gi, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    );
  }
}
