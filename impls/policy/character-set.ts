/**
 * Sets of characters as sorted ranges, and what an atom of a regular expression matches as such a
 * set. Where a set would be dear to know exactly it is made larger, never smaller: the step bound
 * that is built on it must hold. Only for load time.
 */
import type { AST } from '@eslint-community/regexpp';

/** Sorted, disjoint, inclusive ranges of code points (code units without the flag `u`). */
export type CharacterSet = readonly (readonly [low: number, high: number])[];

/** What a pattern's flags mean for its characters. */
export interface CharacterFlags {
  readonly ignoreCase: boolean;
  readonly dotAll: boolean;
  readonly unicode: boolean;
}

type Atom = AST.Character | AST.CharacterSet | AST.CharacterClass;

/** What an atom matches, or a superset of it. */
export function charactersOf(atom: Atom, flags: CharacterFlags): CharacterSet {
  const top = flags.unicode ? 0x10ffff : 0xffff;
  if (atom.type === 'Character') return folded([[atom.value, atom.value]], flags);
  if (atom.type === 'CharacterSet') return escapeSet(atom, flags, top);
  const parts: CharacterSet[] = [];
  for (const element of atom.elements) {
    if (element.type === 'Character') parts.push([[element.value, element.value]]);
    else if (element.type === 'CharacterClassRange') {
      parts.push([[element.min.value, element.max.value]]);
    } else if (element.type === 'CharacterSet' && element.kind !== 'property') {
      parts.push(escapeSet(element, flags, top));
    } else return [[0, top]];
  }
  const set = folded(union(parts), flags);
  return atom.negate ? complement(set, top) : set;
}

/** Whether the set holds the character. */
export function holds(set: CharacterSet, character: number): boolean {
  return set.some(([low, high]) => low <= character && character <= high);
}

const DIGITS: CharacterSet = [[0x30, 0x39]];
const WORD: CharacterSet = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
/** What `\w` matches beside, with `i` and `u`: long s and the Kelvin sign. */
const FOLDED_WORD: CharacterSet = [
  [0x17f, 0x17f],
  [0x212a, 0x212a],
];
const LINE_ENDS: CharacterSet = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
];
const SPACE: CharacterSet = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];

function escapeSet(atom: AST.CharacterSet, flags: CharacterFlags, top: number): CharacterSet {
  // A property's members are not looked up: any character stands for them.
  if (atom.kind === 'property') return [[0, top]];
  if (atom.kind === 'any') return flags.dotAll ? [[0, top]] : complement(LINE_ENDS, top);
  const word = flags.ignoreCase && flags.unicode ? union([WORD, FOLDED_WORD]) : WORD;
  const set = { digit: DIGITS, space: SPACE, word }[atom.kind];
  return atom.negate ? complement(set, top) : set;
}

function union(sets: readonly CharacterSet[]): CharacterSet {
  const merged: [number, number][] = [];
  for (const [low, high] of sets.flat().sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last !== undefined && low <= last[1] + 1) last[1] = Math.max(last[1], high);
    else merged.push([low, high]);
  }
  return merged;
}

function complement(set: CharacterSet, top: number): CharacterSet {
  const rest: [number, number][] = [];
  let next = 0;
  for (const [low, high] of set) {
    if (low > next) rest.push([next, low - 1]);
    next = high + 1;
  }
  if (next <= top) rest.push([next, top]);
  return rest;
}

/** The set with every other case of its members, if the flags ask for it. */
function folded(set: CharacterSet, flags: CharacterFlags): CharacterSet {
  if (!flags.ignoreCase) return set;
  const isAscii = set.every(([, high]) => high < 0x80);
  if (isAscii && !flags.unicode) return union([set, otherAsciiCase(set)]);
  const added: [number, number][] = [];
  for (const family of caseFamilies()) {
    if (family.some((member) => holds(set, member))) {
      for (const member of family) added.push([member, member]);
    }
  }
  return union([set, added]);
}

function otherAsciiCase(set: CharacterSet): CharacterSet {
  const other: [number, number][] = [];
  for (let upper = 0x41; upper <= 0x5a; upper++) {
    if (holds(set, upper)) other.push([upper + 32, upper + 32]);
    if (holds(set, upper + 32)) other.push([upper, upper]);
  }
  return other;
}

let families: readonly (readonly number[])[] | undefined;

/**
 * Characters that some mapping of case joins: more than any one flag's rules join. Made when first
 * needed, since it looks at every character that has a case.
 */
function caseFamilies(): readonly (readonly number[])[] {
  if (families !== undefined) return families;
  const familyOf = new Map<number, number[]>();
  for (let character = 0; character < 0x1f000; character++) {
    const text = String.fromCodePoint(character);
    for (const mapped of [text.toUpperCase(), text.toLowerCase()]) {
      const other = mapped.codePointAt(0);
      if (mapped === text || other === undefined) continue;
      if (mapped.length !== String.fromCodePoint(other).length) continue;
      const own = familyOf.get(character) ?? [character];
      const theirs = familyOf.get(other) ?? [other];
      if (own === theirs) continue;
      own.push(...theirs);
      for (const member of own) familyOf.set(member, own);
    }
  }
  families = [...new Set(familyOf.values())];
  return families;
}
