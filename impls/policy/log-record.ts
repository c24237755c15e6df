/**
 * One logged exchange and the line that says it, as `docs/proxy-behaviour.md` lays down: order of
 * fields, caps, escaping. It does not redact: the values in a record are redacted already
 * (`redact.ts`). Queueing and writing are each implementation's own; so is a faster way to make
 * the same bytes.
 */

/** A target's characters (UTF-16 units) in a line, the ellipsis of a cut one included. */
const MAX_LOGGED_TARGET = 2048;
/** A header value's characters in a line, the ellipsis of a cut one included. */
const MAX_LOGGED_VALUE = 1024;
/** The fields of one message in a line; a cut list ends in one more, `["…", ""]`. */
const MAX_LOGGED_FIELDS = 100;

/** How an exchange ended. */
export type Outcome = 'forwarded' | 'dropped' | 'answered' | 'refused' | 'failed' | 'aborted';

/** Names as received and values, redacted ones replaced. */
export type LoggedFields = readonly (readonly [name: string, value: string])[];

/** What a line says. A part that is not captured is left out, or undefined. */
export interface LogRecord {
  /** When the head was complete, in milliseconds since 1970. */
  readonly timeMs: number;
  readonly rule: string | null;
  readonly responseRule: string | null;
  /** The peer's address. */
  readonly client: string;
  readonly method?: string | undefined;
  /** As received, redacted. */
  readonly target?: string | undefined;
  /** Of the final answer, or null if none was sent. */
  readonly status: number | null;
  readonly outcome: Outcome;
  /** Body bytes received from the client, and sent to it. */
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** From the complete head to the end. */
  readonly durationMs?: number | undefined;
  /** From the request sent to the answer's first byte; null if there was none. */
  readonly upstreamMs?: number | null | undefined;
  readonly requestHeaders?: LoggedFields | undefined;
  readonly responseHeaders?: LoggedFields | undefined;
  /** The body's window as text. */
  readonly requestBody?: string | undefined;
  readonly responseBody?: string | undefined;
}

/** The record as one JSON object and a line feed. */
export function formatLogRecord(record: LogRecord): string {
  let line = `{"time":"${new Date(record.timeMs).toISOString()}"`;
  line += `,"rule":${textOrNull(record.rule)}`;
  line += `,"responseRule":${textOrNull(record.responseRule)}`;
  line += `,"client":${text(record.client)}`;
  if (record.method !== undefined) line += `,"method":${text(record.method)}`;
  if (record.target !== undefined) {
    line += `,"target":${text(capped(record.target, MAX_LOGGED_TARGET))}`;
  }
  line += `,"status":${record.status === null ? 'null' : record.status}`;
  line += `,"outcome":"${record.outcome}"`;
  line += `,"requestBytes":${record.requestBytes},"responseBytes":${record.responseBytes}`;
  if (record.durationMs !== undefined) line += `,"durationMs":${milliseconds(record.durationMs)}`;
  if (record.upstreamMs !== undefined) {
    line += `,"upstreamMs":${record.upstreamMs === null ? 'null' : milliseconds(record.upstreamMs)}`;
  }
  if (record.requestHeaders !== undefined) {
    line += `,"requestHeaders":${fields(record.requestHeaders)}`;
  }
  if (record.responseHeaders !== undefined) {
    line += `,"responseHeaders":${fields(record.responseHeaders)}`;
  }
  if (record.requestBody !== undefined) line += `,"requestBody":${text(record.requestBody)}`;
  if (record.responseBody !== undefined) line += `,"responseBody":${text(record.responseBody)}`;
  return `${line}}\n`;
}

function textOrNull(value: string | null): string {
  return value === null ? 'null' : text(value);
}

/** JSON leaves DEL, the C1 controls and the Unicode line ends as they are; terminals do not. */
const UNSAFE_IN_TERMINALS = /[\x7f-\x9f\u2028\u2029]/;
const EACH_UNSAFE = /[\x7f-\x9f\u2028\u2029]/g;

function text(value: string): string {
  const json = JSON.stringify(value);
  return UNSAFE_IN_TERMINALS.test(json) ? json.replace(EACH_UNSAFE, escaped) : json;
}

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function capped(value: string, limit: number): string {
  if (value.length <= limit) return value;
  const cutsPair = (value.charCodeAt(limit - 2) & 0xfc00) === 0xd800;
  return `${value.slice(0, limit - (cutsPair ? 2 : 1))}…`;
}

/** At most three decimals. A clock that steps back gives 0, not a negative duration. */
function milliseconds(value: number): number {
  return value > 0 ? Math.round(value * 1000) / 1000 : 0;
}

function fields(list: LoggedFields): string {
  let out = '[';
  for (let i = 0; i < list.length && i < MAX_LOGGED_FIELDS; i++) {
    const field = list[i];
    if (field === undefined) break;
    out += `${i === 0 ? '' : ','}[${text(field[0])},${text(capped(field[1], MAX_LOGGED_VALUE))}]`;
  }
  return `${out}${list.length > MAX_LOGGED_FIELDS ? ',["…",""]' : ''}]`;
}
