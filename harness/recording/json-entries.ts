/**
 * The elements of one array deep in a JSON document, one at a time, so that a HAR file of any size
 * is read in little memory. Strings longer than a bound come as the number of their bytes: they are
 * bodies, of which only the size is wanted. It looks only at what it needs to find the array; each
 * element is parsed by JSON.parse.
 */
import { Buffer } from 'node:buffer';

/** The text of one element, and its number from 1. */
export interface JsonElement {
  readonly number: number;
  readonly text: string;
}

/** How the document ended. */
export type JsonEnd =
  /** The array was found and closed. */
  | 'whole'
  /** It broke off within the array, or before it. */
  | 'truncated'
  /** There is no such array. */
  | 'absent';

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const COLON = 58;
const SPACE = 32;

/** Longer keys are none of those looked for. */
const MOST_KEY_BYTES = 256;

/** How much of it is held. */
export interface JsonBounds {
  /** A longer string comes as the number of its bytes. */
  readonly mostStringBytes: number;
  /** A larger element comes as an empty text. */
  readonly mostElementBytes: number;
}

/** Reads chunk by chunk. */
export class JsonEntries {
  readonly #path: readonly string[];
  readonly #bounds: JsonBounds;
  /** The open containers, outermost first, each with its key in the one above. */
  readonly #open: { readonly kind: 'object' | 'array'; readonly key: string }[] = [];
  #inString = false;
  #escaped = false;
  /** The string under way, as far as it is held. */
  #string: Buffer[] = [];
  #stringBytes = 0;
  #lastString = '';
  #key = '';
  /** The number of open containers within the array that was found; 0 before and after. */
  #foundDepth = 0;
  #closed = false;
  #element: Buffer[] | null = null;
  #elementBytes = 0;
  #number = 0;
  #sawAnything = false;

  /** `path` holds the keys that lead to the array. */
  constructor(path: readonly string[], bounds: JsonBounds) {
    this.#path = path;
    this.#bounds = bounds;
  }

  /** The elements that are complete with this chunk. */
  *push(chunk: Buffer): Generator<JsonElement> {
    /** Where that begins of the chunk which is not dealt with yet. */
    let from = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      if (this.#inString) {
        if (!this.#endsString(byte)) continue;
        this.#addToString(chunk.subarray(from, at));
        this.#finishString();
        from = at + 1;
      } else if (byte === QUOTE) {
        this.#add(chunk.subarray(from, at));
        this.#beginString();
        from = at + 1;
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        if (this.#betweenElements()) {
          this.#element = [];
          this.#elementBytes = 0;
          from = at;
        }
        this.#enter(byte === OPEN_BRACE ? 'object' : 'array');
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        this.#leave();
        if (this.#element !== null && this.#betweenElements()) {
          this.#add(chunk.subarray(from, at + 1));
          from = at + 1;
          yield this.#takeElement();
        }
      } else if (byte === COLON) this.#key = this.#lastString;
      if (byte > SPACE) this.#sawAnything = true;
    }
    const rest = chunk.subarray(from);
    if (this.#inString) this.#addToString(rest);
    else this.#add(rest);
  }

  /** How it ended, once there are no more chunks. */
  end(): JsonEnd {
    if (this.#closed) return 'whole';
    return this.#open.length > 0 || this.#inString || !this.#sawAnything ? 'truncated' : 'absent';
  }

  #betweenElements(): boolean {
    return this.#foundDepth > 0 && this.#open.length === this.#foundDepth;
  }

  #enter(kind: 'object' | 'array'): void {
    this.#open.push({ kind, key: this.#key });
    this.#key = '';
    if (kind === 'array' && !this.#closed && this.#foundDepth === 0 && this.#isPath()) {
      this.#foundDepth = this.#open.length;
    }
  }

  /** The outermost container has no key of its own. */
  #isPath(): boolean {
    const keys = this.#open.slice(1).map(({ key }) => key);
    return keys.length === this.#path.length && this.#path.every((key, at) => keys[at] === key);
  }

  #leave(): void {
    if (this.#betweenElements()) {
      this.#foundDepth = 0;
      this.#closed = true;
    }
    this.#open.pop();
  }

  #beginString(): void {
    this.#inString = true;
    this.#string = [];
    this.#stringBytes = 0;
  }

  #endsString(byte: number): boolean {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else return byte === QUOTE;
    return false;
  }

  #addToString(bytes: Buffer): void {
    this.#stringBytes += bytes.length;
    const most = this.#element === null ? MOST_KEY_BYTES : this.#bounds.mostStringBytes;
    if (this.#stringBytes > most) this.#string = [];
    else this.#string.push(Buffer.from(bytes));
  }

  #finishString(): void {
    this.#inString = false;
    const whole = Buffer.concat(this.#string);
    const isHeld = whole.length === this.#stringBytes;
    this.#lastString = isHeld && whole.length <= MOST_KEY_BYTES ? whole.toString('utf8') : '';
    this.#add(
      isHeld
        ? Buffer.concat([QUOTE_BYTES, whole, QUOTE_BYTES])
        : Buffer.from(`${this.#stringBytes}`),
    );
  }

  /** Adds to the element under way, if there is one. */
  #add(bytes: Buffer): void {
    if (this.#element === null || bytes.length === 0) return;
    this.#elementBytes += bytes.length;
    if (this.#elementBytes > this.#bounds.mostElementBytes) this.#element.length = 0;
    else this.#element.push(Buffer.from(bytes));
  }

  #takeElement(): JsonElement {
    const isHeld = this.#elementBytes <= this.#bounds.mostElementBytes;
    const text = isHeld ? Buffer.concat(this.#element ?? []).toString('utf8') : '';
    this.#element = null;
    this.#number += 1;
    return { number: this.#number, text };
  }
}

const QUOTE_BYTES = Buffer.from('"');
