/**
 * One answer's way from the upstream to the client: interim heads, the final head, the body. The
 * trick: a read of the upstream is relayed in one call that ends in one write and says with a small
 * integer what the exchange has to do next, so a part of an answer costs no callback and no object.
 *
 * It does not decide what becomes of the exchange or of its connections.
 */
import { AnswerBody } from './answer-body.ts';
import { writeTrailers } from './answer-head.ts';
import type { Core } from './core.ts';
import type { ExchangeClient } from './exchange-client.ts';
import type { ExchangeLog } from './exchange-log.ts';
import type { ExchangeTimes } from './exchange-times.ts';
import { HEAD_INCOMPLETE, HEAD_READ } from './framing.ts';
import { sentBodyBytes } from './synthetic.ts';

/** Results of `read`. The final head is not complete yet. */
export const ANSWER_AWAITED = 0;
/** The body goes on. */
export const ANSWER_GOES_ON = 1;
/** The body goes on, but the client takes no more for now. */
export const ANSWER_BLOCKED = 2;
/** That was the last byte. */
export const ANSWER_COMPLETE = 3;
/** Not an answer, or not one that may come now. */
const ANSWER_MALFORMED = 4;
/** A 101; its head is assembled, and `afterUpgrade` belongs to the tunnel. */
export const ANSWER_UPGRADES = 5;

/** 1xx answers to one request; they are sent on without waiting for the client to take them. */
const MAX_INTERIMS = 64;
const NO_BYTES: Buffer = Buffer.alloc(0);

export class AnswerRelay {
  readonly #core: Core;
  readonly #client: ExchangeClient;
  readonly #log: ExchangeLog;
  readonly #times: ExchangeTimes;
  readonly #body = new AnswerBody();
  /** The final head has been sent on. */
  begun = false;
  /** The upstream has sent anything at all. */
  upstreamSpoke = false;
  /** 100 was sent to the client. */
  continued = false;
  /** Whether the client's connection may serve another request. */
  keepAlive = true;
  upstreamKeepAlive = false;
  /** 0 until there is one. */
  status = 0;
  /** Payload sent to the client. */
  bodyBytes = 0;
  /** What came behind a 101; valid until `over`. */
  afterUpgrade: Buffer = NO_BYTES;
  #minor = 1;
  #isHead = false;
  #upgrade = false;
  #chunked = false;
  #interims = 0;
  #partialHead: Buffer = NO_BYTES;

  constructor(core: Core, client: ExchangeClient, log: ExchangeLog, times: ExchangeTimes) {
    this.#core = core;
    this.#client = client;
    this.#log = log;
    this.#times = times;
  }

  /** Begins the answer to the head that `core.requestHead` has just read. */
  begin(): void {
    const { isHead, keepAlive, minor, upgrade } = this.#core.requestHead;
    this.#minor = minor;
    this.#isHead = isHead;
    this.#upgrade = upgrade;
    this.keepAlive = keepAlive;
    this.begun = false;
    this.upstreamSpoke = false;
    this.continued = false;
    this.#interims = 0;
    this.status = 0;
    this.bodyBytes = 0;
  }

  /** Sends an answer of the proxy's own in the upstream's place. */
  sendOwn(status: number, answer: Buffer): void {
    this.#core.counters.answered(status);
    this.status = status;
    this.bodyBytes = sentBodyBytes(answer);
    this.#client.socket.write(answer);
  }

  /** Relays bytes [from, to) of the upstream; one of the ANSWER results. */
  read(bytes: Buffer, from: number, to: number, requestDone: boolean): number {
    if (this.begun) {
      if (!this.#body.read(bytes, from, to, this.#core.trailers)) return ANSWER_MALFORMED;
      this.#writePart(bytes);
      return this.#sendPart(to);
    }
    this.upstreamSpoke = true;
    this.#times.answerRead();
    if (this.#partialHead.length === 0) return this.#readHead(bytes, from, to, requestDone);
    const whole = Buffer.concat([this.#partialHead, bytes.subarray(from, to)]);
    this.#partialHead = NO_BYTES;
    return this.#readHead(whole, 0, whole.length, requestDone);
  }

  /** The upstream has ended. True if that ends the body, and well. */
  endWithConnection(): boolean {
    if (!this.begun || !this.#body.endsWithConnection) return false;
    const { out } = this.#core;
    if (this.#chunked) {
      out.lastChunk();
      out.crlf();
      out.send(this.#client.writer);
    }
    this.upstreamKeepAlive = false;
    return true;
  }

  /** Forgets what it holds. */
  over(): void {
    this.#partialHead = NO_BYTES;
    this.afterUpgrade = NO_BYTES;
  }

  /** Reads heads until the final one is complete. */
  #readHead(bytes: Buffer, from: number, to: number, requestDone: boolean): number {
    const head = this.#core.responseHead;
    for (let at = from; at < to; at = head.end) {
      const result = head.read(bytes, at, to, this.#isHead);
      if (result === HEAD_INCOMPLETE) {
        this.#partialHead = Buffer.from(bytes.subarray(at, to));
        break;
      }
      if (result !== HEAD_READ || !this.#mayFollow(head.status, requestDone)) {
        return ANSWER_MALFORMED;
      }
      if (head.status === 101) return this.#beginUpgrade(bytes, to);
      if (head.status >= 200) return this.#begin(bytes, to, requestDone);
      this.#relayInterim(bytes);
    }
    return ANSWER_AWAITED;
  }

  /** Whether an answer's head of this status may come now: no tunnel unasked, no endless 1xx. */
  #mayFollow(status: number, requestDone: boolean): boolean {
    if (status === 101) return this.#upgrade && requestDone;
    if (status < 200) this.#interims += 1;
    return this.#interims <= MAX_INTERIMS;
  }

  #relayInterim(bytes: Buffer): void {
    const { counters, out, responseHead } = this.#core;
    const repeated = responseHead.status === 100 && this.continued;
    if (this.#minor === 0 || repeated) return;
    if (responseHead.status === 100) this.continued = true;
    counters.answered(responseHead.status);
    this.#core.writeAnswerHead(out, bytes, responseHead, false, false);
    out.send(this.#client.writer);
  }

  #beginUpgrade(bytes: Buffer, to: number): number {
    const { counters, out, responseHead } = this.#core;
    this.status = 101;
    this.afterUpgrade = bytes.subarray(responseHead.end, to);
    this.#log.answerBegun(bytes);
    counters.answered(101);
    this.#core.writeAnswerHead(out, bytes, responseHead, false, false);
    return ANSWER_UPGRADES;
  }

  #begin(bytes: Buffer, to: number, requestDone: boolean): number {
    const { counters, draining, out, responseHead: head } = this.#core;
    this.#body.begin(head.body, head.contentLength);
    this.upstreamKeepAlive = head.keepAlive;
    if (!this.#body.read(bytes, head.end, to, this.#core.trailers)) return ANSWER_MALFORMED;
    this.begun = true;
    this.status = head.status;
    this.#log.answerBegun(bytes);
    counters.answered(head.status);
    this.#chunked = !this.#body.hasOwnLength && this.#minor === 1;
    if (draining || (this.#body.isLast && !requestDone)) this.keepAlive = false;
    this.#core.writeAnswerHead(out, bytes, head, this.#chunked, !this.keepAlive);
    this.#writePart(bytes);
    return this.#sendPart(to);
  }

  #writePart(bytes: Buffer): void {
    const { out, trailers } = this.#core;
    this.bodyBytes += this.#body.to - this.#body.from;
    this.#log.answerPart(bytes, this.#body.from, this.#body.to, this.#body.isLast);
    if (!this.#chunked) {
      out.range(bytes, this.#body.from, this.#body.to);
      return;
    }
    out.chunk(bytes, this.#body.from, this.#body.to);
    if (!this.#body.isLast) return;
    out.lastChunk();
    writeTrailers(out, this.#body.chunks.trailerBytes, trailers, this.#body.chunks.trailerCount);
  }

  /** Sends what is assembled. */
  #sendPart(to: number): number {
    const open = this.#core.out.send(this.#client.writer);
    if (!this.#body.isLast) return open ? ANSWER_GOES_ON : ANSWER_BLOCKED;
    if (this.#body.next !== to) this.upstreamKeepAlive = false;
    return ANSWER_COMPLETE;
  }
}
