/**
 * One client connection: its requests one at a time and in order, its refusals, and how it ends.
 * `node:http` reads ahead and hands over each head as soon as it is complete; here they wait for
 * their turn. What one request does is `exchange.ts`.
 */
import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Limits } from '../policy/policy.ts';
import { type Answer, closingAnswerBytes, type Refusal, refusalAnswer } from './answers.ts';
import type { Counters } from './counters.ts';

/** A request in its turn. */
export interface Incoming {
  readonly connection: ClientConnection;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** When the head was complete: wall-clock and monotonic. */
  readonly headAtMs: number;
  readonly startedMs: number;
  /** Resolves if the parser gives up in the middle of this message. */
  readonly broken: Promise<Refusal>;
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal;
  /** The first bytes of the tunnel, where the request asks for one; else null. */
  readonly tunnelBytes: Buffer | null;
}

/** What a connection needs of its handler. */
export interface ConnectionHost {
  readonly counters: Counters;
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
  /** Serves one request to its end. */
  readonly serve: (incoming: Incoming) => Promise<void>;
  /** Has the socket read by Node's parser, from its next byte on. */
  readonly readRequests: (socket: Socket) => void;
}

/** What is read and thrown away after a refusal, so that the answer is not lost to a reset. */
const LINGER_MS = 500;
const LINGER_BYTES = 256 * 1024;

/**
 * Heads that may wait; from then on nothing more is read until they are answered. What one read
 * brought is parsed to its end all the same, so the bound is this and one read.
 */
const MAX_WAITING = 16;

interface Waiting {
  readonly incoming: Incoming;
  readonly breakOff: (refusal: Refusal) => void;
}

/** See the file's comment. Made when a socket is handed over, over when it closes. */
export class ClientConnection {
  readonly socket: Socket;
  readonly #host: ConnectionHost;
  readonly #gone = new AbortController();
  readonly #waiting: Waiting[] = [];
  #last: Waiting | null = null;
  #refusalAfterAll: Refusal | null = null;
  #serving = false;
  #isTunnel = false;
  /** No further request is served: refused, or the last answer has been promised. */
  #ended = false;
  #closeAfterAnswer = false;
  #quietSinceMs: number;
  #quietBytesRead: number;
  #headSinceMs: number | null = null;

  constructor(socket: Socket, host: ConnectionHost, hasInitialBytes: boolean) {
    this.socket = socket;
    this.#host = host;
    this.#quietSinceMs = host.monotonicMs();
    this.#quietBytesRead = socket.bytesRead;
    if (hasInitialBytes) this.#headSinceMs = this.#quietSinceMs;
    socket.on('error', () => {});
    socket.once('close', () => this.#gone.abort());
  }

  /** Whether the next answer must say that it is the last. */
  get closesAfterAnswer(): boolean {
    return this.#closeAfterAnswer;
  }

  /** Takes a request whose head is complete. */
  take(
    request: IncomingMessage,
    response: ServerResponse | null,
    tunnelBytes: Buffer | null,
  ): void {
    request.on('error', () => {});
    if (this.#ended || this.#refusalAfterAll !== null) {
      request.resume();
      return;
    }
    const { promise, resolve } = Promise.withResolvers<Refusal>();
    const incoming: Incoming = {
      connection: this,
      request,
      response: response ?? this.#responseTo(request),
      headAtMs: this.#host.nowMs(),
      startedMs: this.#host.monotonicMs(),
      broken: promise,
      signal: this.#gone.signal,
      tunnelBytes,
    };
    this.#headSinceMs = null;
    this.#last = { incoming, breakOff: resolve };
    this.#waiting.push(this.#last);
    // Later than now: Node resumes the socket itself when it has read a message to its end.
    if (this.#waiting.length === MAX_WAITING) process.nextTick(() => this.socket.pause());
    void this.#serveAll();
  }

  /** Takes what the parser could not read; the requests before it are answered first. */
  takeRefusal(refusal: Refusal): void {
    if (this.#ended) return;
    const last = this.#last?.incoming.request;
    if (this.#last !== null && last !== undefined && !last.complete) {
      this.#last.breakOff(refusal);
      return;
    }
    this.#refusalAfterAll ??= refusal;
    void this.#serveAll();
  }

  /** Answers by the bytes of a refusal, reads off what still comes, and closes. */
  refuse(refusal: Refusal, method = ''): void {
    this.#host.counters.countError(refusal.kind);
    this.#host.counters.countResponse(refusal.statusCode);
    this.endWith(refusalAnswer(refusal, method));
  }

  /** The last answer of this connection, for which no response object stands. */
  endWith(answer: Answer | null): void {
    if (this.#ended) return;
    this.#ended = true;
    const { socket } = this;
    const readBefore = socket.bytesRead;
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once('close', () => clearTimeout(timer));
    // Takes the socket from Node's parser, which would make requests of what still comes.
    socket.removeAllListeners('data');
    socket.on('data', () => {
      if (socket.bytesRead - readBefore > LINGER_BYTES) socket.destroy();
    });
    socket.resume();
    if (answer === null) socket.end();
    else socket.end(closingAnswerBytes(answer));
  }

  /** After an upgrade that was declined: what came behind it is the next request. */
  readOn(bytes: Buffer): void {
    if (this.socket.destroyed) return;
    if (bytes.length > 0) this.socket.unshift(bytes);
    this.#host.readRequests(this.socket);
  }

  /** From here on the socket carries a tunnel, and neither time nor parser touches it. */
  becomeTunnel(): void {
    this.#isTunnel = true;
    this.#ended = true;
  }

  /** Called now and then: a head that comes too slowly is answered 408, an idle connection ends. */
  checkTimes(limits: Limits): void {
    if (this.#serving || this.#ended || this.#waiting.length > 0) return;
    const now = this.#host.monotonicMs();
    if (this.#headSinceMs === null && this.socket.bytesRead > this.#quietBytesRead) {
      this.#headSinceMs = now;
    }
    if (this.#headSinceMs !== null) {
      if (now - this.#headSinceMs >= limits.headTimeoutMs) this.refuse(headTooSlow);
    } else if (now - this.#quietSinceMs >= limits.idleTimeoutMs) {
      this.socket.destroy();
    }
  }

  /** Ends the connection once what it does now is done. */
  drain(): void {
    this.#closeAfterAnswer = true;
    const busy = this.#serving || this.#waiting.length > 0 || this.#isTunnel || this.#ended;
    const headBegun = this.#headSinceMs !== null || this.socket.bytesRead > this.#quietBytesRead;
    if (!busy && !headBegun) this.endWith(null);
  }

  async #serveAll(): Promise<void> {
    if (this.#serving) return;
    this.#serving = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (this.#ended || this.socket.destroyed) next.incoming.request.resume();
      else await this.#serveOne(next.incoming);
      if (this.#waiting.length === 0 && this.socket.isPaused() && !this.#isTunnel) {
        this.socket.resume();
      }
    }
    this.#serving = false;
    this.#quietSinceMs = this.#host.monotonicMs();
    this.#quietBytesRead = this.socket.bytesRead;
    if (this.#refusalAfterAll !== null) this.refuse(this.#refusalAfterAll);
  }

  /** What nobody foresaw costs this connection, and no other one. */
  async #serveOne(incoming: Incoming): Promise<void> {
    try {
      await this.#host.serve(incoming);
    } catch {
      this.#host.counters.countError('internal');
      this.socket.destroy();
    }
  }

  /** An upgrade request comes without a response: Node leaves the socket to its taker. */
  #responseTo(request: IncomingMessage): ServerResponse {
    const response = new ServerResponse(request);
    response.assignSocket(this.socket);
    return response;
  }
}

const headTooSlow: Refusal = {
  statusCode: 408,
  kind: 'head-timeout',
  message: 'the head came too slowly',
};
