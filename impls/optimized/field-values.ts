/**
 * What the patterns of all rules say of one header field, remembered by its value: three rules that
 * look at User-Agent read it once, and clients that come again cost a look-up in place of their
 * expressions. A pattern is asked only when a rule gets as far as its condition, and once a value.
 *
 * The value of a head is read once however many conditions there are, told by the table's generation.
 */
import type { CompiledPattern } from '../policy/pattern.ts';
import { MAX_SUBJECT_CHARACTERS } from '../policy/pattern.ts';
import { HitCounter } from './counters.ts';
import { DecisionCache } from './decision-cache.ts';
import type { FieldTable } from './field-reader.ts';
import { equalsIgnoringCase } from './known-fields.ts';

/** All fields of a policy together keep at most twice this many values and characters. */
const MOST_VALUES = 1024;
const MOST_CHARACTERS = 128 * 1024;
/** And a field of many patterns fewer values, so that there are as many answers. */
const MOST_ANSWERS = 64 * 1024;

/** A longer value is read anew each time. */
const MOST_LAST_BYTES = 256;

/** A value, and what patterns have said of it: by position, or undefined before they were asked. */
interface Answers {
  readonly value: string;
  readonly found: (boolean | undefined)[];
}

/** The fields that the rules for one kind of message have conditions on, by name. */
export class FieldsAsked {
  readonly #byName = new Map<string, FieldValues>();

  /** The field of a name, whose case does not matter. */
  get(name: string): FieldValues {
    const key = name.toLowerCase();
    const known = this.#byName.get(key) ?? new FieldValues(key);
    this.#byName.set(key, known);
    return known;
  }

  /** Remembers values, once all rules are compiled. */
  remember(): void {
    for (const field of this.#byName.values()) field.remember(this.#byName.size);
  }
}

/** One field that rules have conditions on, and the different patterns of those. */
export class FieldValues {
  readonly #name: Buffer;
  readonly #patterns: CompiledPattern[] = [];
  #cache: DecisionCache<Answers> | null = null;
  #table: FieldTable | null = null;
  #generation = -1;
  /** The value read last, and what is known of it: the next one is often the same. */
  readonly #lastBytes: Buffer = Buffer.alloc(MOST_LAST_BYTES);
  #lastLength = 0;
  #last: Answers | null = null;
  /** Of the head last asked about; null if it has no such field. */
  #answers: Answers | null = null;

  /** `name` in lower case. */
  constructor(name: string) {
    this.#name = Buffer.from(name, 'latin1');
  }

  /** The position of a pattern among those of this field. */
  add(pattern: CompiledPattern): number {
    const known = this.#patterns.indexOf(pattern);
    return known >= 0 ? known : this.#patterns.push(pattern) - 1;
  }

  /** Remembers values from now on, its share of what `fields` fields may keep. */
  remember(fields: number): void {
    // A comparison costs no more than a look-up.
    if (this.#patterns.every(({ kind }) => kind !== 'regexp')) return;
    const most = Math.min(MOST_VALUES, Math.ceil(MOST_ANSWERS / this.#patterns.length));
    const share = (of: number): number => Math.ceil(of / fields);
    this.#cache = new DecisionCache(unasked, new HitCounter(), share(most), share(MOST_CHARACTERS));
  }

  /** Whether the field is among those last read from `bytes` and the pattern is found in its value. */
  holds(position: number, bytes: Buffer, fields: FieldTable): boolean {
    if (this.#table !== fields || this.#generation !== fields.generation) {
      this.#table = fields;
      this.#generation = fields.generation;
      this.#answers = this.#read(bytes, fields);
    }
    const answers = this.#answers;
    if (answers === null) return false;
    const known = answers.found[position];
    if (known !== undefined) return known;
    const found = this.#patterns[position]?.test(answers.value) === true;
    answers.found[position] = found;
    return found;
  }

  /** What is known of the value that the field has among those last read; null if it has none. */
  #read(bytes: Buffer, fields: FieldTable): Answers | null {
    const at = indexOfField(this.#name, bytes, fields, 0);
    if (at < 0) return null;
    const from = fields.valueStart(at);
    const to = fields.valueEnd(at);
    let next = indexOfField(this.#name, bytes, fields, at + 1);
    if (next < 0 && this.#last !== null && this.#isLast(bytes, from, to)) return this.#last;
    let value = bytes.toString('latin1', from, to);
    const isSingle = next < 0;
    for (; next >= 0; next = indexOfField(this.#name, bytes, fields, next + 1)) {
      value += `, ${bytes.toString('latin1', fields.valueStart(next), fields.valueEnd(next))}`;
    }
    if (value.length > MAX_SUBJECT_CHARACTERS) value = value.slice(0, MAX_SUBJECT_CHARACTERS);
    const answers = this.#cache?.get(value) ?? unasked(value);
    if (isSingle && to - from <= MOST_LAST_BYTES) {
      this.#lastLength = bytes.copy(this.#lastBytes, 0, from, to);
      this.#last = answers;
    }
    return answers;
  }

  /** Whether bytes [from, to) are the value read last. */
  #isLast(bytes: Buffer, from: number, to: number): boolean {
    if (to - from !== this.#lastLength) return false;
    for (let i = 0; i < this.#lastLength; i += 1) {
      if (bytes[from + i] !== this.#lastBytes[i]) return false;
    }
    return true;
  }
}

function unasked(value: string): Answers {
  return { value, found: [] };
}

/** The first field of this name from position `first` on, or -1. */
function indexOfField(name: Uint8Array, bytes: Buffer, fields: FieldTable, first: number): number {
  for (let i = first; i < fields.count; i += 1) {
    const from = fields.nameStart(i);
    if (fields.nameEnd(i) - from === name.length && equalsIgnoringCase(bytes, from, name)) return i;
  }
  return -1;
}
