/**
 * The scenario `memory-pools`: a buffer is taken, its first and last wanted bytes are written, and
 * it is given back (reuse) or let go (allocation). In each of the sizes in which the plan pools them.
 */
import type { BufferSource } from '../../../impls/contract.ts';
import type { ComponentCase, ComponentScenario } from '../../model/component.ts';
import { createRandom } from '../../model/random.ts';
import { createOperation } from './operation.ts';

const TIERS: readonly (readonly [name: string, bytes: number])[] = [
  ['256b', 256],
  ['512b', 512],
  ['1kb', 1024],
  ['4kb', 4096],
  ['8kb', 8192],
  ['16kb', 16_384],
];
const SIZES = 1024;

export const MEMORY_POOLS: ComponentScenario = {
  name: 'memory-pools',
  title: 'a buffer taken, written at both ends, and given back or let go',
  description:
    'Sizes between half a tier and the whole of it, for the tiers 256 B, 512 B, 1 KB, 4 KB, 8 KB and 16 KB. Reuse: given back after use. Allocation: never given back, so that a pool has none. Memory outside of the JavaScript heap is not in the allocated bytes.',
  revision: 1,
  cases: TIERS.flatMap(([name, bytes]) => [
    taking(`allocation-${name}`, `up to ${name.toUpperCase()}, let go`, bytes, false),
    taking(`reuse-${name}`, `up to ${name.toUpperCase()}, given back`, bytes, true),
  ]),
};

function taking(name: string, title: string, tierBytes: number, givesBack: boolean): ComponentCase {
  return {
    name,
    title,
    prepare: (components, { seed }) => {
      const random = createRandom(seed);
      const buffers = components.buffers();
      const half = tierBytes / 2;
      return createOperation({
        operands: Array.from({ length: SIZES }, () => half + 1 + random.below(half)),
        act: givesBack
          ? (bytes) => takeAndGive(buffers, bytes)
          : (bytes) => writeEnds(buffers.take(bytes), bytes),
        score: (sum) => sum,
        describe: String,
      });
    },
  };
}

function takeAndGive(buffers: BufferSource, bytes: number): number {
  const buffer = buffers.take(bytes);
  const sum = writeEnds(buffer, bytes);
  buffers.give(buffer);
  return sum;
}

/** What was written and can be read again: 256 and 1, or something else if it is too short. */
function writeEnds(buffer: Buffer, bytes: number): number {
  buffer[0] = bytes;
  buffer[bytes - 1] = 1;
  return (buffer[0] ?? 0) + (buffer[bytes - 1] ?? 0);
}
