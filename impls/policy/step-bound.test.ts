/**
 * The bound against the thing itself: a backtracking matcher that counts what it does, on every
 * short text. It shares no code with the automaton.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildAutomaton } from './pattern-automaton.ts';
import { boundSteps } from './step-bound.ts';

/** A small regular expression: its source, and how to match it counting characters compared. */
type Tree =
  | { readonly kind: 'letters'; readonly letters: string }
  | { readonly kind: 'both' | 'either'; readonly left: Tree; readonly right: Tree }
  | { readonly kind: 'repeat'; readonly body: Tree; readonly min: number; readonly max: number };

const trees: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.record({ kind: fc.constant('letters' as const), letters: fc.constantFrom('a', 'b', 'ab') }),
    fc.record({
      kind: fc.constantFrom('both' as const, 'either' as const),
      left: tie('tree'),
      right: tie('tree'),
    }),
    fc.record({
      kind: fc.constant('repeat' as const),
      body: tie('tree'),
      min: fc.constantFrom(0, 1, 2),
      max: fc.constantFrom(2, Number.POSITIVE_INFINITY),
    }),
  ),
})).tree;

function sourceOf(tree: Tree): string {
  if (tree.kind === 'letters')
    return tree.letters.length === 1 ? tree.letters : `[${tree.letters}]`;
  if (tree.kind === 'repeat') {
    const max = tree.max === Number.POSITIVE_INFINITY ? '' : tree.max;
    return `(?:${sourceOf(tree.body)}){${tree.min},${max}}`;
  }
  return `(?:${sourceOf(tree.left)}${tree.kind === 'either' ? '|' : ''}${sourceOf(tree.right)})`;
}

/** Characters that a search compares in a text when nothing matches in the end. */
function comparisons(tree: Tree, text: string): number {
  let count = 0;
  const match = (at: number, node: Tree, then: (next: number) => boolean): boolean => {
    if (node.kind === 'letters') {
      count++;
      return at < text.length && node.letters.includes(text.charAt(at)) && then(at + 1);
    }
    if (node.kind !== 'repeat') {
      return node.kind === 'both'
        ? match(at, node.left, (next) => match(next, node.right, then))
        : match(at, node.left, then) || match(at, node.right, then);
    }
    const again = (from: number, round: number): boolean => {
      const once = (): boolean =>
        round < node.max &&
        match(from, node.body, (next) =>
          next === from && round >= node.min ? false : again(next, round + 1),
        );
      return once() || (round >= node.min && then(from));
    };
    return again(at, 0);
  };
  for (let start = 0; start <= text.length; start++) match(start, tree, () => false);
  return count;
}

const texts = Array.from({ length: 6 }, (_, length) =>
  Array.from({ length: 2 ** length }, (_, bits) =>
    Array.from({ length }, (_, i) => ((bits >> i) & 1 ? 'b' : 'a')).join(''),
  ),
);

describe('the bound on steps', () => {
  test('is never below what a backtracking search does, on any text of its length', () => {
    const flags = { ignoreCase: false, dotAll: false, unicode: false };
    let bounded = 0;
    fc.assert(
      fc.property(trees, (tree) => {
        const automaton = buildAutomaton(sourceOf(tree), flags);
        for (const [length, sameLength] of texts.entries()) {
          const bound = boundSteps(automaton, length, 100_000);
          if (bound.kind !== 'bounded') continue;
          bounded++;
          for (const text of sameLength) {
            expect(comparisons(tree, text), text).toBeLessThanOrEqual(bound.steps);
          }
        }
      }),
      { seed: 13, numRuns: 300 },
    );
    // Otherwise nothing was shown.
    expect(bounded).toBeGreaterThan(600);
  });

  test('grows with the text alone where a pattern is linear', () => {
    const flags = { ignoreCase: false, dotAll: false, unicode: false };
    const automaton = buildAutomaton('"password"\\s*:', flags);
    const short = boundSteps(automaton, 999, 1e9);
    const long = boundSteps(automaton, 9999, 1e9);
    if (short.kind !== 'bounded' || long.kind !== 'bounded') throw new Error('not bounded');
    expect(long.steps).toBe(short.steps * 10);
    expect(short.steps).toBeLessThan(10_000);
  });
});
