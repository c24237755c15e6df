/**
 * Whether a user's pattern may be run on input from the network: judged once, when a policy is
 * loaded. What passes cannot hold the event loop, by a bound on the steps that a backtracking
 * engine takes on the longest text it will meet, not by a measurement. Nothing that serves
 * requests imports this.
 */
import { MAX_SUBJECT_CHARACTERS } from './pattern.ts';
import { buildAutomaton, UnjudgeableError } from './pattern-automaton.ts';
import type { Pattern } from './policy.ts';
import { boundSteps } from './step-bound.ts';

/**
 * The most steps of a match. The dearest step seen in V8 took 3.5 ns (a class repeated by count), the
 * usual one under 1 ns, so the worst text of the worst pattern that passes takes some 7 ms.
 */
const MAX_STEPS = 2_000_000;

/** The longest source that is looked at. */
const MAX_PATTERN_CHARACTERS = 1024;

/** Why a pattern is refused. */
export interface PatternProblem {
  readonly pattern: Pattern;
  readonly kind: 'invalid' | 'flags' | 'too-long' | 'too-slow' | 'unjudgeable';
  /** A clause such as `it is too large`. */
  readonly reason: string;
  /** What to write instead, as an object of "expected". */
  readonly remedy: string;
}

/**
 * Judges a pattern that will be searched for in texts of at most `subjectCharacters`. Null means
 * that it is safe: no such text takes more than two million steps.
 */
export function checkPattern(
  pattern: Pattern,
  subjectCharacters: number = MAX_SUBJECT_CHARACTERS,
): PatternProblem | null {
  const problem = (
    kind: PatternProblem['kind'],
    reason: string,
    remedy: string,
  ): PatternProblem => ({ pattern, kind, reason, remedy });
  const { source, flags } = pattern;
  if (!/^i?s?u?$/.test(flags)) {
    return problem(
      'flags',
      `it has the flags ${JSON.stringify(flags)}`,
      'only the flags i, s and u, each once',
    );
  }
  if (source.length > MAX_PATTERN_CHARACTERS) {
    const reason = `it has ${source.length} characters`;
    return problem('too-long', reason, `a pattern of at most ${MAX_PATTERN_CHARACTERS} characters`);
  }
  try {
    new RegExp(source, flags);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return problem('invalid', reason, 'a valid regular expression');
  }
  try {
    const automaton = buildAutomaton(source, {
      ignoreCase: flags.includes('i'),
      dotAll: flags.includes('s'),
      unicode: flags.includes('u'),
    });
    const bound = boundSteps(automaton, subjectCharacters, MAX_STEPS);
    if (bound.kind === 'bounded') return null;
    const most = `more than ${MAX_STEPS / 1e6} million steps on a text of ${subjectCharacters} characters`;
    const reason =
      bound.kind === 'exceeded'
        ? `it can take ${most}, such as one that goes on like ${JSON.stringify(bound.example)}`
        : `it has too many ways to match for a proof that it never takes ${most}`;
    const remedy =
      'a pattern that starts with ^ or a fixed text, without two repeats of the same characters ' +
      'in a row or inside one another, with {0,20} for *';
    return problem('too-slow', reason, remedy);
  } catch (error) {
    if (!(error instanceof UnjudgeableError)) throw error;
    return problem('unjudgeable', error.message, error.remedy);
  }
}
