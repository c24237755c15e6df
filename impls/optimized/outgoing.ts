/**
 * The bytes about to be written, assembled in one place. The trick: head and first body bytes leave
 * in one write, and the memory they are assembled in is the same for every write of the handler.
 * It is used again only if the write has finished before `write` returned, which the kernel's
 * socket buffer makes the rule; else it stays with that write and a new one takes its place.
 */
import type { BufferPool } from './buffer-pool.ts';
import type { SocketWriter } from './socket-writer.ts';

/** Fits a full read and a head. */
const SLAB_BYTES = 64 * 1024 + 16 * 1024;
/** A write that is known to wait gets memory of its own size instead of the slab. */
const WAITING_COPY_BYTES = 16 * 1024;

/** Below it a copy costs less than another view. */
const LEAST_UNCOPIED_BYTES = 8 * 1024;

const CRLF = Buffer.from('\r\n');
const LAST_CHUNK = Buffer.from('0\r\n');

export class Outgoing {
  length = 0;
  /** What was sent last was a range, which is still being sent from where it lies. */
  keepsRange = false;
  readonly #pool: BufferPool;
  #bytes: Buffer = Buffer.allocUnsafeSlow(SLAB_BYTES);

  constructor(pool: BufferPool) {
    this.#pool = pool;
  }

  /** Appends bytes [from, to). */
  range(bytes: Buffer, from: number, to: number): void {
    if (to <= from) return;
    this.#reserve(to - from);
    bytes.copy(this.#bytes, this.length, from, to);
    this.length += to - from;
  }

  /** Appends all of the bytes. */
  all(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Appends text of latin-1 characters. */
  text(text: string): void {
    this.#reserve(text.length);
    this.length += this.#bytes.write(text, this.length, 'latin1');
  }

  crlf(): void {
    this.all(CRLF);
  }

  /** Appends bytes [from, to) as one chunk (RFC 9112 7.1); nothing if there are none. */
  chunk(bytes: Buffer, from: number, to: number): void {
    if (to <= from) return;
    this.text(`${(to - from).toString(16)}\r\n`);
    this.range(bytes, from, to);
    this.all(CRLF);
  }

  /** Appends the last chunk. Trailers and an empty line follow. */
  lastChunk(): void {
    this.all(LAST_CHUNK);
  }

  /**
   * Writes what was assembled and forgets it. False if the socket wants no more until its writer
   * tells.
   */
  send(writer: SocketWriter): boolean {
    this.keepsRange = false;
    const length = this.length;
    if (length === 0) return true;
    this.length = 0;
    const isGrown = this.#bytes.length > SLAB_BYTES;
    const view = this.#bytes.subarray(0, length);
    if (length <= WAITING_COPY_BYTES && writer.waits) return this.#sendCopy(writer, view);
    const open = writer.write(view);
    const isDone = !writer.waits;
    if (!isDone || isGrown) this.#bytes = Buffer.allocUnsafeSlow(SLAB_BYTES);
    return open || isDone;
  }

  /**
   * Writes bytes [from, to) behind what was assembled. A large part goes out from where it lies:
   * nobody may change it afterwards while {@link keepsRange} is true.
   */
  sendRange(writer: SocketWriter, bytes: Buffer, from: number, to: number): boolean {
    if (this.length > 0 || to - from < LEAST_UNCOPIED_BYTES) {
      this.range(bytes, from, to);
      return this.send(writer);
    }
    const open = writer.write(bytes.subarray(from, to));
    this.keepsRange = writer.waits;
    return open || !this.keepsRange;
  }

  /** What was assembled, which is forgotten: valid until something is appended. */
  take(): Buffer {
    const { length } = this;
    this.length = 0;
    return this.#bytes.subarray(0, length);
  }

  #sendCopy({ socket }: SocketWriter, view: Buffer): boolean {
    const copy = this.#pool.take(view.length);
    view.copy(copy);
    return socket.write(copy.subarray(0, view.length), () => this.#pool.give(copy));
  }

  #reserve(more: number): void {
    if (this.length + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow((this.length + more) * 2);
    this.#bytes.copy(larger, 0, 0, this.length);
    this.#bytes = larger;
  }
}
