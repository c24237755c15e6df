/**
 * Makes the log line of one exchange from what the rules want captured. Values are redacted here,
 * before a line exists; the line's form is `policy/log-record.ts`.
 */
import { formatLogRecord, type LoggedFields, type LogRecord } from '../policy/log-record.ts';
import type { Capture, Limits, Redaction } from '../policy/policy.ts';
import { isRedactedField, REDACTED, redactTarget } from '../policy/redact.ts';
import type { Field } from './fields.ts';
import { windowText } from './rules.ts';

/** What a rule set captures where it has no rule to say so. */
export const DEFAULT_CAPTURE: Capture = {
  method: true,
  path: true,
  headers: false,
  body: false,
  timing: true,
};

/** What is known of an exchange when it is over. */
export interface Exchanged {
  readonly timeMs: number;
  readonly client: string;
  readonly method: string;
  readonly target: string;
  readonly status: number | null;
  readonly outcome: LogRecord['outcome'];
  readonly requestFields: readonly Field[];
  readonly requestBody: Buffer;
  readonly responseFields: readonly Field[];
  readonly responseBody: Buffer;
  /** Of the answer, sent to the client. */
  readonly responseBytes: number;
  readonly durationMs: number;
  readonly upstreamMs: number | null;
}

/** The rules that want the line, and what each of them captures; null where a set does not. */
export interface Wanted {
  readonly rule: string | null;
  readonly responseRule: string | null;
  readonly request: Capture | null;
  readonly response: Pick<Capture, 'headers' | 'body' | 'timing'> | null;
}

/** One line with its line feed. */
export function logLine(
  exchanged: Exchanged,
  wanted: Wanted,
  redact: Redaction,
  limits: Limits,
): string {
  const { request, response } = wanted;
  // A line that only a response rule wants still says which request it was.
  const names = request ?? DEFAULT_CAPTURE;
  const timing = (request?.timing ?? false) || (response?.timing ?? false);
  const capturesAnswer = (part: 'headers' | 'body'): boolean =>
    (request?.[part] ?? false) || (response?.[part] ?? false);
  const record: LogRecord = {
    timeMs: exchanged.timeMs,
    rule: wanted.rule,
    responseRule: wanted.responseRule,
    client: exchanged.client,
    ...(names.method ? { method: exchanged.method } : {}),
    ...(names.path ? { target: redactTarget(exchanged.target, new Set(redact.query)) } : {}),
    status: exchanged.status,
    outcome: exchanged.outcome,
    requestBytes: exchanged.requestBody.length,
    responseBytes: exchanged.responseBytes,
    ...(timing ? { durationMs: exchanged.durationMs, upstreamMs: exchanged.upstreamMs } : {}),
    ...(request?.headers ? { requestHeaders: redacted(exchanged.requestFields, redact) } : {}),
    ...(capturesAnswer('headers')
      ? { responseHeaders: redacted(exchanged.responseFields, redact) }
      : {}),
    ...(request?.body
      ? { requestBody: windowText(exchanged.requestBody, limits.bodyMatchBytes) }
      : {}),
    ...(capturesAnswer('body')
      ? { responseBody: windowText(exchanged.responseBody, limits.bodyMatchBytes) }
      : {}),
  };
  return formatLogRecord(record);
}

function redacted(fields: readonly Field[], redact: Redaction): LoggedFields {
  const names = new Set(redact.headers);
  return fields.map(
    ([name, value]): Field => [name, isRedactedField(name.toLowerCase(), names) ? REDACTED : value],
  );
}
