/**
 * Heads written field by field through strings and objects, as is usual: what takes the place of
 * `forward.ts` and `answer-head.ts` where copying in ranges is a part that is off. It drops and adds
 * the same fields; of the fields that are kept, only the blanks around values may differ.
 */
import { STATUS_CODES } from 'node:http';
import { dropsAnswerField, writeAnswerEnd } from './answer-head.ts';
import type { FieldTable } from './field-reader.ts';
import { dropsRequestField, namedFields, writeRequestEnd } from './forward.ts';
import type { Hop } from './hop.ts';
import * as known from './known-fields.ts';
import type { Outgoing } from './outgoing.ts';
import type { RequestHead } from './request-head.ts';
import type { ResponseHead } from './response-head.ts';

interface CopiedField {
  readonly id: number;
  readonly name: string;
  readonly value: string;
}

const NO_NAMES: ReadonlySet<string> = new Set();
const STATUS_OFFSET = 9;

/** Does what `writeRequestHead` does. */
export function copyRequestHead(
  out: Outgoing,
  bytes: Buffer,
  head: RequestHead,
  hop: Hop,
  answersContinue: boolean,
): void {
  const named = head.namesFields ? namedFields(bytes, head.fields) : NO_NAMES;
  const fields = copyFields(bytes, head.fields);
  const dropped = fields.filter(({ id }) => dropsRequestField(id, head, hop, answersContinue));
  const kept = fields.filter(
    (field) => !dropped.includes(field) && !named.has(field.name.toLowerCase()),
  );
  out.text(requestLine(bytes, head) + kept.map(fieldLine).join(''));
  const received = dropped.reduce((bits, { id }) => bits | (1 << id), 0);
  writeRequestEnd(out, bytes, head, hop, received);
}

/** Does what `writeAnswerHead` does. */
export function copyAnswerHead(
  out: Outgoing,
  bytes: Buffer,
  head: ResponseHead,
  chunked: boolean,
  close: boolean,
): void {
  const named = head.namesFields ? namedFields(bytes, head.fields) : NO_NAMES;
  const kept = copyFields(bytes, head.fields).filter(
    ({ id, name }) => !dropsAnswerField(id, head) && !named.has(name.toLowerCase()),
  );
  out.text(statusLine(bytes, head) + kept.map(fieldLine).join(''));
  writeAnswerEnd(out, head, chunked, close);
}

function copyFields(bytes: Buffer, fields: FieldTable): readonly CopiedField[] {
  return Array.from({ length: fields.count }, (_, i) => ({
    id: fields.ids[i] ?? known.OTHER,
    name: bytes.toString('latin1', fields.nameStart(i), fields.nameEnd(i)),
    value: bytes.toString('latin1', fields.valueStart(i), fields.valueEnd(i)),
  }));
}

function fieldLine({ name, value }: CopiedField): string {
  return `${name}: ${value}\r\n`;
}

function requestLine(bytes: Buffer, head: RequestHead): string {
  const method = bytes.toString('latin1', head.start, head.methodEnd);
  const target = bytes.toString('latin1', head.originStart, head.targetEnd);
  return `${method} ${head.needsSlash ? '/' : ''}${target} HTTP/1.1\r\n`;
}

function statusLine(bytes: Buffer, head: ResponseHead): string {
  const line = bytes.toString('latin1', head.start + STATUS_OFFSET, head.fieldsStart - 2);
  const reason = line.length > 3 ? '' : ` ${STATUS_CODES[head.status] ?? ''}`;
  return `HTTP/1.1 ${line}${reason}\r\n`;
}
