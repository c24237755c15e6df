/**
 * A request's head, read strictly (RFC 9112 3, 5, 6) and in place: what matters is kept as numbers
 * and offsets into the received bytes. The trick: one reader object serves all requests of a
 * handler, since a head is judged, rewritten and sent on before the next one is read, so a
 * request's head costs no allocation at all.
 */
import { CR, DIGIT, isAt, isOf, LF, SP, TARGET, TOKEN } from './byte-classes.ts';
import { hasOption, hasOtherOptions } from './connection-options.ts';
import { readContentLength } from './content-length.ts';
import { FieldTable, INCOMPLETE, readFields, TOO_MANY } from './field-reader.ts';
import { BODY_CHUNKED, BODY_LENGTH, BODY_NONE, HEAD_INCOMPLETE, HEAD_READ } from './framing.ts';
import { isValidHost } from './host.ts';
import * as known from './known-fields.ts';
import { equalsIgnoringCase } from './known-fields.ts';
import { countsHops, readMaxForwards } from './max-forwards.ts';
import { CONNECT, HEAD, isIdempotent, isMethod, OPTIONS, TRACE } from './methods.ts';
import { isChunked } from './transfer-encoding.ts';

const HTTP_SCHEME = Buffer.from('http://');
const HTTPS_SCHEME = Buffer.from('https://');
const CONTINUE = Buffer.from('100-continue');

/** The bounds of a head that {@link RequestHead.read} enforces. */
export interface HeadLimits {
  readonly headBytes: number;
  readonly targetBytes: number;
  readonly headerCount: number;
  readonly bodyBytes: number;
}

/** The head read last. Offsets are into the bytes it was read from. */
export class RequestHead {
  readonly fields: FieldTable = new FieldTable(128);
  /** Where the request line starts, after a skipped empty line. */
  start = 0;
  methodEnd = 0;
  targetStart = 0;
  targetEnd = 0;
  /** The origin-form part of the target: all of it unless the target is in absolute-form. */
  originStart = 0;
  /** Whether an absolute-form target had no path, so that a `/` has to be put before the rest. */
  needsSlash = false;
  /** The minor version, 0 or 1. */
  minor = 1;
  fieldsStart = 0;
  /** The offset after the empty line. */
  end = 0;
  body: number = BODY_NONE;
  contentLength = 0;
  /** Whether a Content-Length field is as the proxy itself would write its value. */
  canonicalLength = true;
  /** Whether the connection may serve another request. */
  keepAlive = true;
  /** Connection options beyond the usual ones: fields named by them have to go. */
  namesFields = false;
  trailersWanted = false;
  expectsContinue = false;
  /** Connection said `upgrade` and there is an Upgrade field. */
  upgrade = false;
  isHead = false;
  isTrace = false;
  /** Hops that a TRACE or an OPTIONS may still go, -1 where they are not counted. */
  maxForwards = -1;
  isIdempotent = false;
  /** Where the path ends: at the query or at the target's end. */
  pathEnd = 0;
  /** Index of the Host field, -1 if there is none. */
  hostIndex = -1;

  /**
   * Reads a head at `from`. HEAD_READ, HEAD_INCOMPLETE, or the status code of a refusal: 400, 414,
   * 431, 505 for a head that is none, 405, 413, 417 for a well-formed one (`isWellFormed`).
   */
  read(bytes: Buffer, from: number, end: number, limits: HeadLimits): number {
    let at = from;
    if (bytes[at] === CR) {
      if (at + 1 >= end) return HEAD_INCOMPLETE;
      if (bytes[at + 1] !== LF) return 400;
      at += 2;
    }
    this.start = at;
    const lineStatus = this.#readLine(bytes, at, end, limits);
    if (lineStatus !== HEAD_READ) return lineStatus;
    const bound = Math.min(end, this.start + limits.headBytes);
    const fieldsEnd = readFields(bytes, this.fieldsStart, bound, this.fields, limits.headerCount);
    if (fieldsEnd < 0) {
      if (fieldsEnd === TOO_MANY) return 431;
      if (fieldsEnd !== INCOMPLETE) return 400;
      return end - this.start >= limits.headBytes ? 431 : HEAD_INCOMPLETE;
    }
    this.end = fieldsEnd;
    return this.#judge(bytes, limits);
  }

  /** What a rule set's decisions are kept under: method, one space, path as received. */
  decisionKey(bytes: Buffer): string {
    if (this.originStart === this.targetStart) {
      return bytes.toString('latin1', this.start, this.pathEnd);
    }
    const method = bytes.toString('latin1', this.start, this.methodEnd + 1);
    const path = bytes.toString('latin1', this.originStart, this.pathEnd);
    return `${method}${this.needsSlash ? '/' : ''}${path}`;
  }

  /** The request line: method SP target SP version CRLF. */
  #readLine(bytes: Buffer, from: number, end: number, limits: HeadLimits): number {
    const bound = Math.min(end, from + limits.headBytes);
    const short = end - from >= limits.headBytes ? 431 : HEAD_INCOMPLETE;
    let at = from;
    while (at < bound && isAt(bytes, at, TOKEN)) at += 1;
    if (at >= bound) return short;
    if (at === from || bytes[at] !== SP) return 400;
    this.methodEnd = at;
    at += 1;
    const targetStart = at;
    while (at < bound && isAt(bytes, at, TARGET)) at += 1;
    if (at - targetStart > limits.targetBytes) return 414;
    if (at >= bound) return short;
    if (at === targetStart || bytes[at] !== SP) return 400;
    this.targetStart = targetStart;
    this.targetEnd = at;
    return this.#readVersion(bytes, at + 1, bound, short);
  }

  #readVersion(bytes: Buffer, at: number, bound: number, short: number): number {
    const expected = VERSION_LINE;
    for (let i = 0; i < expected.length; i += 1) {
      if (at + i >= bound) return short;
      const byte = bytes[at + i] ?? 0;
      if (i === MINOR_OFFSET) {
        if (byte !== 0x31 && byte !== 0x30) return 400;
        this.minor = byte - 0x30;
      } else if (byte !== expected[i]) {
        return i === MAJOR_OFFSET && isOf(byte, DIGIT) ? 505 : 400;
      }
    }
    this.fieldsStart = at + expected.length;
    return HEAD_READ;
  }

  /** What the fields mean for this hop. */
  #judge(bytes: Buffer, limits: HeadLimits): number {
    this.body = BODY_NONE;
    this.contentLength = 0;
    this.canonicalLength = true;
    this.keepAlive = this.minor === 1;
    this.namesFields = false;
    this.trailersWanted = false;
    this.expectsContinue = false;
    this.upgrade = false;
    this.hostIndex = -1;
    this.maxForwards = -1;
    let upgradeNamed = false;
    let upgradeSeen = false;
    let upgradeRefused = false;
    let lengthSeen = false;
    let badExpect = false;
    const { ids, count } = this.fields;
    for (let i = 0; i < count; i += 1) {
      const id = ids[i];
      if (id === known.OTHER) continue;
      const from = this.fields.valueStart(i);
      const to = this.fields.valueEnd(i);
      switch (id) {
        case known.HOST:
          if (this.hostIndex !== -1 || !isValidHost(bytes, from, to)) return 400;
          this.hostIndex = i;
          break;
        case known.CONTENT_LENGTH: {
          const length = readContentLength(bytes, from, to);
          if (lengthSeen || length < 0) return 400;
          lengthSeen = true;
          this.contentLength = length;
          this.canonicalLength =
            (bytes[from] !== 0x30 || to - from === 1) && isTight(this.fields, i, bytes);
          break;
        }
        case known.TRANSFER_ENCODING:
          if (this.body === BODY_CHUNKED || !isChunked(bytes, from, to)) return 400;
          this.body = BODY_CHUNKED;
          break;
        case known.CONNECTION:
          if (hasOption(bytes, from, to, 'close')) this.keepAlive = false;
          if (hasOption(bytes, from, to, 'upgrade')) upgradeNamed = true;
          if (hasOtherOptions(bytes, from, to)) this.namesFields = true;
          break;
        case known.TE:
          if (hasOption(bytes, from, to, 'trailers')) this.trailersWanted = true;
          break;
        case known.UPGRADE:
          // h2c would let requests through that this proxy never sees (RFC 9113 3.1 drops it).
          upgradeSeen = true;
          if (to === from || hasOption(bytes, from, to, 'h2c')) upgradeRefused = true;
          break;
        case known.EXPECT:
          if (to - from !== CONTINUE.length || !equalsIgnoringCase(bytes, from, CONTINUE)) {
            badExpect = true;
          }
          this.expectsContinue = this.minor === 1;
          break;
        case known.MAX_FORWARDS:
          if (!countsHops(bytes, this.start, this.methodEnd - this.start)) break;
          if (this.maxForwards !== -1) return 400;
          this.maxForwards = readMaxForwards(bytes, from, to);
          if (this.maxForwards === -1) return 400;
          break;
      }
    }
    if (this.body === BODY_CHUNKED && (lengthSeen || this.minor === 0)) return 400;
    if (lengthSeen) this.body = BODY_LENGTH;
    if (this.minor === 1 && this.hostIndex === -1) return 400;
    this.upgrade = upgradeNamed && upgradeSeen && !upgradeRefused && this.minor === 1;
    this.pathEnd = this.targetEnd;
    const targetStatus = this.#judgeTarget(bytes);
    if (targetStatus !== HEAD_READ) return targetStatus;
    let pathEnd = this.originStart;
    while (pathEnd < this.targetEnd && bytes[pathEnd] !== QUESTION) pathEnd += 1;
    this.pathEnd = pathEnd;
    if (badExpect) return 417;
    return this.contentLength > limits.bodyBytes ? 413 : HEAD_READ;
  }

  /** The method and the target's form (RFC 9112 3.2). */
  #judgeTarget(bytes: Buffer): number {
    const methodLength = this.methodEnd - this.start;
    this.isHead = isMethod(bytes, this.start, methodLength, HEAD);
    this.isTrace = isMethod(bytes, this.start, methodLength, TRACE);
    this.isIdempotent = isIdempotent(bytes, this.start, methodLength);
    this.originStart = this.targetStart;
    this.needsSlash = false;
    const first = bytes[this.targetStart];
    if (first === SLASH && !isMethod(bytes, this.start, methodLength, CONNECT)) return HEAD_READ;
    if (isMethod(bytes, this.start, methodLength, CONNECT)) return 405;
    if (first === STAR) {
      const isOptions = isMethod(bytes, this.start, methodLength, OPTIONS);
      return isOptions && this.targetEnd - this.targetStart === 1 ? HEAD_READ : 400;
    }
    return this.#judgeAbsolute(bytes);
  }

  #judgeAbsolute(bytes: Buffer): number {
    let from = this.targetStart;
    if (equalsIgnoringCase(bytes, from, HTTP_SCHEME)) from += HTTP_SCHEME.length;
    else if (equalsIgnoringCase(bytes, from, HTTPS_SCHEME)) from += HTTPS_SCHEME.length;
    else return 400;
    let to = from;
    while (to < this.targetEnd && bytes[to] !== SLASH && bytes[to] !== QUESTION) to += 1;
    if (to === from || !isValidHost(bytes, from, to)) return 400;
    this.originStart = to;
    this.needsSlash = bytes[to] !== SLASH;
    if (this.hostIndex === -1) return HEAD_READ;
    const hostStart = this.fields.valueStart(this.hostIndex);
    if (this.fields.valueEnd(this.hostIndex) - hostStart !== to - from) return 400;
    for (let i = 0; i < to - from; i += 1) {
      if (lower(bytes[from + i] ?? 0) !== lower(bytes[hostStart + i] ?? 0)) return 400;
    }
    return HEAD_READ;
  }
}

const SLASH = 0x2f;
const STAR = 0x2a;
const QUESTION = 0x3f;
const VERSION_LINE = Buffer.from('HTTP/1.x\r\n');
const MAJOR_OFFSET = 5;
const MINOR_OFFSET = 7;

/** Whether a head that was refused with this status is well formed all the same. */
export function isWellFormed(status: number): boolean {
  return status === 405 || status === 413 || status === 417;
}

/**
 * Whether a field is written `Name: value CRLF` with exactly one space, so that sending the
 * received bytes on is the same as writing the field anew.
 */
export function isTight(fields: FieldTable, index: number, bytes: Buffer): boolean {
  return (
    bytes[fields.nameEnd(index) + 1] === SP &&
    fields.valueStart(index) === fields.nameEnd(index) + 2 &&
    bytes[fields.valueEnd(index)] === CR
  );
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}
