/**
 * One client connection of the load driver: writes a prepared request, hands what comes back to
 * the reader, and says when the answer is complete. A raw socket with a reused read buffer, so
 * that the driver's own cost stays near a bare socket's.
 */
import { Buffer } from 'node:buffer';
import { connect, type Socket } from 'node:net';
import { AnswerReader, type LoadExchange } from './answer-reader.ts';
import { LoadError, type LoadTarget } from './load-error.ts';
import { type LoadOpening, OpeningReader } from './opening.ts';

/** An answer takes no longer than this. */
export const ANSWER_TIMEOUT_MS = 5000;
const UNANSWERED = `no complete answer within ${ANSWER_TIMEOUT_MS / 1000} s`;
/** A request that is left unanswered this often in a row gets no answer. */
export const MOST_ATTEMPTS = 4;

/** One for all connections: what was read is dealt with before anything else is read. */
const READ_BUFFER = Buffer.allocUnsafeSlow(65_536);

/** Called when an exchange is over: null if the answer was right, and what happened otherwise. */
export type Finished = (failure: LoadError | null) => void;

/** A connection with at most one request under way. */
export class Connection {
  readonly #target: LoadTarget;
  readonly #reader = new AnswerReader();
  #socket: Socket | null = null;
  #exchange: LoadExchange | null = null;
  #finished: Finished | null = null;
  #surplus: LoadError | null = null;
  readonly #opening: LoadOpening | null;

  /** `opening` is what the connection begins with, if anything. */
  constructor(target: LoadTarget, opening: LoadOpening | null = null) {
    this.#target = target;
    this.#opening = opening;
  }

  /** True if it can take a request at once. */
  get usable(): boolean {
    return this.#socket !== null && this.#exchange === null && !this.#reader.closing;
  }

  /** Connects, or connects anew, and opens what is to be opened. Rejects with a LoadError. */
  open(): Promise<void> {
    if (this.#surplus !== null) return Promise.reject(this.#surplus);
    this.close();
    this.#reader.closing = false;
    const opening = this.#opening;
    const reader = opening === null ? null : new OpeningReader(opening);
    return new Promise((resolve, reject) => {
      const socket = connect({
        host: this.#target.host,
        port: this.#target.port,
        noDelay: true,
        onread: {
          buffer: READ_BUFFER,
          callback: (count) => {
            if (this.#socket === socket) this.#onData(count);
            else if (reader?.push(READ_BUFFER, count) === true) ready();
            else if (reader?.wrong != null) refuse(reader.wrong.kind, reader.wrong.detail);
            return true;
          },
        },
      });
      let timer: NodeJS.Timeout | undefined;
      const refuse = (kind: LoadError['kind'], detail: string): void => {
        clearTimeout(timer);
        socket.destroy();
        reject(new LoadError(this.#target, kind, detail, opening));
      };
      const failed = (error: Error): void => refuse('connect-failed', error.message);
      const closed = (): void => refuse('no-answer', 'the connection was closed');
      const ready = (): void => {
        clearTimeout(timer);
        socket.off('error', failed);
        socket.off('close', closed);
        this.#socket = socket;
        socket.on('error', (error) => this.#onEnd(socket, error.message));
        socket.once('end', () => this.#onEnd(socket, 'the connection was closed'));
        socket.once('close', () => this.#onEnd(socket, 'the connection was closed'));
        resolve();
      };
      socket.once('error', failed);
      socket.once('close', closed);
      socket.once('connect', () => {
        if (opening === null) ready();
        else {
          timer = setTimeout(() => refuse('timeout', UNANSWERED), ANSWER_TIMEOUT_MS);
          socket.write(opening.requestBytes);
        }
      });
    });
  }

  /** Sends a request. Only when `usable`; `finished` is called once. */
  send(exchange: LoadExchange, finished: Finished): void {
    const socket = this.#socket;
    if (socket === null) throw new Error('sent on a connection that is not open');
    this.#exchange = exchange;
    this.#finished = finished;
    this.#reader.expect(exchange);
    socket.write(exchange.requestBytes);
  }

  /** Gives up the exchange under way, if any, as timed out. */
  expire(afterMs: number): void {
    if (this.#exchange !== null) {
      this.#fail('timeout', `no complete answer within ${afterMs / 1000} s`);
    }
  }

  /** Destroys the connection. */
  close(): void {
    this.#exchange = null;
    this.#finished = null;
    this.#socket?.destroy();
    this.#socket = null;
  }

  #onData(count: number): void {
    if (this.#exchange === null) {
      // Bytes that nobody asked for would be taken for the next answer. Whoever wants to use the
      // connection next is told.
      const detail = `${count} bytes after a complete answer`;
      this.#surplus = new LoadError(this.#target, 'surplus-bytes', detail, null);
      this.#drop();
    } else if (this.#reader.push(READ_BUFFER, 0, count)) this.#succeed();
    else this.#failIfWrong();
  }

  #onEnd(socket: Socket, reason: string): void {
    if (this.#socket !== socket) return;
    if (this.#exchange === null) this.#drop();
    else if (this.#reader.end()) {
      this.#succeed();
      this.#drop();
    } else if (this.#reader.wrong === null) {
      this.#fail(this.#reader.started ? 'truncated' : 'no-answer', reason);
    } else this.#failIfWrong();
  }

  #succeed(): void {
    const finished = this.#finished;
    this.#exchange = null;
    this.#finished = null;
    finished?.(null);
  }

  #failIfWrong(): void {
    const wrong = this.#reader.wrong;
    if (wrong !== null) this.#fail(wrong.kind, wrong.detail);
  }

  #fail(kind: LoadError['kind'], detail: string): void {
    const finished = this.#finished;
    const error = new LoadError(this.#target, kind, detail, this.#exchange);
    this.close();
    finished?.(error);
  }

  #drop(): void {
    this.#socket?.destroy();
    this.#socket = null;
  }
}
