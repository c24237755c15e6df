/**
 * A regular expression as the automaton that a backtracking engine walks: which characters it can
 * read next, in how many different ways, and how much work lies between two characters. It keeps
 * every choice that an engine can make and drops only what an engine cannot do, so that counting
 * its runs never counts too few.
 */
import { type AST, RegExpParser } from '@eslint-community/regexpp';
import { type CharacterFlags, type CharacterSet, charactersOf } from './character-set.ts';

/** A way from one character to the next. */
interface Step {
  /** The index of the state that reads the next character. */
  readonly to: number;
  /** In how many different ways an engine gets there. */
  readonly ways: number;
}

/** What an engine does between two characters. */
export interface Move {
  readonly steps: readonly Step[];
  /** Nodes visited, those that lead nowhere included. */
  readonly work: number;
}

/** The automaton: one state a place in the pattern that reads a character. */
export interface Automaton {
  /** What each state reads. */
  readonly reads: readonly CharacterSet[];
  /** What follows each state's character. */
  readonly after: readonly Move[];
  /** What begins an attempt at the text's start, and at any later place. */
  readonly atStart: Move;
  readonly later: Move;
}

/** A pattern that cannot be judged, with the reason and a remedy for its author. */
export class UnjudgeableError extends Error {
  readonly remedy: string;

  constructor(reason: string, remedy: string) {
    super(reason);
    this.remedy = remedy;
  }
}

const MAX_NODES = 4000;
const MAX_VISITS = 400_000;

type Node =
  | { readonly kind: 'read'; readonly set: CharacterSet; next: number }
  | { readonly kind: 'choice'; readonly to: number[] }
  | { readonly kind: 'enter' | 'leave'; readonly loop: number; next: number }
  | { readonly kind: 'start'; next: number }
  | { readonly kind: 'end' };

/**
 * The automaton of a valid pattern.
 *
 * @throws UnjudgeableError if it is too large, or uses what has no bound that can be computed.
 */
export function buildAutomaton(source: string, flags: CharacterFlags): Automaton {
  const parser = new RegExpParser({ ecmaVersion: 2025 });
  const pattern = parser.parsePattern(source, 0, source.length, { unicode: flags.unicode });
  const builder = new Builder(flags);
  const start = builder.alternatives(pattern.alternatives, builder.add({ kind: 'end' }));
  return flatten(builder.nodes, start);
}

/** Builds from the end: each part is given the node that follows it and returns its own first. */
class Builder {
  readonly nodes: Node[] = [];
  readonly #flags: CharacterFlags;

  constructor(flags: CharacterFlags) {
    this.#flags = flags;
  }

  add(node: Node): number {
    if (this.nodes.length >= MAX_NODES) {
      throw new UnjudgeableError(
        'it is too large',
        'use smaller repeat counts or fewer alternatives',
      );
    }
    return this.nodes.push(node) - 1;
  }

  alternatives(list: readonly AST.Alternative[], next: number): number {
    const to = list.map((alternative) =>
      alternative.elements.reduceRight((after, element) => this.#element(element, after), next),
    );
    return to.length === 1 && to[0] !== undefined ? to[0] : this.add({ kind: 'choice', to });
  }

  #element(element: AST.Element, next: number): number {
    switch (element.type) {
      case 'Character':
      case 'CharacterSet':
      case 'CharacterClass':
        return this.add({ kind: 'read', set: charactersOf(element, this.#flags), next });
      case 'CapturingGroup':
        return this.alternatives(element.alternatives, next);
      case 'Group':
        if (element.modifiers !== null) {
          throw new UnjudgeableError(
            'it changes flags inside',
            'write the flags beside the pattern',
          );
        }
        return this.alternatives(element.alternatives, next);
      case 'Quantifier':
        return this.#quantifier(element, next);
      case 'Assertion':
        return this.#assertion(element, next);
      case 'Backreference':
        throw new UnjudgeableError(
          'it refers back to what a group matched, which has no bound on its cost',
          'use a pattern without backreferences',
        );
      default:
        throw new UnjudgeableError('it uses a set expression', 'use a plain character class');
    }
  }

  #assertion(assertion: AST.Assertion, next: number): number {
    if (assertion.kind === 'start' || assertion.kind === 'end') {
      // Nothing can be read after the end.
      return this.add(assertion.kind === 'start' ? { kind: 'start', next } : { kind: 'end' });
    }
    // Taken as if it always held: that adds runs and removes none.
    if (assertion.kind === 'word') return this.add({ kind: 'choice', to: [next] });
    if (assertion.kind !== 'lookahead') {
      throw new UnjudgeableError(
        'it looks behind, which has no bound on its cost here',
        'use a pattern without lookbehind',
      );
    }
    // What it looks at is walked beside what follows, from the same place.
    const inside = this.alternatives(assertion.alternatives, this.add({ kind: 'end' }));
    return this.add({ kind: 'choice', to: [inside, next] });
  }

  #quantifier({ element, min, max }: AST.Quantifier, next: number): number {
    let first = next;
    if (max === Number.POSITIVE_INFINITY) {
      const to: number[] = [];
      const head = this.add({ kind: 'choice', to });
      const leave = this.add({ kind: 'leave', loop: head, next: head });
      const enter = this.add({ kind: 'enter', loop: head, next: this.#element(element, leave) });
      to.push(enter, next);
      first = head;
    } else {
      for (let i = min; i < max; i++) {
        const once = this.#element(element, first);
        first = this.add({ kind: 'choice', to: [once, next] });
      }
    }
    for (let i = 0; i < min; i++) first = this.#element(element, first);
    return first;
  }
}

/** Leaves only the nodes that read; what lies between becomes moves. */
function flatten(nodes: readonly Node[], start: number): Automaton {
  const indexOf = new Map<number, number>();
  const reads: CharacterSet[] = [];
  const nexts: number[] = [];
  for (const [at, node] of nodes.entries()) {
    if (node.kind !== 'read') continue;
    indexOf.set(at, reads.push(node.set) - 1);
    nexts.push(node.next);
  }
  let visits = 0;
  const move = (from: number, isTextStart: boolean): Move => {
    const ways = new Map<number, number>();
    let work = 0;
    // A loop whose body has read nothing since it was entered is not entered again: the engines'
    // rule against endless empty rounds. `open` holds those loops.
    const walk = (at: number, open: readonly number[]): void => {
      work++;
      if (++visits > MAX_VISITS) {
        throw new UnjudgeableError(
          'it can match nothing in too many ways',
          'simplify its optional parts',
        );
      }
      const node = nodes[at];
      if (node === undefined) return;
      if (node.kind === 'read') {
        const index = indexOf.get(at) ?? 0;
        ways.set(index, (ways.get(index) ?? 0) + 1);
      } else if (node.kind === 'choice') for (const to of node.to) walk(to, open);
      else if (node.kind === 'enter') walk(node.next, [...open, node.loop]);
      else if (node.kind === 'leave' && !open.includes(node.loop)) walk(node.next, open);
      else if (node.kind === 'start' && isTextStart) walk(node.next, open);
    };
    walk(from, []);
    return { steps: [...ways].map(([to, count]) => ({ to, ways: count })), work };
  };
  return {
    reads,
    after: nexts.map((next) => move(next, false)),
    atStart: move(start, true),
    later: move(start, false),
  };
}
