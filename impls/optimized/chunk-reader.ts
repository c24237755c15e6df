/**
 * Reads a chunked body (RFC 9112 7.1), strictly and in any number of pieces. The trick: the payload
 * is moved together inside the received bytes, over the chunk sizes between its parts, so that
 * whoever forwards, counts or matches it sees one range a read. The first part is never moved, so
 * the usual body of one chunk is not copied at all.
 *
 * Extensions are checked, bounded and forgotten. Trailers are read with the fields' own reader.
 */
import { CR, HEX_VALUE, isOf, LF, VALUE } from './byte-classes.ts';
import { type FieldTable, INCOMPLETE, readFields } from './field-reader.ts';

const MAX_SIZE_DIGITS = 15;
const MAX_EXTENSION_BYTES = 1024;
const MAX_TRAILER_BYTES = 16 * 1024;
const MAX_TRAILER_FIELDS = 100;

const SIZE = 0;
const EXTENSION = 1;
const SIZE_LF = 2;
const DATA = 3;
const DATA_CR = 4;
const DATA_LF = 5;
const TRAILER = 6;
const DONE = 7;

const SEMICOLON = 0x3b;
const NOTHING: Buffer = Buffer.alloc(0);

/** The state of one chunked body. Used again for the next one after `reset`. */
export class ChunkReader {
  /** The payload found by the last `read`, as a range of its bytes. */
  payloadStart = 0;
  payloadEnd = 0;
  /** Where the trailer section lies once `done`, with its own bytes; `trailerFields` says how many. */
  trailerBytes: Buffer = NOTHING;
  trailerCount = 0;
  #state = SIZE;
  #remaining = 0;
  #digits = 0;
  #extensionBytes = 0;

  get done(): boolean {
    return this.#state === DONE;
  }

  reset(): void {
    this.#state = SIZE;
    this.#remaining = 0;
    this.#digits = 0;
    this.#extensionBytes = 0;
    this.trailerBytes = NOTHING;
    this.trailerCount = 0;
    this.payloadStart = 0;
    this.payloadEnd = 0;
  }

  /**
   * Reads bytes [from, end), moving the payload together in place. Returns the offset after what
   * belongs to the body (`end` until it is done), or -1 if it is malformed. `trailers` receives
   * the trailer fields, as offsets into `trailerBytes`.
   */
  read(bytes: Buffer, from: number, end: number, trailers: FieldTable): number {
    let at = from;
    this.payloadStart = from;
    this.payloadEnd = from;
    while (at < end) {
      switch (this.#state) {
        case DATA:
          at = this.#take(bytes, at, end);
          break;
        case TRAILER:
          return this.#readTrailers(bytes, at, end, trailers);
        default: {
          const byte = bytes[at] ?? 0;
          if (!this.#step(byte)) return -1;
          at += 1;
        }
      }
    }
    return at;
  }

  /** One byte of the framing between payload parts. */
  #step(byte: number): boolean {
    switch (this.#state) {
      case SIZE:
        return this.#stepSize(byte);
      case EXTENSION:
        if (byte === CR) {
          this.#state = SIZE_LF;
          return true;
        }
        this.#extensionBytes += 1;
        return isOf(byte, VALUE) && this.#extensionBytes <= MAX_EXTENSION_BYTES;
      case SIZE_LF:
        this.#digits = 0;
        this.#extensionBytes = 0;
        this.#state = this.#remaining === 0 ? TRAILER : DATA;
        return byte === LF;
      case DATA_CR:
        this.#state = DATA_LF;
        return byte === CR;
      default:
        this.#state = SIZE;
        return byte === LF;
    }
  }

  #stepSize(byte: number): boolean {
    const value = HEX_VALUE[byte] ?? 255;
    if (value !== 255) {
      this.#digits += 1;
      this.#remaining = this.#remaining * 16 + value;
      return this.#digits <= MAX_SIZE_DIGITS && this.#remaining <= Number.MAX_SAFE_INTEGER;
    }
    if (this.#digits === 0) return false;
    if (byte === CR) {
      this.#state = SIZE_LF;
      return true;
    }
    this.#state = EXTENSION;
    return byte === SEMICOLON;
  }

  #take(bytes: Buffer, at: number, end: number): number {
    const length = Math.min(this.#remaining, end - at);
    if (this.payloadEnd === this.payloadStart) {
      this.payloadStart = at;
      this.payloadEnd = at + length;
    } else {
      if (this.payloadEnd !== at) bytes.copyWithin(this.payloadEnd, at, at + length);
      this.payloadEnd += length;
    }
    this.#remaining -= length;
    if (this.#remaining === 0) this.#state = DATA_CR;
    return at + length;
  }

  #readTrailers(bytes: Buffer, at: number, end: number, trailers: FieldTable): number {
    if (
      this.trailerBytes.length === 0 &&
      bytes[at] === CR &&
      bytes[at + 1] === LF &&
      at + 1 < end
    ) {
      this.#state = DONE;
      return at + 2;
    }
    // Rare: the section is gathered apart, since it may come in pieces.
    const held = this.trailerBytes.length;
    const room = Math.min(end - at, MAX_TRAILER_BYTES + 1 - held);
    const section = Buffer.concat([this.trailerBytes, bytes.subarray(at, at + room)]);
    this.trailerBytes = section;
    const result = readFields(section, 0, section.length, trailers, MAX_TRAILER_FIELDS);
    if (result === INCOMPLETE) return section.length > MAX_TRAILER_BYTES ? -1 : end;
    if (result < 0) return -1;
    this.trailerCount = trailers.count;
    this.#state = DONE;
    return at + (result - held);
  }
}
