/**
 * The first bytes of a body, kept only where a rule or a capture asks for them, in a pooled buffer
 * that grows as the body comes. Bytes become text once, when somebody asks.
 */
import type { BufferPool } from './buffer-pool.ts';
import type { SeenBody } from './rules.ts';

export class BodyWindow implements SeenBody {
  readonly #pool: BufferPool;
  #bytes: Buffer | null = null;
  #length = 0;
  #limit = 0;
  #cut = false;

  constructor(pool: BufferPool) {
    this.#pool = pool;
  }

  /** Begins a window of at most `limit` bytes. */
  open(limit: number): void {
    this.close();
    this.#limit = limit;
    this.#cut = false;
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  get isFull(): boolean {
    return this.#length >= this.#limit;
  }

  /** Adds bytes [from, to), as far as they fit. They are copied. */
  add(bytes: Buffer, from: number, to: number): void {
    const length = Math.min(to - from, this.#limit - this.#length);
    if (length < to - from) this.#cut = true;
    if (length <= 0) return;
    const needed = this.#length + length;
    if (this.#bytes === null) this.#bytes = this.#pool.take(needed);
    else if (needed > this.#bytes.length) this.#grow(this.#bytes, needed);
    bytes.copy(this.#bytes, this.#length, from, from + length);
    this.#length = needed;
  }

  /** As UTF-8 with replacement; a character that the window's end cuts is left out. */
  text(): string {
    const bytes = this.#bytes;
    if (bytes === null) return '';
    const endsWhole = !this.#cut || (bytes[this.#length - 1] ?? 0) < 0x80;
    if (endsWhole) return bytes.toString('utf8', 0, this.#length);
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    return decoder.decode(bytes.subarray(0, this.#length), { stream: true });
  }

  /** Whether these bytes are in it. */
  mayHold(bytes: Buffer): boolean {
    return this.#bytes?.subarray(0, this.#length).includes(bytes) === true;
  }

  /** Forgets it and gives its memory back. */
  close(): void {
    if (this.#bytes !== null) this.#pool.give(this.#bytes);
    this.#bytes = null;
    this.#length = 0;
  }

  #grow(bytes: Buffer, needed: number): void {
    const larger = this.#pool.take(Math.max(needed, Math.min(bytes.length * 2, this.#limit)));
    bytes.copy(larger, 0, 0, this.#length);
    this.#pool.give(bytes);
    this.#bytes = larger;
  }
}
