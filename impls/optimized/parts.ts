/**
 * The tricks that this proxy works without, only slower, after the plan's phases: each can be left
 * out when a proxy is created, so that what it buys is measured by itself. Nothing is chosen for a
 * request: a part that is off puts other objects in the same places.
 *
 * What cannot be left out: the message readers work in place or not at all; the one buffer in which
 * writes are assembled and the one into which all upstream connections read are how bytes get
 * through, not a cache of anything; the log's batches likewise. The lock of the original has no
 * counterpart: a lock has to be waited for, and nothing here waits.
 */
import type { ImplementationPart } from '../contract.ts';

/** Which parts are on. */
export interface Parts {
  readonly patternCache: boolean;
  readonly decisionCache: boolean;
  readonly headerRanges: boolean;
  readonly pools: boolean;
  readonly snapshot: boolean;
}

/** The parts by name, in the order of the plan's phases. */
export const PARTS: readonly ImplementationPart[] = [
  { name: 'pattern-cache', title: 'patterns are compiled once, not for each match' },
  {
    name: 'decision-cache',
    title: 'what a method and a path decide is kept',
    needs: ['snapshot'],
  },
  { name: 'header-ranges', title: 'heads are copied as long ranges of bytes, not field by field' },
  { name: 'pools', title: 'buffers are given back and taken again' },
  { name: 'snapshot', title: 'a policy is made ready at load, not for each request' },
];

/** Names into what is on; without names all parts are. */
export function partsOf(names?: ReadonlySet<string>): Parts {
  const on = (name: string): boolean => names === undefined || names.has(name);
  return {
    patternCache: on('pattern-cache'),
    decisionCache: on('decision-cache'),
    headerRanges: on('header-ranges'),
    pools: on('pools'),
    snapshot: on('snapshot'),
  };
}
