/**
 * A pattern made ready for use: a plain comparison where the pattern is a literal, a regular
 * expression otherwise. It does not judge whether a pattern is safe to run: `pattern-safety.ts`
 * does that, once, when a policy is loaded. Caching compiled patterns is each implementation's own.
 */
import type { Pattern } from './policy.ts';

/** How much of a header value or a path a pattern looks at, in characters. */
export const MAX_SUBJECT_CHARACTERS = 8192;

/** A pattern ready for use. `test` keeps no state between calls. */
export type CompiledPattern = ComparedPattern | RegExpPattern;

/** A literal: the subject equals it, starts or ends with it, or contains it. */
interface ComparedPattern {
  readonly kind: 'exact' | 'prefix' | 'suffix' | 'contains';
  readonly text: string;
  test(subject: string): boolean;
}

/** Everything else. The expression never has the flags `g` and `y`. */
interface RegExpPattern {
  readonly kind: 'regexp';
  readonly regexp: RegExp;
  test(subject: string): boolean;
}

/**
 * Compiles a pattern that a policy holds. It keeps to the pattern's meaning exactly; the kind only
 * says what it costs.
 *
 * @throws SyntaxError if the source or the flags are not valid, which loading has ruled out.
 */
export function compilePattern(pattern: Pattern): CompiledPattern {
  const literal = asLiteral(pattern);
  return literal ?? searched(new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')));
}

function searched(regexp: RegExp): RegExpPattern {
  return { kind: 'regexp', regexp, test: (subject) => regexp.test(subject) };
}

/** A character that stands for itself, or an escaped punctuation mark. */
const LITERAL = /^(\^?)((?:[^\\^$.*+?()[\]{}|\ud800-\udfff]|\\[\\^$.*+?()[\]{}|/])*)(\$?)$/;

/** The comparison that a literal pattern is, or null if it is not one. */
function asLiteral(pattern: Pattern): ComparedPattern | null {
  const parts = LITERAL.exec(pattern.source);
  if (parts === null) return null;
  const text = (parts[2] ?? '').replace(/\\(.)/gs, '$1');
  // Only characters that have no case compare alike with and without `i`.
  if (pattern.flags.includes('i') && !/^[\x00-@[-`{-\x7f]*$/.test(text)) return null;
  const fromStart = parts[1] === '^';
  const toEnd = parts[3] === '$';
  if (fromStart && toEnd) return { kind: 'exact', text, test: (subject) => subject === text };
  if (fromStart) return { kind: 'prefix', text, test: (subject) => subject.startsWith(text) };
  if (toEnd) return { kind: 'suffix', text, test: (subject) => subject.endsWith(text) };
  return { kind: 'contains', text, test: (subject) => subject.includes(text) };
}
