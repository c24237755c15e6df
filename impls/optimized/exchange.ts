/**
 * One request and its answer, from the complete head to the last byte. The trick: a client
 * connection answers one request at a time, so it has one exchange that is used again, and an
 * exchange costs no object. The received head is kept only by reference; a retry rewrites it anew.
 *
 * It sends the request upstream, sends it again or not, and ends both sides. The answer's way is in
 * `answer-relay.ts`, a tunnel's in `tunnel.ts`.
 */
import type { Outcome } from '../policy/log-record.ts';
import type { DropRule } from '../policy/policy.ts';
import { writeTrailers } from './answer-head.ts';
import {
  ANSWER_AWAITED,
  ANSWER_BLOCKED,
  ANSWER_COMPLETE,
  ANSWER_GOES_ON,
  ANSWER_UPGRADES,
  AnswerRelay,
} from './answer-relay.ts';
import type { Core } from './core.ts';
import type { FailureKind } from './counters.ts';
import type { ExchangeClient } from './exchange-client.ts';
import { ExchangeLog } from './exchange-log.ts';
import { ExchangeTimes } from './exchange-times.ts';
import { BODY_CHUNKED, BODY_NONE } from './framing.ts';
import { HeldRequest } from './held-request.ts';
import { type CompiledRule, needsBody, selectByFields } from './rules.ts';
import type { Snapshot } from './snapshot.ts';
import type { SocketWriter } from './socket-writer.ts';
import { DEFAULT_DROP, dropAnswer, errorAnswer, optionsAnswer } from './synthetic.ts';
import { Tunnel, type TunnelOwner } from './tunnel.ts';
import type { UpstreamConnection, UpstreamUser } from './upstream-pool.ts';

const NO_BYTES: Buffer = Buffer.alloc(0);
const CONTINUE = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n');

export class Exchange implements UpstreamUser, TunnelOwner {
  readonly #core: Core;
  readonly #client: ExchangeClient;
  readonly #times: ExchangeTimes;
  readonly #log: ExchangeLog;
  readonly #answer: AnswerRelay;
  snapshot: Snapshot;
  /** A head was accepted and its exchange is not over. */
  active = false;
  requestDone = false;
  #tunnelled = false;
  #upstream: UpstreamConnection | null = null;
  /** What the head was read from, and where it starts. */
  #headBytes: Buffer = NO_BYTES;
  #headFrom = 0;
  #isHead = false;
  #isTrace = false;
  /** It may go no further (RFC 9110 7.6.2). */
  #isLastHop = false;
  #requestBody = BODY_NONE;
  /** The whole body, if it came with the head: what a retry sends again. */
  #replayable = false;
  #replayFrom = 0;
  #replayTo = 0;
  #retried = false;
  readonly #held: HeldRequest;
  #drops: readonly CompiledRule<DropRule>[] = [];
  #requestBytes = 0;
  #answersContinue = false;
  #upstreamReused = false;
  /** The monotonic time at which waiting for the upstream is over, 0 for never. */
  #deadlineMs = 0;
  #upstreamPaused = false;

  constructor(core: Core, client: ExchangeClient) {
    this.#core = core;
    this.#client = client;
    this.snapshot = core.snapshot;
    this.#times = new ExchangeTimes(core.options.clock);
    this.#log = new ExchangeLog(core, this.#times);
    this.#answer = new AnswerRelay(core, client, this.#log, this.#times);
    this.#held = new HeldRequest(core.buffers);
  }

  /** Begins with the head that `core.requestHead` has just read from `bytes` at `from`. */
  begin(bytes: Buffer, from: number): void {
    const head = this.#core.requestHead;
    this.snapshot = this.#core.snapshot;
    this.active = true;
    this.requestDone = false;
    this.#headBytes = bytes;
    this.#headFrom = from;
    this.#isHead = head.isHead;
    this.#isTrace = head.isTrace;
    this.#isLastHop = head.maxForwards === 0;
    this.#requestBody = head.body;
    this.#replayable = head.isIdempotent && head.body !== BODY_CHUNKED;
    this.#retried = false;
    this.#deadlineMs = 0;
    this.#requestBytes = 0;
    this.#answersContinue = false;
    this.#times.begin();
    this.#answer.begin();
    const decision = this.snapshot.decide(head.decisionKey(bytes));
    this.#log.begin(this.snapshot, decision, bytes);
    this.#drops = selectByFields(decision.drops, bytes, head.fields);
  }

  /** Takes the body bytes [from, to) that came with the head; `done` if that was all. */
  start(bytes: Buffer, from: number, to: number, done: boolean): void {
    this.#requestBytes = to - from;
    this.#log.requestPart(bytes, from, to);
    if (needsBody(this.#drops)) {
      this.#holdFirst(bytes, from, to, done);
      return;
    }
    if (this.#answersHere(this.#drops[0]?.rule ?? null, done)) return;
    this.#replayable = this.#replayable && done;
    this.#replayFrom = from;
    this.#replayTo = to;
    this.#open(this.#core.upstreams.take());
    this.#sendPartOfRequest(bytes, from, to, done, true);
  }

  /** More of the body. True if these very bytes are still being sent: nobody may change them. */
  moreBody(bytes: Buffer, from: number, to: number, done: boolean): boolean {
    this.#requestBytes += to - from;
    this.#log.requestPart(bytes, from, to);
    if (!this.#held.isHeld) return this.#sendPartOfRequest(bytes, from, to, done);
    this.#hold(bytes, from, to, done);
    return true;
  }

  /** The request itself is at fault, after its head. */
  refuse(status: number, kind: FailureKind): void {
    this.#fail(status, kind);
  }

  /** The client is gone. */
  abort(): void {
    if (!this.active) return;
    this.active = false;
    this.#upstream?.discard();
    this.#upstream = null;
    if (!this.#tunnelled) this.#core.counters.failed('client-aborted');
    this.#over(this.#tunnelled ? 'forwarded' : 'aborted');
  }

  checkTime(nowMs: number): void {
    if (this.#deadlineMs === 0 || nowMs < this.#deadlineMs) return;
    const connected = this.#upstream?.connected === true;
    this.#fail(504, connected ? 'upstream-timeout' : 'upstream-connect-timeout');
  }

  // The request's way.

  /** Begins to hold the request back until its drop rules are decided. */
  #holdFirst(bytes: Buffer, from: number, to: number, done: boolean): void {
    this.#replayable = false;
    this.#held.begin(this.#drops, this.snapshot.limits.bodyMatchBytes);
    const { counters, requestHead } = this.#core;
    this.#answersContinue = requestHead.expectsContinue;
    if (requestHead.expectsContinue && !done && to === from) {
      this.#answer.continued = true;
      counters.answered(100);
      this.#client.socket.write(CONTINUE);
    }
    this.#hold(bytes, from, to, done);
  }

  #hold(bytes: Buffer, from: number, to: number, done: boolean): void {
    if (!this.#held.add(bytes, from, to, done)) return;
    const drop = this.#held.decide();
    const body = this.#held.release();
    if (this.#answersHere(drop, done)) return;
    this.#readHeadAgain();
    this.#open(this.#core.upstreams.take());
    this.#sendPartOfRequest(body, 0, body.length, done);
  }

  /** True if it is not sent on: a rule or the default drops it, or no hop is left for it. */
  #answersHere(drop: DropRule | null, done: boolean): boolean {
    const drops = drop !== null || this.snapshot.dropsByDefault;
    if (!drops && !this.#isLastHop) return false;
    this.requestDone = done;
    if (drops) this.#dropRequest(drop);
    else this.#answerAsLast();
    return true;
  }

  /** Answers a drop rule's answer, or the default's, in the upstream's place. */
  #dropRequest(rule: DropRule | null): void {
    const close = this.#closes();
    const response = rule?.response ?? DEFAULT_DROP;
    this.#core.counters.dropped += 1;
    const answer = dropAnswer(response, close, this.#isHead);
    this.#endWith(response.statusCode, answer, 'dropped', close);
  }

  /**
   * Answers what no hop is left for. A TRACE is refused: it would be answered with what its client, or
   * a script at its client's, may not see of it.
   */
  #answerAsLast(): void {
    if (this.#isTrace) {
      this.#fail(405, 'method-refused');
      return;
    }
    const close = this.#closes();
    this.#endWith(200, optionsAnswer(close), 'answered', close);
  }

  /** Puts the rewritten head of the request last read before what is sent next. */
  #open(pooled: UpstreamConnection | null): void {
    const { counters, out, requestHead, timeouts, upstreams } = this.#core;
    const upstream = pooled ?? upstreams.open();
    if (pooled === null) counters.opened += 1;
    else counters.reused += 1;
    this.#upstream = upstream;
    this.#upstreamReused = pooled !== null;
    upstream.user = this;
    if (!upstream.connected) {
      this.#deadlineMs = timeouts.after(this.snapshot.limits.connectTimeoutMs);
    }
    this.#core.writeRequestHead(
      out,
      this.#headBytes,
      requestHead,
      this.#client.hop,
      this.#answersContinue,
    );
  }

  /** True if these very bytes are still being sent. */
  #sendPartOfRequest(
    bytes: Buffer,
    from: number,
    to: number,
    done: boolean,
    atOnce: boolean = false,
  ): boolean {
    const upstream = this.#upstream;
    this.requestDone = done;
    if (upstream === null) return false;
    const takesMore = this.#sendBody(upstream.writer, bytes, from, to, done);
    const { keepsRange } = this.#core.out;
    if (!takesMore && !done) this.#client.pauseBody();
    if (done) {
      this.#times.requestSent(atOnce);
      if (upstream.connected) this.#awaitAnswer();
    }
    return keepsRange;
  }

  #readHeadAgain(): void {
    const bytes = this.#headBytes;
    const { limits } = this.snapshot;
    this.#core.requestHead.read(bytes, this.#headFrom, bytes.length, limits);
  }

  /** False if the upstream wants no more for now. */
  #sendBody(writer: SocketWriter, bytes: Buffer, from: number, to: number, done: boolean): boolean {
    const { out, trailers } = this.#core;
    // Whoever has read it is told whether it is still being sent from where it lies.
    if (this.#requestBody !== BODY_CHUNKED) return out.sendRange(writer, bytes, from, to);
    out.chunk(bytes, from, to);
    if (done) {
      out.lastChunk();
      const { trailerBytes, trailerCount } = this.#client.requestChunks;
      writeTrailers(out, trailerBytes, trailers, trailerCount);
    }
    return out.send(writer);
  }

  #awaitAnswer(): void {
    if (this.#answer.begun) return;
    this.#deadlineMs = this.#core.timeouts.after(this.#log.firstByteTimeoutMs());
  }

  upstreamConnected(): void {
    this.#deadlineMs = 0;
    if (this.requestDone) this.#awaitAnswer();
  }

  upstreamDrained(): void {
    this.#client.resumeBody();
  }

  // The answer's way.

  upstreamRead(bytes: Buffer, from: number, to: number): void {
    switch (this.#answer.read(bytes, from, to, this.requestDone)) {
      case ANSWER_AWAITED:
        if (this.requestDone) this.#awaitAnswer();
        break;
      case ANSWER_GOES_ON:
        this.#deadlineMs = 0;
        break;
      case ANSWER_BLOCKED:
        this.#deadlineMs = 0;
        this.#pauseUpstream();
        break;
      case ANSWER_COMPLETE:
        this.#finish();
        break;
      case ANSWER_UPGRADES:
        this.#startTunnel();
        break;
      default:
        this.#fail(502, 'upstream-malformed');
    }
  }

  #pauseUpstream(): void {
    this.#upstreamPaused = true;
    this.#upstream?.socket.pause();
  }

  /** The client takes bytes again. */
  clientDrained(): void {
    if (!this.#upstreamPaused) return;
    this.#upstreamPaused = false;
    this.#upstream?.socket.resume();
  }

  upstreamEnded(): void {
    if (this.#answer.endWithConnection()) this.#finish();
    else this.#upstream?.socket.destroy();
  }

  upstreamClosed(connected: boolean): void {
    this.#upstream = null;
    if (!this.active) return;
    if (this.#answer.begun) this.#breakAnswer('upstream-truncated');
    else if (this.#mayRetry()) this.#retry();
    else this.#fail(502, connected ? 'upstream-broken' : 'upstream-refused');
  }

  #mayRetry(): boolean {
    return (
      this.#upstreamReused &&
      !this.#retried &&
      !this.#answer.upstreamSpoke &&
      this.requestDone &&
      this.#replayable
    );
  }

  #retry(): void {
    this.#retried = true;
    this.#core.counters.retried += 1;
    this.#readHeadAgain();
    this.#open(null);
    this.#sendPartOfRequest(this.#headBytes, this.#replayFrom, this.#replayTo, true);
  }

  // Ends.

  #finish(): void {
    const upstream = this.#upstream;
    this.#upstream = null;
    this.active = false;
    if (upstream !== null) {
      if (this.requestDone && this.#answer.upstreamKeepAlive) {
        if (this.#upstreamPaused) upstream.socket.resume();
        this.#core.upstreams.giveBack(upstream);
      } else upstream.discard();
    }
    this.#over('forwarded');
    this.#client.exchangeOver(this.#answer.keepAlive && this.requestDone);
  }

  /** Answers in the upstream's place, or breaks off if its answer has begun. */
  #fail(status: number, kind: FailureKind): void {
    if (this.#answer.begun) {
      this.#breakAnswer(kind);
      return;
    }
    this.#core.counters.failed(kind);
    this.#upstream?.discard();
    this.#upstream = null;
    const close = this.#closes();
    const answer = errorAnswer(status, close, this.#isHead);
    this.#endWith(status, answer, status < 500 ? 'refused' : 'failed', close);
  }

  /** Whether an answer of the proxy's own is the connection's last. */
  #closes(): boolean {
    return this.#core.draining || !this.#answer.keepAlive || !this.requestDone;
  }

  #endWith(status: number, answer: Buffer, outcome: Outcome, close: boolean): void {
    this.active = false;
    this.#answer.sendOwn(status, answer);
    this.#over(outcome);
    this.#client.exchangeOver(!close);
  }

  #breakAnswer(kind: FailureKind): void {
    this.#core.counters.failed(kind);
    this.#upstream?.discard();
    this.#upstream = null;
    this.active = false;
    this.#over('aborted');
    this.#client.breakOff();
  }

  #over(outcome: Outcome): void {
    this.#times.over();
    if (outcome !== 'aborted' && !this.#tunnelled) this.#core.counters.timed(this.#times);
    if (this.snapshot.logs) this.#writeLine(outcome);
    else this.#log.over(null);
    this.#deadlineMs = 0;
    if (this.#held.isHeld) this.#held.release();
    this.#upstreamPaused = false;
    this.#answer.over();
    this.#headBytes = NO_BYTES;
  }

  #writeLine(outcome: Outcome): void {
    this.#log.over({
      headBytes: this.#headBytes,
      headFrom: this.#headFrom,
      peer: this.#client.hop.peer,
      outcome,
      status: this.#answer.status === 0 ? null : this.#answer.status,
      requestBytes: this.#requestBytes,
      responseBytes: this.#answer.bodyBytes,
    });
  }

  // The tunnel after a 101.

  #startTunnel(): void {
    const upstream = this.#upstream;
    if (upstream === null) return;
    this.#tunnelled = true;
    this.#deadlineMs = 0;
    const tunnel = new Tunnel(this, this.#client, upstream, this.#core.out);
    const { afterUpgrade } = this.#answer;
    tunnel.upstreamRead(afterUpgrade, 0, afterUpgrade.length);
    this.#client.startTunnel(tunnel);
  }

  tunnelOver(whole: boolean): void {
    this.#upstream = null;
    if (!this.active) return;
    this.active = false;
    this.#over('forwarded');
    if (whole) this.#client.exchangeOver(false);
    else this.#client.breakOff();
  }
}
