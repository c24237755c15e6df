/**
 * One request and its answer, from the complete head to the last byte. The trick: a client
 * connection answers one request at a time, so it has one exchange that is used again, and an
 * exchange costs no object. The received head is kept only by reference; a retry rewrites it anew.
 */
import type { Socket } from 'node:net';
import { writeAnswerHead, writeTrailers } from './answer-head.ts';
import { ChunkReader } from './chunk-reader.ts';
import type { Core } from './core.ts';
import type { FailureKind } from './counters.ts';
import { type Hop, writeRequestHead } from './forward.ts';
import {
  BODY_CHUNKED,
  BODY_LENGTH,
  BODY_NONE,
  BODY_UNTIL_CLOSE,
  HEAD_INCOMPLETE,
  HEAD_READ,
} from './request-head.ts';
import type { Snapshot } from './snapshot.ts';
import { errorAnswer } from './synthetic.ts';
import type { UpstreamConnection, UpstreamUser } from './upstream-pool.ts';

/** The client connection, as an exchange sees it. */
export interface ExchangeClient {
  readonly socket: Socket;
  readonly hop: Hop;
  /** The chunk reader of the request's body, for its trailers. */
  readonly requestChunks: ChunkReader;
  /** The exchange is over; the connection serves the next request, or closes. */
  exchangeOver(keepsOpen: boolean): void;
  /** The upstream takes no more of the body for now, or takes it again. */
  pauseBody(): void;
  resumeBody(): void;
  /** From now on bytes go to `exchange.tunnelFromClient`. */
  startTunnel(): void;
  /** Breaks the connection, so that the client cannot take what it has for whole. */
  breakOff(): void;
}

const NO_BYTES: Buffer = Buffer.alloc(0);

export class Exchange implements UpstreamUser {
  readonly #core: Core;
  readonly #client: ExchangeClient;
  readonly #answerChunks = new ChunkReader();
  snapshot: Snapshot;
  /** A head was accepted and its exchange is not over. */
  active = false;
  requestDone = false;
  tunnelled = false;
  #upstream: UpstreamConnection | null = null;
  /** What the head was read from, and where it starts. */
  #headBytes: Buffer = NO_BYTES;
  #headFrom = 0;
  #minor = 1;
  #isHead = false;
  #keepAlive = true;
  #upgrade = false;
  #requestBody = BODY_NONE;
  /** The whole body, if it came with the head: what a retry sends again. */
  #replayable = false;
  #replayFrom = 0;
  #replayTo = 0;
  #retried = false;
  #upstreamReused = false;
  /** The monotonic time at which waiting for the upstream is over, 0 for never. */
  #deadlineMs = 0;
  #answerBegun = false;
  #upstreamSpoke = false;
  #continued = false;
  #partialHead: Buffer = NO_BYTES;
  status = 0;
  #answerBody = BODY_NONE;
  #answerRemaining = 0;
  #answerChunked = false;
  #upstreamKeepAlive = false;
  #upstreamPaused = false;
  #partFrom = 0;
  #partTo = 0;
  #partNext = 0;
  #partLast = false;

  constructor(core: Core, client: ExchangeClient) {
    this.#core = core;
    this.#client = client;
    this.snapshot = core.snapshot;
  }

  /** Begins with the head that `core.requestHead` has just read from `bytes` at `from`. */
  begin(bytes: Buffer, from: number): void {
    const head = this.#core.requestHead;
    this.snapshot = this.#core.snapshot;
    this.active = true;
    this.requestDone = false;
    this.#headBytes = bytes;
    this.#headFrom = from;
    this.#minor = head.minor;
    this.#isHead = head.isHead;
    this.#keepAlive = head.keepAlive;
    this.#upgrade = head.upgrade;
    this.#requestBody = head.body;
    this.#replayable = head.isIdempotent && head.body !== BODY_CHUNKED;
    this.#retried = false;
    this.#answerBegun = false;
    this.#upstreamSpoke = false;
    this.#continued = false;
    this.#deadlineMs = 0;
    this.status = 0;
  }

  /** Sends the head with the body bytes [from, to) that came with it; `done` if that was all. */
  start(bytes: Buffer, from: number, to: number, done: boolean): void {
    this.#replayable = this.#replayable && done;
    this.#replayFrom = from;
    this.#replayTo = to;
    this.#send(this.#core.upstreams.take(), bytes, from, to, done);
  }

  /** More of the body. */
  moreBody(bytes: Buffer, from: number, to: number, done: boolean): void {
    const upstream = this.#upstream;
    this.requestDone = done;
    if (upstream === null) return;
    this.#writeBody(bytes, from, to, done);
    if (!this.#core.out.send(upstream.socket) && !done) this.#client.pauseBody();
    if (done && upstream.connected) this.#awaitAnswer();
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
    if (!this.tunnelled) this.#core.counters.failed('client-aborted');
    this.#over();
  }

  checkTime(nowMs: number): void {
    if (this.#deadlineMs === 0 || nowMs < this.#deadlineMs) return;
    const connected = this.#upstream?.connected === true;
    this.#fail(504, connected ? 'upstream-timeout' : 'upstream-connect-timeout');
  }

  // The request's way.

  #send(
    pooled: UpstreamConnection | null,
    bytes: Buffer,
    from: number,
    to: number,
    done: boolean,
  ): void {
    const { counters, out, requestHead, timeouts, upstreams } = this.#core;
    const upstream = pooled ?? upstreams.open();
    if (pooled === null) counters.opened += 1;
    else counters.reused += 1;
    this.#upstream = upstream;
    this.#upstreamReused = pooled !== null;
    upstream.user = this;
    writeRequestHead(out, this.#headBytes, requestHead, this.#client.hop, false);
    this.requestDone = done;
    this.#writeBody(bytes, from, to, done);
    if (!out.send(upstream.socket) && !done) this.#client.pauseBody();
    if (!upstream.connected) {
      this.#deadlineMs = timeouts.after(this.snapshot.limits.connectTimeoutMs);
    } else if (done) this.#awaitAnswer();
  }

  #writeBody(bytes: Buffer, from: number, to: number, done: boolean): void {
    const { out, trailers } = this.#core;
    if (this.#requestBody !== BODY_CHUNKED) {
      out.range(bytes, from, to);
      return;
    }
    out.chunk(bytes, from, to);
    if (!done) return;
    out.lastChunk();
    const { trailerBytes, trailerCount } = this.#client.requestChunks;
    writeTrailers(out, trailerBytes, trailers, trailerCount);
  }

  #awaitAnswer(): void {
    this.#deadlineMs = this.#core.timeouts.after(this.snapshot.limits.firstByteTimeoutMs);
  }

  upstreamConnected(): void {
    this.#deadlineMs = 0;
    if (this.requestDone && !this.#answerBegun) this.#awaitAnswer();
  }

  upstreamDrained(): void {
    this.#client.resumeBody();
  }

  // The answer's way.

  upstreamRead(bytes: Buffer, from: number, to: number): void {
    if (this.tunnelled) {
      this.#toClient(bytes, from, to);
      return;
    }
    if (this.#answerBegun) {
      this.#relayBody(bytes, from, to);
      return;
    }
    this.#upstreamSpoke = true;
    if (this.#partialHead.length === 0) {
      this.#readHead(bytes, from, to);
      return;
    }
    const whole = Buffer.concat([this.#partialHead, bytes.subarray(from, to)]);
    this.#partialHead = NO_BYTES;
    this.#readHead(whole, 0, whole.length);
  }

  /** Reads heads until the final one is complete. */
  #readHead(bytes: Buffer, from: number, to: number): void {
    const head = this.#core.responseHead;
    for (let at = from; at < to; at = head.end) {
      const result = head.read(bytes, at, to, this.#isHead);
      if (result === HEAD_INCOMPLETE) {
        this.#partialHead = Buffer.from(bytes.subarray(at, to));
        break;
      }
      if (result !== HEAD_READ || (head.status === 101 && !this.#upgrade)) {
        this.#fail(502, 'upstream-malformed');
        return;
      }
      if (head.status === 101) {
        this.#startTunnel(bytes, to);
        return;
      }
      if (head.status >= 200) {
        this.#beginAnswer(bytes, to);
        return;
      }
      this.#relayInterim(bytes);
    }
    if (this.requestDone) this.#awaitAnswer();
  }

  #relayInterim(bytes: Buffer): void {
    const { counters, out, responseHead } = this.#core;
    const repeated = responseHead.status === 100 && this.#continued;
    if (this.#minor === 0 || repeated) return;
    if (responseHead.status === 100) this.#continued = true;
    counters.answered(responseHead.status);
    writeAnswerHead(out, bytes, responseHead, false, false);
    out.send(this.#client.socket);
  }

  #beginAnswer(bytes: Buffer, to: number): void {
    const { counters, draining, out, responseHead: head } = this.#core;
    this.#answerBody = head.body;
    this.#answerRemaining = head.contentLength;
    this.#upstreamKeepAlive = head.keepAlive;
    if (head.body === BODY_CHUNKED) this.#answerChunks.reset();
    if (!this.#readBody(bytes, head.end, to)) {
      this.#fail(502, 'upstream-malformed');
      return;
    }
    this.#answerBegun = true;
    this.#deadlineMs = 0;
    this.status = head.status;
    counters.answered(head.status);
    const isFramed = head.body === BODY_NONE || head.body === BODY_LENGTH;
    this.#answerChunked = !isFramed && this.#minor === 1;
    if (draining || (this.#partLast && !this.requestDone)) this.#keepAlive = false;
    writeAnswerHead(out, bytes, head, this.#answerChunked, !this.#keepAlive);
    this.#writePart(bytes);
    this.#sendPart(to);
  }

  #relayBody(bytes: Buffer, from: number, to: number): void {
    if (!this.#readBody(bytes, from, to)) {
      this.#breakAnswer('upstream-malformed');
      return;
    }
    this.#writePart(bytes);
    this.#sendPart(to);
  }

  /** Finds what of [from, to) belongs to the body. False if its framing is malformed. */
  #readBody(bytes: Buffer, from: number, to: number): boolean {
    this.#partFrom = from;
    this.#partTo = from;
    this.#partNext = from;
    this.#partLast = false;
    switch (this.#answerBody) {
      case BODY_NONE:
        this.#partLast = true;
        return true;
      case BODY_LENGTH: {
        const length = Math.min(this.#answerRemaining, to - from);
        this.#answerRemaining -= length;
        this.#partTo = from + length;
        this.#partNext = this.#partTo;
        this.#partLast = this.#answerRemaining === 0;
        return true;
      }
      case BODY_CHUNKED: {
        const chunks = this.#answerChunks;
        this.#partNext = chunks.read(bytes, from, to, this.#core.trailers);
        this.#partFrom = chunks.payloadStart;
        this.#partTo = chunks.payloadEnd;
        this.#partLast = chunks.done;
        return this.#partNext !== -1;
      }
      default:
        this.#partTo = to;
        this.#partNext = to;
        return true;
    }
  }

  #writePart(bytes: Buffer): void {
    const { out, trailers } = this.#core;
    if (!this.#answerChunked) {
      out.range(bytes, this.#partFrom, this.#partTo);
      return;
    }
    out.chunk(bytes, this.#partFrom, this.#partTo);
    if (!this.#partLast) return;
    out.lastChunk();
    writeTrailers(out, this.#answerChunks.trailerBytes, trailers, this.#answerChunks.trailerCount);
  }

  /** Sends what is assembled, and ends the exchange after the last part. */
  #sendPart(to: number): void {
    const open = this.#core.out.send(this.#client.socket);
    if (this.#partLast) {
      if (this.#partNext !== to) this.#upstreamKeepAlive = false;
      this.#finish();
    } else if (!open) this.#pauseUpstream();
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
    if (this.tunnelled) {
      this.#client.socket.end();
      return;
    }
    if (this.#answerBegun && this.#answerBody === BODY_UNTIL_CLOSE) {
      const { out } = this.#core;
      if (this.#answerChunked) {
        out.lastChunk();
        out.crlf();
        out.send(this.#client.socket);
      }
      this.#upstreamKeepAlive = false;
      this.#finish();
      return;
    }
    this.#upstream?.socket.destroy();
  }

  upstreamClosed(connected: boolean): void {
    this.#upstream = null;
    if (!this.active) return;
    if (this.tunnelled) this.#client.breakOff();
    else if (this.#answerBegun) this.#breakAnswer('upstream-truncated');
    else if (this.#mayRetry()) this.#retry();
    else this.#fail(502, connected ? 'upstream-broken' : 'upstream-refused');
  }

  #mayRetry(): boolean {
    return (
      this.#upstreamReused &&
      !this.#retried &&
      !this.#upstreamSpoke &&
      this.requestDone &&
      this.#replayable
    );
  }

  #retry(): void {
    const { counters, requestHead } = this.#core;
    this.#retried = true;
    counters.retried += 1;
    const bytes = this.#headBytes;
    requestHead.read(bytes, this.#headFrom, bytes.length, this.snapshot.limits);
    this.#send(null, bytes, this.#replayFrom, this.#replayTo, true);
  }

  // Ends.

  #finish(): void {
    const upstream = this.#upstream;
    this.#upstream = null;
    this.active = false;
    if (upstream !== null) {
      if (this.requestDone && this.#upstreamKeepAlive) {
        if (this.#upstreamPaused) upstream.socket.resume();
        this.#core.upstreams.giveBack(upstream);
      } else upstream.discard();
    }
    this.#over();
    this.#client.exchangeOver(this.#keepAlive && this.requestDone);
  }

  /** Answers in the upstream's place, or breaks off if its answer has begun. */
  #fail(status: number, kind: FailureKind): void {
    if (this.#answerBegun) {
      this.#breakAnswer(kind);
      return;
    }
    const { counters, draining } = this.#core;
    counters.failed(kind);
    counters.answered(status);
    this.#upstream?.discard();
    this.#upstream = null;
    this.active = false;
    this.status = status;
    const close = draining || !this.#keepAlive || !this.requestDone;
    this.#client.socket.write(errorAnswer(status, close, this.#isHead));
    this.#over();
    this.#client.exchangeOver(!close);
  }

  #breakAnswer(kind: FailureKind): void {
    this.#core.counters.failed(kind);
    this.#upstream?.discard();
    this.#upstream = null;
    this.active = false;
    this.#over();
    this.#client.breakOff();
  }

  #over(): void {
    this.#deadlineMs = 0;
    this.#upstreamPaused = false;
    this.#partialHead = NO_BYTES;
    this.#headBytes = NO_BYTES;
  }

  // The tunnel after a 101.

  #startTunnel(bytes: Buffer, to: number): void {
    const { counters, out, responseHead } = this.#core;
    this.tunnelled = true;
    this.#deadlineMs = 0;
    this.status = 101;
    counters.answered(101);
    writeAnswerHead(out, bytes, responseHead, false, false);
    this.#toClient(bytes, responseHead.end, to);
    this.#client.startTunnel();
  }

  #toClient(bytes: Buffer, from: number, to: number): void {
    const { out } = this.#core;
    out.range(bytes, from, to);
    if (!out.send(this.#client.socket)) this.#pauseUpstream();
  }

  tunnelFromClient(bytes: Buffer): void {
    const socket = this.#upstream?.socket;
    if (socket !== undefined && !socket.write(bytes) && socket.writableLength > 0) {
      this.#client.pauseBody();
    }
  }

  tunnelClientEnded(): void {
    this.#upstream?.socket.end();
  }
}
