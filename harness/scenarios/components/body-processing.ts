/**
 * The scenario `body-processing`: a request's body on its way to the upstream, in the pieces in
 * which a socket gives it, with its text or without.
 */
import type { ComponentCase, ComponentScenario } from '../../model/component.ts';
import { createRandom } from '../../model/random.ts';
import { createOperation } from './operation.ts';

const SIZES: readonly (readonly [name: string, bytes: number, bodies: number])[] = [
  ['1kb', 1024, 256],
  ['16kb', 16_384, 64],
  ['256kb', 262_144, 8],
];
/** What one read of a socket gives at most. */
const PIECE_BYTES = 65_536;

export const BODY_PROCESSING: ComponentScenario = {
  name: 'body-processing',
  title: "a request's body on its way to the upstream",
  description:
    'Bodies of 1, 16 and 256 KB of letters in pieces of at most 64 KB, each different. bytes: nobody asks for the text. text: the first 16 KB are wanted as text, as a rule on bodies does.',
  revision: 1,
  cases: SIZES.flatMap(([name, bytes, bodies]) => [
    reading(`${name}-bytes`, `${name.toUpperCase()}, as bytes`, bytes, bodies, false),
    reading(`${name}-text`, `${name.toUpperCase()}, with its text`, bytes, bodies, true),
  ]),
};

function reading(
  name: string,
  title: string,
  bytes: number,
  bodies: number,
  wantsText: boolean,
): ComponentCase {
  return {
    name,
    title,
    prepare: (components, { policy, seed }) => {
      const random = createRandom(seed);
      const reader = components.bodyReader(policy);
      return createOperation({
        operands: Array.from({ length: bodies }, () => piecesOf(bytes, random.uint32)),
        act: (pieces) => reader.read(pieces, wantsText),
        score: ({ length, text }) => length + (text === null ? 0 : text.charCodeAt(length & 1023)),
        describe: ({ length, text }) => `${length} ${text}`,
      });
    },
  };
}

function piecesOf(bytes: number, word: () => number): readonly Buffer[] {
  const body = Buffer.allocUnsafeSlow(bytes);
  // Small letters and some others, four a word.
  for (let at = 0; at < bytes; at += 4) body.writeUInt32LE((word() & 0x1f1f1f1f) | 0x60606060, at);
  return Array.from({ length: Math.ceil(bytes / PIECE_BYTES) }, (_, i) =>
    body.subarray(i * PIECE_BYTES, (i + 1) * PIECE_BYTES),
  );
}
