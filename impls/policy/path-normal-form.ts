/**
 * The one form of a path that path conditions see (RFC 3986 6.2.2), so that a rule cannot be
 * passed by writing the same path differently. Only for matching: what is forwarded and what is
 * logged stays as received. It does not decode `%2F`, backslashes or a second layer of escapes,
 * since the upstream would read those as data.
 */

const SLASH = 0x2f;
const DOT = 0x2e;
const PERCENT = 0x25;
const QUESTION = 0x3f;

/**
 * The normal form of a request target's path, in latin-1 characters, without its query: escapes of
 * unreserved characters decoded, other escapes in upper case, runs of `/` collapsed, dot segments
 * removed. A malformed escape stays as it is. An absolute-form target gives the path after its
 * authority, `*` gives `*`; any other result starts with `/`. Idempotent.
 */
export function normalizePath(target: string): string {
  if (target.charCodeAt(0) !== SLASH) {
    return target === '*' || target.startsWith('*?') ? '*' : normalizePath(originForm(target));
  }
  // Nearly every path is its own normal form: one look at each character, and no allocation
  // unless a query is cut off.
  let previous = 0;
  for (let i = 0; i < target.length; i++) {
    const code = target.charCodeAt(i);
    if (code === QUESTION) return target.slice(0, i);
    if (code === PERCENT || (previous === SLASH && (code === SLASH || code === DOT))) {
      return rewrite(target, i);
    }
    previous = code;
  }
  return target;
}

/** What is left of an absolute-form target after its authority, or the target below a `/`. */
function originForm(target: string): string {
  const authority = /^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i.exec(target);
  const rest = authority === null ? target : target.slice(authority[0].length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function rewrite(target: string, from: number): string {
  const end = target.indexOf('?', from);
  const path = end === -1 ? target : target.slice(0, end);
  return removeSegments(path.includes('%') ? normalizeEscapes(path) : path);
}

/**
 * Decodes escapes of unreserved characters and writes the others in upper case. A digit that would
 * complete a malformed escape before it stays escaped, or a second pass would read a new one.
 */
function normalizeEscapes(path: string): string {
  let out = '';
  let malformedAt = -3;
  for (let i = 0; i < path.length; i++) {
    const char = path.charAt(i);
    if (char !== '%') {
      out += char;
      continue;
    }
    const digits = path.slice(i + 1, i + 3);
    if (!/^[0-9a-f]{2}$/i.test(digits)) {
      malformedAt = out.length;
      out += char;
      continue;
    }
    i += 2;
    const decoded = String.fromCharCode(Number.parseInt(digits, 16));
    const completes = /[0-9a-f]/i.test(decoded) && /^%[0-9a-f]?$/i.test(out.slice(malformedAt));
    out +=
      /[a-z0-9._~-]/i.test(decoded) && !(malformedAt >= 0 && completes)
        ? decoded
        : `%${digits.toUpperCase()}`;
  }
  return out;
}

/** Collapses runs of `/`, then removes `.` and `..` segments (RFC 3986 5.2.4). */
function removeSegments(path: string): string {
  const segments = path.split('/');
  const kept: string[] = [];
  for (const segment of segments) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  const last = segments.at(-1);
  const isFolder = last === '' || last === '.' || last === '..';
  return kept.length === 0 ? '/' : `/${kept.join('/')}${isFolder ? '/' : ''}`;
}
