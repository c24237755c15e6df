/**
 * The field names that a proxy acts on, found without making a string: a table lookup by length
 * and first letter gives the one candidate (two, in one case), which is then compared byte by byte.
 * A name that is none of them, the common case, usually costs the lookup alone.
 */

export const OTHER = 0;
export const CONNECTION = 1;
export const KEEP_ALIVE = 2;
export const PROXY_CONNECTION = 3;
export const PROXY_AUTHENTICATE = 4;
export const PROXY_AUTHORIZATION = 5;
export const TE = 6;
export const TRANSFER_ENCODING = 7;
export const CONTENT_LENGTH = 8;
export const UPGRADE = 9;
export const HTTP2_SETTINGS = 10;
export const HOST = 11;
export const EXPECT = 12;
export const FORWARDED = 13;
export const VIA = 14;
export const X_FORWARDED_FOR = 15;
export const X_FORWARDED_HOST = 16;
export const X_FORWARDED_PROTO = 17;
export const X_FORWARDED_PORT = 18;
export const MAX_FORWARDS = 19;

const NAMES: readonly string[] = [
  '',
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'transfer-encoding',
  'content-length',
  'upgrade',
  'http2-settings',
  'host',
  'expect',
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
  'max-forwards',
];

const LONGEST = 19;
const NAME_BYTES: readonly Uint8Array[] = NAMES.map((name) => Buffer.from(name, 'latin1'));

/** By length * 32 + low five bits of the first letter: the first candidate. */
const CANDIDATE = new Uint8Array((LONGEST + 1) * 32);
/** By candidate: the next one of the same length and first letter, or OTHER. */
const NEXT = new Uint8Array(NAMES.length);

for (let id = NAMES.length - 1; id > 0; id -= 1) {
  const name = NAMES[id] ?? '';
  const slot = name.length * 32 + (name.charCodeAt(0) & 31);
  NEXT[id] = CANDIDATE[slot] ?? OTHER;
  CANDIDATE[slot] = id;
}

/** The id of the field name at [from, to), or OTHER. The bytes must be token characters. */
export function identifyField(bytes: Uint8Array, from: number, to: number): number {
  const length = to - from;
  if (length > LONGEST) return OTHER;
  let id = CANDIDATE[length * 32 + ((bytes[from] ?? 0) & 31)] ?? OTHER;
  while (id !== OTHER && !equalsIgnoringCase(bytes, from, NAME_BYTES[id])) id = NEXT[id] ?? OTHER;
  return id;
}

/** Each byte with ASCII capitals made small. A table, since `| 0x20` would also change `_` and `^`. */
const LOWER_CASE: Uint8Array = new Uint8Array(256).map((_, byte) =>
  byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte,
);

/** Whether the bytes at `from` spell `lowerCase`, letters of either case. */
export function equalsIgnoringCase(
  bytes: Uint8Array,
  from: number,
  lowerCase: Uint8Array | undefined,
): boolean {
  if (lowerCase === undefined) return false;
  for (let i = 0; i < lowerCase.length; i += 1) {
    if (LOWER_CASE[bytes[from + i] ?? 0] !== lowerCase[i]) return false;
  }
  return true;
}
