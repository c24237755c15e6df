/**
 * Patterns as policies have them, each different from all others, and paths that they match: of
 * five, two are prefixes, one is a suffix, and two are expressions. Follows from a seed.
 */
import type { Pattern } from '../../../impls/policy/policy.ts';
import type { Random } from '../../model/random.ts';
import { inventWord } from '../words.ts';

/** A pattern, and a path that it matches. */
export interface PatternWithPath {
  readonly pattern: Pattern;
  readonly path: string;
}

/** So many different patterns. `serial` is the number of the first; no two numbers give the same. */
export function patternsFrom(serial: number, count: number, random: Random): PatternWithPath[] {
  return Array.from({ length: count }, (_, i) => patternOf(serial + i, random));
}

function patternOf(serial: number, random: Random): PatternWithPath {
  const name = `${inventWord(random)}-${serial.toString(36)}`;
  const other = inventWord(random);
  switch (serial % 5) {
    case 0:
      return plain(`^/${name}/`, `/${name}/${other}`);
    case 1:
      return plain(`^/api/v1/${name}`, `/api/v1/${name}/7`);
    case 2:
      return plain(`\\.${name}$`, `/files/${other}.${name}`);
    case 3:
      return plain(`^/(${name}|${other})/[0-9]{1,8}$`, `/${name}/1024`);
    default:
      return plain(`^/[a-z]{1,20}/${name}(/|$)`, `/${other}/${name}/`);
  }
}

function plain(source: string, path: string): PatternWithPath {
  return { pattern: { source, flags: '' }, path };
}

/** A path that none of these patterns matches. */
export function otherPath(random: Random): string {
  const words = Array.from({ length: 2 + random.below(3) }, () => inventWord(random));
  return `/shop/${words.join('/')}/${random.below(100_000)}`;
}
