/**
 * Which line an exchange is worth, and what goes into it. Decided as early as the rules allow, so
 * that what no rule asks for is never copied: most exchanges keep two numbers and no bytes.
 */
import { formatLogRecord, type LoggedFields, type Outcome } from '../policy/log-record.ts';
import type { Capture, LoggingRule, ResponseLoggingRule } from '../policy/policy.ts';
import { isRedactedField, REDACTED, redactTarget } from '../policy/redact.ts';
import { BodyWindow } from './body-window.ts';
import type { Core } from './core.ts';
import type { ExchangeTimes } from './exchange-times.ts';
import type { FieldTable } from './field-reader.ts';
import {
  type CompiledRule,
  mayMatch,
  NO_RULES,
  needsBody,
  selectByBody,
  selectByFields,
} from './rules.ts';
import type { Decision, Snapshot } from './snapshot.ts';

type AnswerCapture = ResponseLoggingRule['capture'];

const DEFAULT_CAPTURE: Capture = {
  method: true,
  path: true,
  headers: false,
  body: false,
  timing: true,
};

const NO_BYTES: Buffer = Buffer.alloc(0);

/** What the exchange itself knows when it is over. */
export interface ExchangeEnd {
  readonly headBytes: Buffer;
  readonly headFrom: number;
  readonly peer: string;
  readonly outcome: Outcome;
  readonly status: number | null;
  readonly requestBytes: number;
  readonly responseBytes: number;
}

export class ExchangeLog {
  readonly #core: Core;
  readonly #times: ExchangeTimes;
  readonly #requestWindow: BodyWindow;
  readonly #answerWindow: BodyWindow;
  #snapshot: Snapshot;
  /** Logging rules that may match, the first of them for certain unless the body has to be seen. */
  #loggings: readonly CompiledRule<LoggingRule>[] = [];
  #answers: readonly CompiledRule<ResponseLoggingRule>[] = [];
  #answerSeen = false;
  #keepsRequestBody = false;
  #keepsAnswerBody = false;
  #answerHead: Buffer = NO_BYTES;
  /** Bodies of answers are wanted for their own sake, not only by rules that look at them. */
  #capturesAnswerBody = false;

  constructor(core: Core, times: ExchangeTimes) {
    this.#core = core;
    this.#times = times;
    this.#snapshot = core.snapshot;
    this.#requestWindow = new BodyWindow(core.buffers);
    this.#answerWindow = new BodyWindow(core.buffers);
  }

  /** With the head that `core.requestHead` has just read from `bytes`. */
  begin(snapshot: Snapshot, decision: Decision, bytes: Buffer): void {
    this.#snapshot = snapshot;
    this.#loggings = selectByFields(decision.loggings, bytes, this.#core.requestHead.fields);
    this.#answers = [];
    this.#answerSeen = false;
    this.#keepsAnswerBody = false;
    this.#keepsRequestBody =
      needsBody(this.#loggings) || this.#loggings.some(({ rule }) => rule.capture.body);
    if (this.#keepsRequestBody) this.#requestWindow.open(snapshot.limits.bodyMatchBytes);
  }

  requestPart(bytes: Buffer, from: number, to: number): void {
    if (this.#keepsRequestBody) this.#requestWindow.add(bytes, from, to);
  }

  /** The time to the first byte that the matching rule allows, or the limit's. */
  firstByteTimeoutMs(): number {
    const limit = this.#snapshot.limits.firstByteTimeoutMs;
    if (this.#loggings.length === 0) return limit;
    return this.#loggingRule()?.timeoutMs ?? limit;
  }

  /** With the final head that `core.responseHead` has just read from `bytes`. */
  answerBegun(bytes: Buffer): void {
    const head = this.#core.responseHead;
    this.#answerSeen = true;
    this.#answers = selectByFields(this.#snapshot.answerRules(head.status), bytes, head.fields);
    if (this.#answers.length === 0 && this.#loggings.length === 0) return;
    this.#capturesAnswerBody = this.#loggings.some(({ rule }) => rule.capture.body);
    this.#keepsAnswerBody =
      this.#capturesAnswerBody ||
      needsBody(this.#answers) ||
      this.#answers.some(({ rule }) => rule.capture.body);
    if (this.#keepsAnswerBody) this.#answerWindow.open(this.#snapshot.limits.bodyMatchBytes);
    const keepsHead =
      this.#answers.some(({ rule }) => rule.capture.headers) ||
      this.#loggings.some(({ rule }) => rule.capture.headers);
    if (keepsHead) this.#answerHead = Buffer.from(bytes.subarray(head.start, head.end));
  }

  answerPart(bytes: Buffer, from: number, to: number, isLast: boolean): void {
    if (!this.#keepsAnswerBody) return;
    // Most answers come whole, and what no rule wants of them need not be kept to find that out.
    const isWhole = isLast && this.#answerWindow.isEmpty && !this.#capturesAnswerBody;
    const { bodyMatchBytes } = this.#snapshot.limits;
    if (isWhole && to - from <= bodyMatchBytes && !mayMatch(this.#answers, bytes, from, to)) {
      this.#answers = NO_RULES;
      this.#keepsAnswerBody = false;
      return;
    }
    this.#answerWindow.add(bytes, from, to);
  }

  /** Queues the line, if there is to be one, and forgets the exchange. Null: there is none. */
  over(end: ExchangeEnd | null): void {
    if (end !== null) this.#write(end);
    if (this.#keepsRequestBody) this.#requestWindow.close();
    if (this.#keepsAnswerBody) this.#answerWindow.close();
    this.#answerHead = NO_BYTES;
  }

  #write(end: ExchangeEnd): void {
    const snapshot = this.#snapshot;
    const rule = this.#loggingRule();
    const answerRule = this.#answerRule(end);
    const takesAnswer = this.#answerSeen || end.outcome === 'failed';
    const capture = rule?.capture ?? (snapshot.logsByDefault ? DEFAULT_CAPTURE : null);
    const answerCapture: AnswerCapture | null =
      answerRule?.capture ??
      (snapshot.logsAnswersByDefault && takesAnswer ? DEFAULT_CAPTURE : null);
    if (capture === null && answerCapture === null) return;
    // A line that only a response rule wants still says which request it was.
    const names = capture ?? DEFAULT_CAPTURE;
    const timed = capture?.timing === true || answerCapture?.timing === true;
    const answerFields = capture?.headers === true || answerCapture?.headers === true;
    const answerBody = capture?.body === true || answerCapture?.body === true;
    const { lastedMs, upstreamMs } = this.#times;
    const [method, target] = requestLine(end);
    const line = formatLogRecord({
      timeMs: Math.round(this.#core.options.clock.nowMs() - lastedMs),
      rule: rule?.name ?? null,
      responseRule: answerRule?.name ?? null,
      client: end.peer,
      method: names.method ? method : undefined,
      target: names.path ? redactTarget(target, snapshot.redactedQuery) : undefined,
      status: end.status,
      outcome: end.outcome,
      requestBytes: end.requestBytes,
      responseBytes: end.responseBytes,
      durationMs: timed ? lastedMs : undefined,
      upstreamMs: timed ? upstreamMs : undefined,
      requestHeaders: capture?.headers === true ? this.#requestFields(end) : undefined,
      responseHeaders: answerFields ? this.#answerFields() : undefined,
      requestBody: capture?.body === true ? this.#requestWindow.text() : undefined,
      responseBody: answerBody ? this.#answerWindow.text() : undefined,
    });
    this.#core.log.add(line);
  }

  #loggingRule(): LoggingRule | null {
    const first = this.#loggings[0];
    if (first === undefined) return null;
    if (first.bodies === null) return first.rule;
    const selected = selectByBody(this.#loggings, this.#requestWindow);
    this.#loggings = selected === null ? [] : [{ ...selected, headers: null, bodies: null }];
    return selected?.rule ?? null;
  }

  #answerRule(end: ExchangeEnd): ResponseLoggingRule | null {
    if (end.outcome === 'failed' && !this.#answerSeen && end.status !== null) {
      this.#answers = selectByFields(
        this.#snapshot.answerRules(end.status),
        NO_BYTES,
        this.#core.noFields,
      );
    }
    const first = this.#answers[0];
    if (first === undefined) return null;
    if (first.bodies === null) return first.rule;
    return selectByBody(this.#answers, this.#answerWindow)?.rule ?? null;
  }

  #requestFields(end: ExchangeEnd): LoggedFields {
    const { requestHead } = this.#core;
    requestHead.read(end.headBytes, end.headFrom, end.headBytes.length, this.#snapshot.limits);
    return this.#fields(end.headBytes, requestHead.fields);
  }

  #answerFields(): LoggedFields {
    const { responseHead } = this.#core;
    const bytes = this.#answerHead;
    if (bytes.length === 0) return [];
    responseHead.read(bytes, 0, bytes.length, false);
    return this.#fields(bytes, responseHead.fields);
  }

  #fields(bytes: Buffer, fields: FieldTable): LoggedFields {
    const list: [string, string][] = [];
    for (let i = 0; i < fields.count; i += 1) {
      const name = bytes.toString('latin1', fields.nameStart(i), fields.nameEnd(i));
      const isSecret = isRedactedField(name.toLowerCase(), this.#snapshot.redactedFields);
      const value = isSecret
        ? REDACTED
        : bytes.toString('latin1', fields.valueStart(i), fields.valueEnd(i));
      list.push([name, value]);
    }
    return list;
  }
}

/** The method and the target as received. The head is known to be well formed. */
function requestLine({ headBytes, headFrom }: ExchangeEnd): [method: string, target: string] {
  const from = headBytes[headFrom] === 0x0d ? headFrom + 2 : headFrom;
  const methodEnd = headBytes.indexOf(0x20, from);
  const targetEnd = headBytes.indexOf(0x20, methodEnd + 1);
  return [
    headBytes.toString('latin1', from, methodEnd),
    headBytes.toString('latin1', methodEnd + 1, targetEnd),
  ];
}
