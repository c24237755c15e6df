/**
 * Where an answer's body lies in what was read: the one place that knows the four ways in which a
 * body can end (RFC 9112 6.3). It moves no bytes but those of chunk framing.
 */
import { ChunkReader } from './chunk-reader.ts';
import type { FieldTable } from './field-reader.ts';
import { BODY_CHUNKED, BODY_LENGTH, BODY_NONE, BODY_UNTIL_CLOSE } from './framing.ts';

export class AnswerBody {
  /** The payload in what was read last, as a range of it. */
  from = 0;
  to = 0;
  /** The offset after the body's bytes; what lies behind it is not the body's. */
  next = 0;
  /** That was the last of it. */
  isLast = false;
  readonly chunks: ChunkReader = new ChunkReader();
  #kind: number = BODY_NONE;
  #remaining = 0;

  /** Begins a body, framed as its head says. */
  begin(kind: number, contentLength: number): void {
    this.#kind = kind;
    this.#remaining = contentLength;
    if (kind === BODY_CHUNKED) this.chunks.reset();
  }

  get endsWithConnection(): boolean {
    return this.#kind === BODY_UNTIL_CLOSE;
  }

  get hasOwnLength(): boolean {
    return this.#kind === BODY_NONE || this.#kind === BODY_LENGTH;
  }

  /** Finds what of [from, to) belongs to the body. False if its framing is malformed. */
  read(bytes: Buffer, from: number, to: number, trailers: FieldTable): boolean {
    this.from = from;
    this.to = from;
    this.next = from;
    this.isLast = false;
    switch (this.#kind) {
      case BODY_NONE:
        this.isLast = true;
        return true;
      case BODY_LENGTH: {
        const length = Math.min(this.#remaining, to - from);
        this.#remaining -= length;
        this.to = from + length;
        this.next = this.to;
        this.isLast = this.#remaining === 0;
        return true;
      }
      case BODY_CHUNKED:
        this.next = this.chunks.read(bytes, from, to, trailers);
        this.from = this.chunks.payloadStart;
        this.to = this.chunks.payloadEnd;
        this.isLast = this.chunks.done;
        return this.next !== -1;
      default:
        this.to = to;
        this.next = to;
        return true;
    }
  }
}
