/**
 * The text that a pattern cannot match without: a run of plain characters that stands outside every
 * choice and repetition. Bytes that do not hold it need not be made into text to be searched, which
 * is what nearly every body is spared, as grep searches for a fixed string before it runs an expression.
 *
 * It reads the source itself, carefully: whatever it does not know for sure makes it give up, and a
 * pattern without such a text is searched as always.
 */
import type { Pattern } from '../policy/policy.ts';

/** A shorter text is found in most bodies anyway. */
const LEAST_LENGTH = 3;
/** Escapes of no more than their letter that are not a certain character. */
const ONE_LETTER_ESCAPES = 'dDwWsSbB';
/** What stands for itself when it is escaped. */
const PUNCTUATION = '^$\\.*+?()[]{}|/"\'-,:;<>=!@#%&~` ';

/** The longest such text of a pattern, ASCII only, or null if none is known. */
export function requiredLiteral({ source, flags }: Pattern): string | null {
  const run = new LongestRun();
  for (let at = 0; at < source.length; ) {
    const char = source[at] ?? '';
    switch (char) {
      case '|':
        return null;
      case '\\': {
        const escaped = source[at + 1] ?? '';
        at += 2;
        if (escaped === '') return null;
        if (PUNCTUATION.includes(escaped)) run.add(escaped);
        else if (ONE_LETTER_ESCAPES.includes(escaped)) run.end();
        else return null;
        break;
      }
      case '(':
      case '[': {
        const end = char === '(' ? groupEnd(source, at) : classEnd(source, at);
        if (end < 0) return null;
        at = end;
        run.end();
        break;
      }
      case '*':
      case '?':
      case '{':
        // What is repeated may be there no time at all; the count that follows is no text.
        run.dropLast();
        if (char === '{') {
          const close = source.indexOf('}', at);
          if (close < 0) return null;
          at = close;
        }
        at += 1;
        break;
      case '+':
      case '.':
      case '^':
      case '$':
        run.end();
        at += 1;
        break;
      case ')':
      case ']':
      case '}':
        return null;
      default:
        if (char > '~' || char < ' ') return null;
        run.add(char);
        at += 1;
    }
  }
  const longest = run.longest();
  if (longest.length < LEAST_LENGTH) return null;
  return flags.includes('i') && /[a-z]/i.test(longest) ? null : longest;
}

/** Runs of characters, of which the longest is kept. */
class LongestRun {
  #run = '';
  #longest = '';

  add(char: string): void {
    this.#run += char;
  }

  /** Ends a run, without the character that turned out to be optional. */
  dropLast(): void {
    this.#run = this.#run.slice(0, -1);
    this.end();
  }

  end(): void {
    if (this.#run.length > this.#longest.length) this.#longest = this.#run;
    this.#run = '';
  }

  longest(): string {
    this.end();
    return this.#longest;
  }
}

/** The offset behind the class that begins at `from`, or -1. */
function classEnd(source: string, from: number): number {
  for (let at = from + 1; at < source.length; at += 1) {
    if (source[at] === '\\') at += 1;
    else if (source[at] === '[') return -1;
    else if (source[at] === ']') return at + 1;
  }
  return -1;
}

/** The offset behind the group that begins at `from`, or -1. */
function groupEnd(source: string, from: number): number {
  let depth = 0;
  for (let at = from; at < source.length; at += 1) {
    const char = source[at];
    if (char === '\\') at += 1;
    else if (char === '[') {
      const end = classEnd(source, at);
      if (end < 0) return -1;
      at = end - 1;
    } else if (char === '(') depth += 1;
    else if (char === ')') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}
