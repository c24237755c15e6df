/**
 * What each byte may be in an HTTP/1.1 head, as one table of bit sets. The trick: validation is a
 * load and a mask a byte instead of a chain of comparisons, and the walk that validates is the
 * same one that finds the ends of names and values.
 */

export const CR = 13;
export const LF = 10;
export const SP = 32;
export const HTAB = 9;
export const COLON = 58;
export const COMMA = 44;

/** tchar of RFC 9110 5.6.2. */
export const TOKEN = 1;
/** A byte of a field value: VCHAR, SP, HTAB, obs-text (RFC 9110 5.5). */
export const VALUE = 2;
/** A byte of a request target: no controls, no space, no fragment mark. Above 0x7f passes as is. */
export const TARGET = 4;
/** A byte of a Host without brackets: unreserved, `%`, and sub-delims but the comma. */
export const HOST = 8;
export const DIGIT = 16;
export const HEX = 32;

/** Bit sets of the classes above, by byte. */
const BYTE_CLASS: Uint8Array = buildClasses();

/** The value of a hexadecimal digit, 255 for any other byte. */
export const HEX_VALUE: Uint8Array = buildHexValues();

/** Whether a byte is of any of these classes. */
export function isOf(byte: number, classes: number): boolean {
  return ((BYTE_CLASS[byte] ?? 0) & classes) !== 0;
}

/** The same of the byte at a place; false beyond the end. */
export function isAt(bytes: Uint8Array, at: number, classes: number): boolean {
  return isOf(bytes[at] ?? 0, classes);
}

function buildClasses(): Uint8Array {
  const classes = new Uint8Array(256);
  const add = (from: number, to: number, bits: number): void => {
    for (let byte = from; byte <= to; byte += 1) classes[byte] = (classes[byte] ?? 0) | bits;
  };
  const addEach = (text: string, bits: number): void => {
    for (let i = 0; i < text.length; i += 1) add(text.charCodeAt(i), text.charCodeAt(i), bits);
  };
  add(0x30, 0x39, TOKEN | HOST | DIGIT | HEX);
  add(0x41, 0x5a, TOKEN | HOST);
  add(0x61, 0x7a, TOKEN | HOST);
  addEach('ABCDEFabcdef', HEX);
  addEach("!#$%&'*+-.^_`|~", TOKEN);
  addEach("-._~!$&'()*+;=%", HOST);
  add(0x20, 0x7e, VALUE);
  add(0x80, 0xff, VALUE);
  add(HTAB, HTAB, VALUE);
  add(0x21, 0x7e, TARGET);
  add(0x80, 0xff, TARGET);
  classes[0x23] = (classes[0x23] ?? 0) & ~TARGET;
  return classes;
}

function buildHexValues(): Uint8Array {
  const values = new Uint8Array(256).fill(255);
  for (let digit = 0; digit < 16; digit += 1) {
    const text = digit.toString(16);
    values[text.charCodeAt(0)] = digit;
    values[text.toUpperCase().charCodeAt(0)] = digit;
  }
  return values;
}
