/**
 * Reads a field section (RFC 9112 5), strictly, in place: requests, responses and trailers alike.
 * The trick: one walk over the bytes validates them and records where each field lies, in a table
 * that is used again for every message. No string and no object is made for a field.
 *
 * It does not judge what the fields mean; the heads do.
 */
import { COLON, CR, HTAB, isAt, LF, SP, TOKEN, VALUE } from './byte-classes.ts';
import { identifyField } from './known-fields.ts';

/** More bytes are needed. */
export const INCOMPLETE = -1;
/** Not a well-formed field section. */
const MALFORMED = -2;
/** More fields than allowed. */
export const TOO_MANY = -3;

/** Where the fields of one section lie. Valid until the next section is read into it. */
export class FieldTable {
  count = 0;
  /** Another number each time that fields are read into it. */
  generation = 0;
  /** Four numbers a field: start and end of its name, start and end of its trimmed value. */
  spans: Int32Array;
  /** The known name of each field (`known-fields.ts`), or OTHER. */
  ids: Uint8Array;

  constructor(capacity: number) {
    this.spans = new Int32Array(capacity * 4);
    this.ids = new Uint8Array(capacity);
  }

  nameStart(index: number): number {
    return this.spans[index * 4] ?? 0;
  }

  nameEnd(index: number): number {
    return this.spans[index * 4 + 1] ?? 0;
  }

  valueStart(index: number): number {
    return this.spans[index * 4 + 2] ?? 0;
  }

  valueEnd(index: number): number {
    return this.spans[index * 4 + 3] ?? 0;
  }

  /** Makes room for at least `capacity` fields. */
  reserve(capacity: number): void {
    if (this.ids.length >= capacity) return;
    const spans = new Int32Array(capacity * 4);
    spans.set(this.spans);
    const ids = new Uint8Array(capacity);
    ids.set(this.ids);
    this.spans = spans;
    this.ids = ids;
  }
}

/**
 * Reads fields from `from` up to and with the empty line that ends them. Returns the offset after
 * it, or INCOMPLETE, MALFORMED or TOO_MANY (more than `limit`). Bytes at `end` and beyond are not
 * looked at.
 */
export function readFields(
  bytes: Uint8Array,
  from: number,
  end: number,
  table: FieldTable,
  limit: number,
): number {
  if (limit > table.ids.length) table.reserve(Math.min(limit, ((end - from) >> 2) + 1));
  const spans = table.spans;
  const ids = table.ids;
  table.generation = (table.generation + 1) | 0;
  let at = from;
  let count = 0;
  for (;;) {
    const nameStart = at;
    while (at < end && isAt(bytes, at, TOKEN)) at += 1;
    if (at >= end) return INCOMPLETE;
    if (bytes[at] !== COLON || at === nameStart) {
      if (at !== nameStart || bytes[at] !== CR) return MALFORMED;
      if (at + 1 >= end) return INCOMPLETE;
      if (bytes[at + 1] !== LF) return MALFORMED;
      table.count = count;
      return at + 2;
    }
    const nameEnd = at;
    at += 1;
    while (at < end && (bytes[at] === SP || bytes[at] === HTAB)) at += 1;
    const valueStart = at;
    while (at < end && isAt(bytes, at, VALUE)) at += 1;
    if (at >= end) return INCOMPLETE;
    if (bytes[at] !== CR) return MALFORMED;
    if (at + 1 >= end) return INCOMPLETE;
    if (bytes[at + 1] !== LF) return MALFORMED;
    let valueEnd = at;
    while (valueEnd > valueStart && isBlank(bytes[valueEnd - 1])) valueEnd -= 1;
    if (count >= limit) return TOO_MANY;
    const slot = count * 4;
    spans[slot] = nameStart;
    spans[slot + 1] = nameEnd;
    spans[slot + 2] = valueStart;
    spans[slot + 3] = valueEnd;
    ids[count] = identifyField(bytes, nameStart, nameEnd);
    count += 1;
    at += 2;
  }
}

function isBlank(byte: number | undefined): boolean {
  return byte === SP || byte === HTAB;
}
