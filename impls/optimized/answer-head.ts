/**
 * Writes the answer's head that goes to the client, by the same trick as `forward.ts`: long ranges
 * of the received bytes, few additions. Nothing is added but framing and `Connection`.
 */
import { STATUS_CODES } from 'node:http';
import { isForbiddenTrailer } from '../policy/header-names.ts';
import type { FieldTable } from './field-reader.ts';
import { isNamed, namedFields } from './forward.ts';
import * as known from './known-fields.ts';
import type { Outgoing } from './outgoing.ts';
import type { ResponseHead } from './response-head.ts';

const CHUNKED_FIELD = Buffer.from('Transfer-Encoding: chunked\r\n');
const CLOSE_FIELD = Buffer.from('Connection: close\r\n');
const UPGRADE_FIELD = Buffer.from('Connection: Upgrade\r\n');

const STATUS_OFFSET = 9;

/** Appends the rewritten head. */
export function writeAnswerHead(
  out: Outgoing,
  bytes: Buffer,
  head: ResponseHead,
  chunked: boolean,
  close: boolean,
): void {
  const { fields } = head;
  let from = writeStatusLine(out, bytes, head);
  const named = head.namesFields ? namedFields(bytes, fields) : null;
  const fieldsEnd = head.end - 2;
  for (let i = 0; i < fields.count; i += 1) {
    const id = fields.ids[i] ?? known.OTHER;
    if (id === known.OTHER && named === null) continue;
    if (!dropsAnswerField(id, head) && !(named !== null && isNamed(bytes, fields, i, named))) {
      continue;
    }
    out.range(bytes, from, fields.nameStart(i));
    from = i + 1 < fields.count ? fields.nameStart(i + 1) : fieldsEnd;
  }
  out.range(bytes, from, fieldsEnd);
  writeAnswerEnd(out, head, chunked, close);
}

/** Appends what is added, and the empty line. */
export function writeAnswerEnd(
  out: Outgoing,
  head: ResponseHead,
  chunked: boolean,
  close: boolean,
): void {
  if (head.hasLength && !head.canonicalLength && !forbidsLength(head)) {
    out.text(`Content-Length: ${head.contentLength}\r\n`);
  }
  if (chunked) out.all(CHUNKED_FIELD);
  if (head.status === 101) out.all(UPGRADE_FIELD);
  else if (close) out.all(CLOSE_FIELD);
  out.crlf();
}

/** Writes the status line unless it can be sent on as it is; returns where the copying goes on. */
function writeStatusLine(out: Outgoing, bytes: Buffer, head: ResponseHead): number {
  const reasonStart = head.start + STATUS_OFFSET + 3;
  const hasReasonSpace = bytes[reasonStart] === 0x20;
  if (head.minor === 1 && hasReasonSpace) return head.start;
  out.text('HTTP/1.1 ');
  if (hasReasonSpace) return head.start + STATUS_OFFSET;
  out.text(`${head.status} ${STATUS_CODES[head.status] ?? ''}\r\n`);
  return head.fieldsStart;
}

/** Whether a field of this known name stays behind. */
export function dropsAnswerField(id: number, head: ResponseHead): boolean {
  switch (id) {
    case known.CONNECTION:
    case known.KEEP_ALIVE:
    case known.PROXY_CONNECTION:
    case known.PROXY_AUTHENTICATE:
    case known.PROXY_AUTHORIZATION:
    case known.TE:
    case known.TRANSFER_ENCODING:
    case known.HTTP2_SETTINGS:
      return true;
    case known.UPGRADE:
      return head.status !== 101;
    case known.CONTENT_LENGTH:
      return forbidsLength(head) || !head.canonicalLength;
    default:
      return false;
  }
}

/** RFC 9110 8.6: no Content-Length in 1xx and 204. */
function forbidsLength(head: ResponseHead): boolean {
  return head.status < 200 || head.status === 204;
}

/** Appends the trailer fields that may go on, then the empty line. */
export function writeTrailers(
  out: Outgoing,
  bytes: Buffer,
  fields: FieldTable,
  count: number,
): void {
  for (let i = 0; i < count; i += 1) {
    const name = bytes.toString('latin1', fields.nameStart(i), fields.nameEnd(i));
    if (isHopByHop(fields.ids[i]) || isForbiddenTrailer(name.toLowerCase())) continue;
    out.text(`${name}: `);
    out.range(bytes, fields.valueStart(i), fields.valueEnd(i));
    out.crlf();
  }
  out.crlf();
}

function isHopByHop(id: number | undefined): boolean {
  return id !== undefined && id >= known.CONNECTION && id <= known.HTTP2_SETTINGS;
}
