/**
 * How many steps a backtracking engine can take at most, whatever the text. A search fails last
 * after it has tried every run of the automaton from every place, so the steps on a text are the
 * runs that are alive at each character, times the work each does there, summed up. The counts of
 * runs alive are followed exactly through every text that makes a difference; no clock is read.
 */
import { type CharacterSet, holds } from './character-set.ts';
import type { Automaton, Move } from './pattern-automaton.ts';

/** What was found. */
export type StepBound =
  /** No text of the given length takes more than `steps`. */
  | { readonly kind: 'bounded'; readonly steps: number }
  /** A text like the example may take more than was allowed. */
  | { readonly kind: 'exceeded'; readonly example: string }
  /** Too many different situations to look at. */
  | { readonly kind: 'unknown' };

const MAX_SITUATIONS = 4000;
/** Additions and multiplications: what bounds the time of the analysis itself. */
const MAX_OPERATIONS = 4_000_000;

/** Runs alive, by the state that has just read; and how it came to be. */
interface Situation {
  readonly runs: ReadonlyMap<number, number>;
  readonly work: number;
  readonly character: number;
  readonly before: Situation | null;
}

/** Bounds the steps on any text of `length` characters, giving up beyond `mostSteps`. */
export function boundSteps(automaton: Automaton, length: number, mostSteps: number): StepBound {
  const search = searchBound(automaton, length, mostSteps);
  if (search.kind === 'bounded') return search;
  // Where a pattern's attempts are short, all places together cost at most as much as the dearest
  // attempt at each of them: coarser a place, but there is far less to look at.
  const attempt = dearestAttempt(automaton, mostSteps / (length + 1));
  return attempt === null ? search : { kind: 'bounded', steps: attempt * (length + 1) };
}

/** Follows a search, in which an attempt begins at every place. */
function searchBound(automaton: Automaton, length: number, mostSteps: number): StepBound {
  const alphabet = lettersOf(automaton);
  const budget = { left: MAX_OPERATIONS };
  const seen = new Set<string>();
  const first = begin(automaton);
  let most = first.work;
  const waiting: Situation[] = [first];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    // The runs that begin at this place; at the very first one `first` holds them already.
    const starts = at === first ? automaton.atStart : automaton.later;
    const found: Situation[] = [];
    for (const letter of alphabet) {
      const next = advance(automaton, at, letter, starts, automaton.later.work, budget);
      const key = keyOf(next.runs);
      if (seen.has(key)) continue;
      seen.add(key);
      most = Math.max(most, next.work);
      if (most * (length + 1) > mostSteps) return { kind: 'exceeded', example: textOf(next) };
      found.push(next);
    }
    if (seen.size > MAX_SITUATIONS || budget.left < 0) return { kind: 'unknown' };
    // The dearest first: a pattern that is beyond the bound shows it soon.
    waiting.push(...found.sort((a, b) => a.work - b.work));
  }
  return { kind: 'bounded', steps: most * (length + 1) };
}

/** The most steps that one attempt takes, or null if more than `mostSteps` or not to be told. */
function dearestAttempt(automaton: Automaton, mostSteps: number): number | null {
  const alphabet = lettersOf(automaton);
  const budget = { left: MAX_OPERATIONS };
  const nothing: Move = { steps: [], work: 0 };
  const known = new Map<string, number | 'open'>();
  const cost = (at: Situation, starts: Move, spent: number): number => {
    let dearest = 0;
    for (const letter of alphabet) {
      const next = advance(automaton, at, letter, starts, 0, budget);
      if (next.runs.size === 0) continue;
      const key = keyOf(next.runs);
      const before = known.get(key);
      // A situation that comes back to itself can go on for the whole text.
      if (before === 'open' || known.size > MAX_SITUATIONS || budget.left < 0) return Infinity;
      if (spent + next.work > mostSteps) return Infinity;
      if (before === undefined) known.set(key, 'open');
      const total = before ?? next.work + cost(next, nothing, spent + next.work);
      known.set(key, total);
      dearest = Math.max(dearest, total);
      if (dearest > mostSteps) return Infinity;
    }
    return dearest;
  };
  const first = begin(automaton);
  const dearest = Math.max(
    automaton.atStart.work + cost(first, automaton.atStart, 0),
    automaton.later.work + cost(first, automaton.later, 0),
  );
  return dearest <= mostSteps ? dearest : null;
}

function begin(automaton: Automaton): Situation {
  return { runs: new Map(), work: automaton.atStart.work, character: -1, before: null };
}

/** What is alive after one more character. */
function advance(
  automaton: Automaton,
  at: Situation,
  letter: Letter,
  starts: Move,
  startWork: number,
  budget: { left: number },
): Situation {
  const runs = new Map<number, number>();
  const spread = (move: Move, count: number): void => {
    budget.left -= move.steps.length + 1;
    for (const { to, ways } of move.steps) {
      if (letter.readBy[to]) runs.set(to, (runs.get(to) ?? 0) + count * ways);
    }
  };
  spread(starts, 1);
  for (const [state, count] of at.runs) {
    const move = automaton.after[state];
    if (move !== undefined) spread(move, count);
  }
  let work = startWork;
  for (const [state, count] of runs) work += count * (automaton.after[state]?.work ?? 0);
  return { runs, work, character: letter.character, before: at };
}

function keyOf(runs: ReadonlyMap<number, number>): string {
  return [...runs]
    .sort((a, b) => a[0] - b[0])
    .map(([state, count]) => `${state}:${count}`)
    .join();
}

/** One character that stands for all those that the same states read. */
interface Letter {
  readonly character: number;
  readonly readBy: readonly boolean[];
}

function lettersOf(automaton: Automaton): Letter[] {
  const edges = new Set([0]);
  for (const set of automaton.reads) {
    for (const [low, high] of set) edges.add(low).add(high + 1);
  }
  const sets = new Map<CharacterSet, string>();
  for (const set of automaton.reads) sets.set(set, set.join());
  const distinct = new Map([...sets].map(([set, text]) => [text, set]));
  const letters = new Map<string, Letter>();
  for (const character of [...edges].sort((a, b) => a - b)) {
    const heldBy = new Map([...distinct].map(([text, set]) => [text, holds(set, character)]));
    const readBy = automaton.reads.map((set) => heldBy.get(sets.get(set) ?? '') ?? false);
    const key = [...heldBy.values()].map(Number).join('');
    // A printable character makes the better example.
    const known = letters.get(key);
    if (known === undefined || (known.character < 0x21 && character < 0x7f)) {
      letters.set(key, { character, readBy });
    }
  }
  return [...letters.values()];
}

const EXAMPLE_CHARACTERS = 12;

/** The end of the text that led to a situation. */
function textOf(situation: Situation): string {
  let text = '';
  for (let at: Situation | null = situation; at !== null && at.character >= 0; at = at.before) {
    text = String.fromCodePoint(at.character) + text;
    if (text.length >= EXAMPLE_CHARACTERS) break;
  }
  return text;
}
