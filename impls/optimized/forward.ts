/**
 * Writes the request that goes to the upstream. The trick: what is kept is copied as few long
 * ranges of the received bytes, the request line and all fields between two dropped ones at once;
 * what is added is constant for a connection and prepared beforehand, but for the host.
 *
 * A Content-Length that is already written the way the proxy would write it stays where it is.
 */
import { isProtectedFromConnection } from '../policy/header-names.ts';
import type { FieldTable } from './field-reader.ts';
import { BODY_CHUNKED, BODY_LENGTH } from './framing.ts';
import type { Hop } from './hop.ts';
import * as known from './known-fields.ts';
import type { Outgoing } from './outgoing.ts';
import type { RequestHead } from './request-head.ts';

const VERSION = Buffer.from(' HTTP/1.1\r\n');
const CHUNKED_FIELD = Buffer.from('Transfer-Encoding: chunked\r\n');
const TRAILERS_FIELD = Buffer.from('TE: trailers\r\nConnection: TE\r\n');
const UPGRADE_FIELD = Buffer.from('Connection: Upgrade\r\n');
const X_FORWARDED_HOST = Buffer.from('X-Forwarded-Host: ');

/** Appends the rewritten head. `answersContinue`: the proxy has answered the Expect itself. */
export function writeRequestHead(
  out: Outgoing,
  bytes: Buffer,
  head: RequestHead,
  hop: Hop,
  answersContinue: boolean,
): void {
  let from = writeRequestLine(out, bytes, head);
  const { fields } = head;
  const named = head.namesFields ? namedFields(bytes, fields) : null;
  const fieldsEnd = head.end - 2;
  let received = 0;
  for (let i = 0; i < fields.count; i += 1) {
    const id = fields.ids[i] ?? known.OTHER;
    if (id === known.OTHER && named === null) continue;
    const drops = dropsRequestField(id, head, hop, answersContinue);
    if (drops) received |= 1 << id;
    if (!drops && !(named !== null && isNamed(bytes, fields, i, named))) continue;
    out.range(bytes, from, fields.nameStart(i));
    from = i + 1 < fields.count ? fields.nameStart(i + 1) : fieldsEnd;
  }
  out.range(bytes, from, fieldsEnd);
  writeRequestEnd(out, bytes, head, hop, received);
}

/** Appends what is added, and the empty line. `received` has the bits of the known fields dropped. */
export function writeRequestEnd(
  out: Outgoing,
  bytes: Buffer,
  head: RequestHead,
  hop: Hop,
  received: number,
): void {
  writeAdded(out, bytes, head, hop, received);
  if (head.body === BODY_CHUNKED) out.all(CHUNKED_FIELD);
  else if (head.body === BODY_LENGTH && !head.canonicalLength) {
    out.text(`Content-Length: ${head.contentLength}\r\n`);
  }
  if (head.maxForwards > 0) out.text(`Max-Forwards: ${head.maxForwards - 1}\r\n`);
  if (head.upgrade) out.all(UPGRADE_FIELD);
  else if (head.trailersWanted) out.all(TRAILERS_FIELD);
  out.crlf();
}

/** Writes the line unless it can be sent on as it is; returns where the copying goes on. */
function writeRequestLine(out: Outgoing, bytes: Buffer, head: RequestHead): number {
  if (head.minor === 1 && head.originStart === head.targetStart) return head.start;
  out.range(bytes, head.start, head.targetStart);
  if (head.needsSlash) out.text('/');
  out.range(bytes, head.originStart, head.targetEnd);
  out.all(VERSION);
  return head.fieldsStart;
}

/** Whether a field of this known name stays behind. */
export function dropsRequestField(
  id: number,
  head: RequestHead,
  hop: Hop,
  answersContinue: boolean,
): boolean {
  switch (id) {
    case known.OTHER:
    case known.HOST:
      return false;
    case known.CONTENT_LENGTH:
      return !head.canonicalLength;
    case known.UPGRADE:
      return !head.upgrade;
    case known.EXPECT:
      return answersContinue || !head.expectsContinue;
    case known.MAX_FORWARDS:
      return head.maxForwards !== -1;
    case known.VIA:
      return hop.via !== null;
    case known.FORWARDED:
      return !hop.trusted || hop.forwarded;
    case known.X_FORWARDED_FOR:
      return !hop.trusted || hop.xForwarded;
    case known.X_FORWARDED_HOST:
    case known.X_FORWARDED_PROTO:
    case known.X_FORWARDED_PORT:
      return !hop.trusted;
    default:
      return true;
  }
}

const KEPT_WHEN_TRUSTED =
  (1 << known.VIA) |
  (1 << known.FORWARDED) |
  (1 << known.X_FORWARDED_FOR) |
  (1 << known.X_FORWARDED_HOST) |
  (1 << known.X_FORWARDED_PROTO);

function writeAdded(
  out: Outgoing,
  bytes: Buffer,
  head: RequestHead,
  hop: Hop,
  received: number,
): void {
  const { fields, hostIndex } = head;
  if (hostIndex === -1) out.text(`Host: ${hop.upstreamHost}\r\n`);
  if ((received & KEPT_WHEN_TRUSTED) === 0 && !hop.trusted) {
    out.all(hop.constant);
  } else {
    writeAppended(out, bytes, fields, hop);
  }
  if (hop.xForwarded && hostIndex !== -1 && !(hop.trusted && has(fields, known.X_FORWARDED_HOST))) {
    const from = fields.valueStart(hostIndex);
    const to = fields.valueEnd(hostIndex);
    if (to > from) {
      out.all(X_FORWARDED_HOST);
      out.range(bytes, from, to);
      out.crlf();
    }
  }
  if (hop.forwarded) writeForwarded(out, bytes, head, hop);
}

/** The added fields where received ones may have to be appended to. */
function writeAppended(out: Outgoing, bytes: Buffer, fields: FieldTable, hop: Hop): void {
  if (hop.xForwarded) {
    out.text('X-Forwarded-For: ');
    if (hop.trusted) writeReceived(out, bytes, fields, known.X_FORWARDED_FOR);
    out.text(`${hop.peer}\r\n`);
    if (!(hop.trusted && has(fields, known.X_FORWARDED_PROTO))) {
      out.text(`X-Forwarded-Proto: ${hop.scheme}\r\n`);
    }
  }
  if (hop.via !== null) {
    out.text('Via: ');
    writeReceived(out, bytes, fields, known.VIA);
    out.text(`1.1 ${hop.via}\r\n`);
  }
}

/** RFC 7239. */
function writeForwarded(out: Outgoing, bytes: Buffer, head: RequestHead, hop: Hop): void {
  const { fields, hostIndex } = head;
  out.text('Forwarded: ');
  if (hop.trusted) writeReceived(out, bytes, fields, known.FORWARDED);
  const node = hop.peer.includes(':') ? `"[${hop.peer}]"` : hop.peer;
  out.text(`for=${node};proto=${hop.scheme}`);
  if (hostIndex !== -1 && fields.valueEnd(hostIndex) > fields.valueStart(hostIndex)) {
    out.text(';host="');
    out.range(bytes, fields.valueStart(hostIndex), fields.valueEnd(hostIndex));
    out.text('"');
  }
  out.crlf();
}

/** Every received value of a field that is not empty, each with a comma behind it. */
function writeReceived(out: Outgoing, bytes: Buffer, fields: FieldTable, id: number): void {
  for (let i = 0; i < fields.count; i += 1) {
    if (fields.ids[i] !== id || fields.valueEnd(i) === fields.valueStart(i)) continue;
    out.range(bytes, fields.valueStart(i), fields.valueEnd(i));
    out.text(', ');
  }
}

function has(fields: FieldTable, id: number): boolean {
  for (let i = 0; i < fields.count; i += 1) if (fields.ids[i] === id) return true;
  return false;
}

/** The lower-case names that Connection fields name and that may go. Rare, so plain strings. */
export function namedFields(bytes: Buffer, fields: FieldTable): ReadonlySet<string> {
  const names = new Set<string>();
  for (let i = 0; i < fields.count; i += 1) {
    if (fields.ids[i] !== known.CONNECTION) continue;
    const value = bytes.toString('latin1', fields.valueStart(i), fields.valueEnd(i));
    for (const option of value.toLowerCase().split(',')) {
      const name = option.trim();
      if (!isProtectedFromConnection(name)) names.add(name);
    }
  }
  return names;
}

/** Whether the field's name is among the names. */
export function isNamed(
  bytes: Buffer,
  fields: FieldTable,
  index: number,
  names: ReadonlySet<string>,
): boolean {
  return names.has(
    bytes.toString('latin1', fields.nameStart(index), fields.nameEnd(index)).toLowerCase(),
  );
}
