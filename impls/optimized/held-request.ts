/**
 * A request that is held back until the drop rules with a body condition have seen its body's
 * window. What is held beyond the window is what came in the same read, no more.
 */
import type { DropRule } from '../policy/policy.ts';
import { BodyWindow } from './body-window.ts';
import type { BufferPool } from './buffer-pool.ts';
import { type CompiledRule, selectByBody } from './rules.ts';

const NO_RULES: readonly CompiledRule<DropRule>[] = [];

export class HeldRequest {
  readonly #window: BodyWindow;
  #rules: readonly CompiledRule<DropRule>[] = NO_RULES;
  #parts: Buffer[] = [];

  constructor(pool: BufferPool) {
    this.#window = new BodyWindow(pool);
  }

  get isHeld(): boolean {
    return this.#rules.length > 0;
  }

  begin(rules: readonly CompiledRule<DropRule>[], windowBytes: number): void {
    this.#rules = rules;
    this.#window.open(windowBytes);
  }

  /** Adds bytes [from, to), which must stay as they are. True if the rules can be decided now. */
  add(bytes: Buffer, from: number, to: number, done: boolean): boolean {
    this.#window.add(bytes, from, to);
    this.#parts.push(bytes.subarray(from, to));
    return done || this.#window.isFull;
  }

  /** The first rule that matches, or null. */
  decide(): DropRule | null {
    return selectByBody(this.#rules, this.#window)?.rule ?? null;
  }

  /** All that was held, which is held no more. */
  release(): Buffer {
    const [first] = this.#parts;
    const body =
      this.#parts.length === 1 && first !== undefined ? first : Buffer.concat(this.#parts);
    this.#rules = NO_RULES;
    this.#parts = [];
    this.#window.close();
    return body;
  }
}
