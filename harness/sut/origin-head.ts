/**
 * Finds the end and the framing of a request head in a chunk of bytes, with as little work as
 * possible: the origin shares a core with the driver, so its cost is part of what every arm is
 * measured on top of. It deliberately reads no other field (but one, where asked) and validates nothing that does not move
 * a message's end: conformance is checked elsewhere, against another origin.
 */

/** What {@link scanHead} found; one object, used again for every head. */
export interface HeadScan {
  /** Index after the empty line, or {@link INCOMPLETE} or {@link MALFORMED}. */
  end: number;
  /** Index after `METHOD SP target`, which begins at the start. */
  keyEnd: number;
  /** Bytes of the body by Content-Length; 0 without one. */
  contentLength: number;
  chunked: boolean;
  /** HTTP/1.0, or `Connection: close`: the connection ends after the answer. */
  close: boolean;
}

export const INCOMPLETE = -1;
export const MALFORMED = -2;

/** A fresh result to hand to {@link scanHead}. */
export function newHeadScan(): HeadScan {
  return { end: INCOMPLETE, keyEnd: 0, contentLength: 0, chunked: false, close: false };
}

const LF = 10;
const CR = 13;
const SPACE = 32;
const COLON = 58;

/** Reads the head that begins at `start` into `scan`. */
export function scanHead(bytes: Uint8Array, start: number, scan: HeadScan): void {
  const length = bytes.length;
  scan.contentLength = 0;
  scan.chunked = false;
  scan.close = false;
  scan.end = INCOMPLETE;
  let at = start;
  while (at < length && bytes[at] !== LF) at++;
  if (at === length) return;
  // `... SP HTTP/1.x CR LF`: the key ends nine bytes before CR.
  scan.keyEnd = at - 10;
  if (scan.keyEnd <= start || !endsInVersion(bytes, at)) {
    scan.end = MALFORMED;
    return;
  }
  if (bytes[at - 2] === 48) scan.close = true;
  at++;
  for (;;) {
    const first = bytes[at];
    if (first === CR) {
      if (at + 1 === length) return;
      scan.end = bytes[at + 1] === LF ? at + 2 : MALFORMED;
      return;
    }
    // Only names that begin with c or t move the message's end.
    const letter = (first ?? 0) | 32;
    const line = at;
    while (at < length && bytes[at] !== LF) at++;
    if (at >= length) return;
    if ((letter === 99 || letter === 116) && !readField(bytes, line, at, scan)) {
      scan.end = MALFORMED;
      return;
    }
    at++;
  }
}

/** Whether ` HTTP/1.0 CR` or ` HTTP/1.1 CR` stands before the line feed at `at`. */
function endsInVersion(bytes: Uint8Array, at: number): boolean {
  const minor = bytes[at - 2];
  return (
    bytes[at - 1] === CR &&
    (minor === 49 || minor === 48) &&
    bytes[at - 3] === 46 &&
    bytes[at - 4] === 49 &&
    bytes[at - 5] === 47 &&
    bytes[at - 10] === SPACE
  );
}

/** Takes note of the field in [line, end) if it is one of three; false for a bad length. */
function readField(bytes: Uint8Array, line: number, end: number, scan: HeadScan): boolean {
  if (bytes[line + 14] === COLON && isName(bytes, line, 'content-length')) {
    const value = valueText(bytes, line + 15, end);
    if (!/^\d{1,15}$/.test(value)) return false;
    scan.contentLength = Number(value);
  } else if (bytes[line + 17] === COLON && isName(bytes, line, 'transfer-encoding')) {
    if (valueText(bytes, line + 18, end) !== 'chunked') return false;
    scan.chunked = true;
  } else if (bytes[line + 10] === COLON && isName(bytes, line, 'connection')) {
    if (/(^|[ ,])close($|[ ,])/.test(valueText(bytes, line + 11, end))) scan.close = true;
  }
  return true;
}

function isName(bytes: Uint8Array, at: number, lowerName: string): boolean {
  for (let i = 0; i < lowerName.length; i++)
    if (((bytes[at + i] ?? 0) | 32) !== lowerName.charCodeAt(i)) return false;
  return true;
}

function valueText(bytes: Uint8Array, from: number, to: number): string {
  let value = '';
  for (let i = from; i < to; i++) value += String.fromCharCode(bytes[i] ?? 0);
  return value.trim().toLowerCase();
}

/**
 * The number in the field of this lower-case name within a head, or 0 without one: read only where a
 * recording has several answers to one target.
 */
export function fieldNumber(
  bytes: Uint8Array,
  start: number,
  end: number,
  lowerName: string,
): number {
  for (let at = start; at < end; at++) {
    if (bytes[at] !== LF || bytes[at + 1 + lowerName.length] !== COLON) continue;
    if (!isName(bytes, at + 1, lowerName)) continue;
    const from = at + 2 + lowerName.length;
    let to = from;
    while (to < end && bytes[to] !== CR) to++;
    return Number(valueText(bytes, from, to)) || 0;
  }
  return 0;
}
