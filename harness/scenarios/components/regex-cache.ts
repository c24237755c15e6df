/**
 * The scenario `regex-cache`: one subject against a set of patterns, as a rule's path condition
 * does. Half the subjects of a known set match none of its patterns, so that all are tried; the others
 * match one anywhere in it. Nothing matches a set that is new, so that all of it is compiled.
 */
import type { Pattern } from '../../../impls/policy/policy.ts';
import type { ComponentCase, ComponentScenario } from '../../model/component.ts';
import { createRandom, type Random } from '../../model/random.ts';
import { createOperation } from './operation.ts';
import { otherPath, type PatternWithPath, patternsFrom } from './pattern-operands.ts';

const SIZES = [5, 100, 1000] as const;
const SUBJECTS = 1024;
/** Sets at first; `refresh` makes as many as are asked for. */
const FRESH_SETS = 4;

export const REGEX_CACHE: ComponentScenario = {
  name: 'regex-cache',
  title: 'one path against a set of patterns',
  description:
    'Whether any pattern of a set is found in a path: 5, 100 and 1,000 patterns, two in five of them prefixes, one a suffix, two expressions. Cached: the set has been seen before. Uncached: neither the set nor any of its patterns ever was, so that taking it in is part of the operation. Half the paths match nothing in a cached set, all of them in an uncached one.',
  revision: 1,
  cases: SIZES.flatMap((size) => [cached(size), uncached(size)]),
};

function cached(size: number): ComponentCase {
  return {
    name: `cached-${size}`,
    title: `${size} known patterns`,
    prepare: (components, { seed }) => {
      const random = createRandom(seed);
      const set = patternsFrom(0, size, random);
      const matcher = components.matcher(set.map(({ pattern }) => pattern));
      return createOperation({
        operands: Array.from({ length: SUBJECTS }, () => subjectFor(set, random)),
        act: (subject) => matcher.matches(subject),
        score: Number,
        describe: String,
      });
    },
  };
}

interface FreshSet {
  readonly patterns: readonly Pattern[];
  readonly subject: string;
}

function uncached(size: number): ComponentCase {
  return {
    name: `uncached-${size}`,
    title: `${size} patterns never seen before`,
    prepare: (components, { seed }) => {
      const random = createRandom(seed);
      let serial = 0;
      const freshSets = (count: number): FreshSet[] =>
        Array.from({ length: count }, () => {
          const set = patternsFrom(serial, size, random);
          serial += size;
          return {
            patterns: set.map(({ pattern }) => pattern),
            subject: otherPath(random),
          };
        });
      return createOperation({
        operands: freshSets(FRESH_SETS),
        act: ({ patterns, subject }) => components.matcher(patterns).matches(subject),
        score: Number,
        describe: String,
        refresh: freshSets,
      });
    },
  };
}

function subjectFor(set: readonly PatternWithPath[], random: Random): string {
  const matched = random.below(2) === 0 ? undefined : set[random.below(set.length)];
  return matched?.path ?? otherPath(random);
}
