/**
 * An answer's head, read as strictly as a request's (RFC 9112 4, 5, 6), in place. One reader serves
 * all answers of a handler, for the reason given in `request-head.ts`.
 */
import { CR, DIGIT, isAt, isOf, LF, SP, VALUE } from './byte-classes.ts';
import { hasOption, hasOtherOptions } from './connection-options.ts';
import { readContentLength } from './content-length.ts';
import { FieldTable, INCOMPLETE, readFields } from './field-reader.ts';
import {
  BODY_CHUNKED,
  BODY_LENGTH,
  BODY_NONE,
  BODY_UNTIL_CLOSE,
  HEAD_INCOMPLETE,
  HEAD_READ,
} from './framing.ts';
import * as known from './known-fields.ts';
import { isTight } from './request-head.ts';
import { isChunked } from './transfer-encoding.ts';

/** An answer's head that is longer, or has more fields, is malformed. */
const HEAD_BYTES = 256 * 1024;
const FIELD_COUNT = 1000;
/** The head is malformed. */
export const HEAD_MALFORMED = -1;

const VERSION = Buffer.from('HTTP/1.');

/** The head read last. Offsets are into the bytes it was read from. */
export class ResponseHead {
  readonly fields: FieldTable = new FieldTable(128);
  start = 0;
  minor = 1;
  status = 0;
  fieldsStart = 0;
  end = 0;
  body: number = BODY_NONE;
  contentLength = 0;
  canonicalLength = true;
  hasLength = false;
  keepAlive = true;
  namesFields = false;

  /** HEAD_READ, HEAD_INCOMPLETE or HEAD_MALFORMED. `toHead`: it answers a HEAD request. */
  read(bytes: Buffer, from: number, end: number, toHead: boolean): number {
    this.start = from;
    const line = this.#readLine(bytes, from, end);
    if (line !== HEAD_READ) return line;
    const fieldsEnd = readFields(bytes, this.fieldsStart, end, this.fields, FIELD_COUNT);
    if (fieldsEnd === INCOMPLETE) {
      return end - from > HEAD_BYTES ? HEAD_MALFORMED : HEAD_INCOMPLETE;
    }
    if (fieldsEnd < 0) return HEAD_MALFORMED;
    this.end = fieldsEnd;
    return this.#judge(bytes, toHead);
  }

  /** HTTP/1.x SP 3DIGIT [SP reason] CRLF. */
  #readLine(bytes: Buffer, from: number, end: number): number {
    let at = from;
    for (let i = 0; i < VERSION.length; i += 1, at += 1) {
      if (at >= end) return HEAD_INCOMPLETE;
      if (bytes[at] !== VERSION[i]) return HEAD_MALFORMED;
    }
    const lineMinimum = 6;
    if (at + lineMinimum > end) return HEAD_INCOMPLETE;
    const minor = bytes[at] ?? 0;
    if ((minor !== 0x31 && minor !== 0x30) || bytes[at + 1] !== SP) return HEAD_MALFORMED;
    this.minor = minor - 0x30;
    at += 2;
    let status = 0;
    for (let i = 0; i < 3; i += 1, at += 1) {
      const byte = bytes[at] ?? 0;
      if (!isOf(byte, DIGIT)) return HEAD_MALFORMED;
      status = status * 10 + byte - 0x30;
    }
    if (status < 100 || status > 599) return HEAD_MALFORMED;
    this.status = status;
    if (bytes[at] !== SP && bytes[at] !== CR) return HEAD_MALFORMED;
    while (at < end && isAt(bytes, at, VALUE)) at += 1;
    if (at + 1 >= end) return at < end && bytes[at] !== CR ? HEAD_MALFORMED : HEAD_INCOMPLETE;
    if (bytes[at] !== CR || bytes[at + 1] !== LF) return HEAD_MALFORMED;
    this.fieldsStart = at + 2;
    return HEAD_READ;
  }

  #judge(bytes: Buffer, toHead: boolean): number {
    this.body = BODY_NONE;
    this.contentLength = 0;
    this.canonicalLength = true;
    this.hasLength = false;
    this.keepAlive = this.minor === 1;
    this.namesFields = false;
    let chunked = false;
    const { ids, count } = this.fields;
    for (let i = 0; i < count; i += 1) {
      const id = ids[i];
      if (id === known.OTHER) continue;
      const from = this.fields.valueStart(i);
      const to = this.fields.valueEnd(i);
      if (id === known.CONTENT_LENGTH) {
        const length = readContentLength(bytes, from, to);
        if (this.hasLength || length < 0 || length === Number.POSITIVE_INFINITY) {
          return HEAD_MALFORMED;
        }
        this.hasLength = true;
        this.contentLength = length;
        this.canonicalLength =
          (bytes[from] !== 0x30 || to - from === 1) && isTight(this.fields, i, bytes);
      } else if (id === known.TRANSFER_ENCODING) {
        if (chunked || !isChunked(bytes, from, to)) return HEAD_MALFORMED;
        chunked = true;
      } else if (id === known.CONNECTION) {
        if (hasOption(bytes, from, to, 'close')) this.keepAlive = false;
        if (hasOtherOptions(bytes, from, to)) this.namesFields = true;
      }
    }
    if (chunked && (this.hasLength || this.minor === 0)) return HEAD_MALFORMED;
    const bodiless = toHead || this.status < 200 || this.status === 204 || this.status === 304;
    if (bodiless) return HEAD_READ;
    if (chunked) this.body = BODY_CHUNKED;
    else if (this.hasLength) this.body = BODY_LENGTH;
    else this.body = BODY_UNTIL_CLOSE;
    return HEAD_READ;
  }
}
