/**
 * One client connection: what is read from it, in which order, and how long it may take. It reads
 * heads and bodies and hands them to its exchange; it answers by itself only what it refuses.
 *
 * Requests are served one at a time. What comes ahead of its turn waits, within a bound, and is
 * never read before the exchange in hand is over.
 */
import type { Socket } from 'node:net';
import { CR, LF } from './byte-classes.ts';
import { ChunkReader } from './chunk-reader.ts';
import type { Core } from './core.ts';
import type { FailureKind } from './counters.ts';
import { Exchange } from './exchange.ts';
import type { ClientEnd, ExchangeClient } from './exchange-client.ts';
import { BODY_CHUNKED, BODY_LENGTH, BODY_NONE, HEAD_INCOMPLETE, HEAD_READ } from './framing.ts';
import { type Hop, type HopPeer, hopOf } from './hop.ts';
import { peerAddress } from './peer-address.ts';
import { readInPlace } from './read-in-place.ts';
import { isWellFormed } from './request-head.ts';
import type { Snapshot } from './snapshot.ts';
import { SocketWriter } from './socket-writer.ts';
import { errorAnswer } from './synthetic.ts';
import type { Timed } from './timeouts.ts';

const READS_HEAD = 0;
const READS_BODY = 1;
/** The request is complete and its answer is not. */
const WAITS = 2;
const TUNNELS = 3;
/** The last answer is written; what still comes is discarded, for a while. */
const LINGERS = 4;

const LINGER_MS = 500;
const LINGER_BYTES = 256 * 1024;
/** Read ahead of its turn before reading is paused. */
const READ_AHEAD_BYTES = 64 * 1024;
/** A body of which more is to come is read into memory of its own. */
const LONG_BODY_BYTES = 16 * 1024;
/** That of connections whose body is over is kept for others, up to 4 MB. */
const MAX_BODY_READS = 64;
/** An incomplete head below this size is read again at every read, a longer one at line ends. */
const EAGER_HEAD_BYTES = 2048;

const REFUSALS: Readonly<Record<number, FailureKind>> = {
  400: 'bad-request',
  405: 'method-refused',
  408: 'head-timeout',
  413: 'body-too-large',
  414: 'target-too-long',
  417: 'expectation-failed',
  431: 'head-too-large',
};

export class ClientConnection implements ExchangeClient, Timed {
  readonly socket: Socket;
  readonly writer: SocketWriter;
  readonly requestChunks: ChunkReader = new ChunkReader();
  hop: Hop;
  readonly #core: Core;
  readonly #exchange: Exchange;
  readonly #peer: HopPeer;
  #hopSnapshot: Snapshot;
  #state = READS_HEAD;
  #tunnel: ClientEnd | null = null;
  /** Bytes not read yet: an incomplete head, or what came ahead of its turn. */
  #pending: Buffer | null = null;
  #pendingFrom = 0;
  #advancing = false;
  #body = BODY_NONE;
  #remaining = 0;
  #bodyBytes = 0;
  #deadlineMs = 0;
  #paused = false;
  #clientEnded = false;
  #lingered = 0;
  /** Where the body in hand is read to; no other connection's while it is here. */
  #bodyMemory: Buffer | null = null;
  /** What was read of the body last is still used by whoever sends it. */
  #bodyIsKept = false;

  constructor(core: Core, socket: Socket) {
    this.socket = socket;
    this.writer = new SocketWriter(socket, () => this.#drained());
    this.#core = core;
    this.#peer = {
      peer: peerAddress(socket),
      scheme: 'encrypted' in socket && socket.encrypted === true ? 'https' : 'http',
    };
    this.#hopSnapshot = core.snapshot;
    this.hop = hopOf(this.#peer, core.options.upstream, core.snapshot);
    this.#exchange = new Exchange(core, this);
    const isInPlace = readInPlace(socket, {
      nextBuffer: () => this.#bodyMemory ?? core.clientReads,
      readBytes: (length) => this.#readInPlace(length),
    });
    if (!isInPlace) socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.on('end', () => this.#ended());
    socket.on('error', () => undefined);
    socket.on('close', () => this.#closed());
    core.clients.add(this);
    core.timeouts.add(this);
    this.#deadlineMs = core.timeouts.after(core.snapshot.limits.idleTimeoutMs);
  }

  /** Bytes that were read before the connection was handed over. */
  readInitial(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#read(Buffer.from(bytes));
  }

  /** Ends the connection as soon as no request is in hand. */
  drain(): void {
    if (this.#state === READS_HEAD && this.#pending === null) this.socket.destroy();
  }

  checkTime(nowMs: number): void {
    this.#exchange.checkTime(nowMs);
    if (this.#deadlineMs === 0 || nowMs < this.#deadlineMs) return;
    if (this.#state === READS_HEAD && this.#pending !== null) this.#refuse(408);
    else if (this.#state === READS_BODY) this.#exchange.refuse(408, 'body-timeout');
    else this.socket.destroy();
  }

  // Reading.

  /** What came lies in memory that the next read uses again: of all but a body a copy is made. */
  #readInPlace(length: number): void {
    const memory = this.#bodyMemory;
    if (memory !== null) {
      this.#bodyIsKept = false;
      this.#read(length === memory.length ? memory : memory.subarray(0, length));
      if (this.#bodyIsKept) this.#bodyMemory = null;
    } else {
      const bytes = Buffer.allocUnsafe(length);
      this.#core.clientReads.copy(bytes, 0, 0, length);
      this.#read(bytes);
    }
    this.#chooseMemory();
  }

  /** A body that needs more reads gets memory of its own, from which it can be sent. */
  #chooseMemory(): void {
    const { bodyReads, clientReads } = this.#core;
    const isLong = this.#body === BODY_CHUNKED || this.#remaining > LONG_BODY_BYTES;
    if (this.#state === READS_BODY && isLong) {
      this.#bodyMemory ??= bodyReads.pop() ?? Buffer.allocUnsafeSlow(clientReads.length);
    } else this.#giveMemoryBack();
  }

  #giveMemoryBack(): void {
    const { bodyReads } = this.#core;
    if (this.#bodyMemory !== null && bodyReads.length < MAX_BODY_READS) {
      bodyReads.push(this.#bodyMemory);
    }
    this.#bodyMemory = null;
  }

  #read(bytes: Buffer): void {
    switch (this.#state) {
      case READS_HEAD:
        if (this.#appendHead(bytes)) this.#advance();
        break;
      case READS_BODY:
        this.#readBody(bytes, 0, false);
        break;
      case WAITS:
        this.#append(bytes);
        if (this.#pendingBytes() >= READ_AHEAD_BYTES) this.pauseBody();
        break;
      case TUNNELS:
        this.#tunnel?.clientRead(bytes);
        break;
      default:
        this.#lingered += bytes.length;
        if (this.#lingered > LINGER_BYTES) this.socket.destroy();
    }
  }

  #append(bytes: Buffer): void {
    this.#pending =
      this.#pending === null
        ? bytes
        : Buffer.concat([this.#pending.subarray(this.#pendingFrom), bytes]);
    this.#pendingFrom = 0;
  }

  #pendingBytes(): number {
    return this.#pending === null ? 0 : this.#pending.length - this.#pendingFrom;
  }

  /**
   * Appends to an incomplete head. False if reading it again is pointless: a long head sent byte by
   * byte would else be read as often as it has bytes.
   */
  #appendHead(bytes: Buffer): boolean {
    const isFirst = this.#pending === null;
    this.#append(bytes);
    const held = this.#pendingBytes();
    return (
      isFirst ||
      held <= EAGER_HEAD_BYTES ||
      held >= this.#core.snapshot.limits.headBytes ||
      bytes.includes(LF) ||
      bytes.includes(CR)
    );
  }

  /** Serves the requests that are pending, one after the other, without recursion. */
  #advance(): void {
    if (this.#advancing) return;
    this.#advancing = true;
    while (this.#state === READS_HEAD && this.#pending !== null) {
      if (!this.#readHead(this.#pending, this.#pendingFrom)) break;
    }
    this.#advancing = false;
    if (this.#state !== READS_HEAD) return;
    if (this.#clientEnded) {
      if (this.#pending === null) this.#linger();
      else this.#refuse(400);
    } else if (this.#core.draining && this.#pending === null) this.#linger();
  }

  /** Reads one head and begins its exchange. False if more bytes are needed. */
  #readHead(bytes: Buffer, from: number): boolean {
    const { counters, requestHead: head, snapshot, timeouts } = this.#core;
    const result = head.read(bytes, from, bytes.length, snapshot.limits);
    if (result === HEAD_INCOMPLETE) {
      if (!this.#headBegun) {
        this.#headBegun = true;
        this.#deadlineMs = timeouts.after(snapshot.limits.headTimeoutMs);
      }
      return false;
    }
    counters.requests += 1;
    this.#headBegun = false;
    this.#pending = null;
    if (result !== HEAD_READ && !isWellFormed(result)) {
      this.#refuse(result);
      return true;
    }
    if (this.#hopSnapshot !== snapshot) {
      this.#hopSnapshot = snapshot;
      this.hop = hopOf(this.#peer, this.#core.options.upstream, snapshot);
    }
    this.#deadlineMs = 0;
    this.#body = head.body;
    this.#remaining = head.contentLength;
    this.#bodyBytes = 0;
    if (head.body === BODY_CHUNKED) this.requestChunks.reset();
    this.#exchange.begin(bytes, from);
    if (result !== HEAD_READ) {
      this.#exchange.refuse(result, REFUSALS[result] ?? 'bad-request');
      return true;
    }
    this.#readBody(bytes, head.end, true);
    return true;
  }

  #headBegun = false;

  /** Reads what of the bytes belongs to the body, and hands it on; the rest waits. */
  #readBody(bytes: Buffer, from: number, isFirst: boolean): void {
    const { timeouts, trailers } = this.#core;
    const { limits } = this.#exchange.snapshot;
    let partFrom = from;
    let partTo = from;
    let next = from;
    let done = true;
    if (this.#body === BODY_LENGTH) {
      const length = Math.min(this.#remaining, bytes.length - from);
      this.#remaining -= length;
      partTo = from + length;
      next = partTo;
      done = this.#remaining === 0;
    } else if (this.#body === BODY_CHUNKED) {
      next = this.requestChunks.read(bytes, from, bytes.length, trailers);
      partFrom = this.requestChunks.payloadStart;
      partTo = this.requestChunks.payloadEnd;
      done = this.requestChunks.done;
      if (next === -1) {
        this.#exchange.refuse(400, 'bad-request');
        return;
      }
    }
    this.#bodyBytes += partTo - partFrom;
    if (this.#bodyBytes > limits.bodyBytes) {
      this.#exchange.refuse(413, 'body-too-large');
      return;
    }
    this.#state = done ? WAITS : READS_BODY;
    this.#deadlineMs = done ? 0 : timeouts.after(limits.bodyTimeoutMs);
    if (done && next < bytes.length) {
      const isBorrowed = this.#bodyMemory !== null;
      this.#pending = isBorrowed ? Buffer.from(bytes.subarray(next)) : bytes;
      this.#pendingFrom = isBorrowed ? 0 : next;
    }
    if (isFirst) this.#exchange.start(bytes, partFrom, partTo, done);
    else this.#bodyIsKept = this.#exchange.moreBody(bytes, partFrom, partTo, done);
  }

  // What the exchange asks for.

  exchangeOver(keepsOpen: boolean): void {
    if (this.socket.destroyed) return;
    if (!keepsOpen || this.#core.draining) {
      this.#linger();
      return;
    }
    this.#state = READS_HEAD;
    this.#deadlineMs = this.#core.timeouts.after(this.#exchange.snapshot.limits.idleTimeoutMs);
    this.resumeBody();
    if (this.#pending !== null || this.#clientEnded) this.#advance();
  }

  pauseBody(): void {
    if (this.#paused) return;
    this.#paused = true;
    if (this.#state === READS_BODY) this.#deadlineMs = 0;
    this.socket.pause();
  }

  resumeBody(): void {
    if (!this.#paused) return;
    this.#paused = false;
    const { limits } = this.#exchange.snapshot;
    if (this.#state === READS_BODY) {
      this.#deadlineMs = this.#core.timeouts.after(limits.bodyTimeoutMs);
    }
    this.socket.resume();
  }

  startTunnel(tunnel: ClientEnd): void {
    this.#tunnel = tunnel;
    this.#state = TUNNELS;
    this.#deadlineMs = 0;
    this.resumeBody();
    if (this.#pending !== null) {
      tunnel.clientRead(this.#pending.subarray(this.#pendingFrom));
      this.#pending = null;
    }
    if (this.#clientEnded) tunnel.clientEnded();
  }

  breakOff(): void {
    if ('encrypted' in this.socket) this.socket.destroy();
    else this.socket.resetAndDestroy();
  }

  // Ends.

  #refuse(status: number): void {
    const { counters } = this.#core;
    counters.failed(REFUSALS[status] ?? 'bad-request');
    counters.answered(status);
    this.socket.write(errorAnswer(status, true, this.#core.requestHead.isHead));
    this.#linger();
  }

  /**
   * Ends the connection so that its last answer is not lost to a reset: what still comes is read
   * and discarded, within bounds, and never taken for a request.
   */
  #linger(): void {
    this.#state = LINGERS;
    this.#lingered = 0;
    this.#pending = null;
    // A slow client first gets what is still queued for it.
    this.#deadlineMs = this.#core.timeouts.after(this.#core.snapshot.limits.idleTimeoutMs);
    this.socket.end(() => {
      this.#deadlineMs = this.#core.timeouts.after(LINGER_MS);
    });
    this.resumeBody();
  }

  #ended(): void {
    this.#clientEnded = true;
    switch (this.#state) {
      case READS_HEAD:
        if (this.#pending === null) this.#linger();
        else this.#refuse(400);
        break;
      case READS_BODY:
        this.#exchange.refuse(400, 'bad-request');
        break;
      case TUNNELS:
        this.#tunnel?.clientEnded();
        break;
    }
  }

  #drained(): void {
    this.#exchange.clientDrained();
    this.#tunnel?.clientDrained();
  }

  #closed(): void {
    this.#core.timeouts.remove(this);
    this.#giveMemoryBack();
    this.#core.clients.delete(this);
    this.#exchange.abort();
    this.#core.clientClosed();
  }
}
