import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineRelay } from './line-relay.ts';

const line = fc.string({ maxLength: 12 }).map((text) => text.replaceAll('\n', ' '));
const cutLines = fc.record({
  lines: fc.array(line, { maxLength: 8 }),
  pieceBytes: fc.integer({ min: 1, max: 9 }),
});

test('lines of several streams arrive whole, and those of each in their order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(cutLines, { maxLength: 4 }), async (streams) => {
      const out = new PassThrough({ highWaterMark: 16 });
      let received = '';
      out.setEncoding('utf8').on('data', (text: string) => {
        received += text;
      });
      const relay = new LineRelay(out);
      const sources = streams.map(({ lines, pieceBytes }, index) => {
        const source = new PassThrough();
        relay.add(source);
        return {
          source,
          pieces: pieces(
            lines.map((one) => `${index}:${one}`),
            pieceBytes,
          ),
        };
      });
      const closed = sources.map(({ source }) => new Promise((done) => source.once('close', done)));
      // In turn, so that lines of one are cut where another's come.
      for (let at = 0; sources.some(({ pieces }) => at < pieces.length); at += 1) {
        for (const { source, pieces } of sources) {
          const piece = pieces[at];
          if (piece !== undefined) source.write(piece);
        }
      }
      for (const { source } of sources) source.end();
      await Promise.all(closed);
      const ended = new Promise((done) => out.once('end', done));
      out.end();
      await ended;
      const all = received.split('\n').slice(0, -1);
      streams.forEach(({ lines }, index) => {
        expect(all.filter((one) => one.startsWith(`${index}:`))).toEqual(
          lines.map((one) => `${index}:${one}`),
        );
      });
      expect(all).toHaveLength(streams.reduce((sum, { lines }) => sum + lines.length, 0));
    }),
    { numRuns: 50 },
  );
});

/** The last line is not ended: a process that was killed leaves one like that. */
function pieces(lines: readonly string[], bytes: number): readonly Buffer[] {
  const text = Buffer.from(lines.join('\n'));
  return Array.from({ length: Math.ceil(text.length / bytes) }, (_, index) =>
    text.subarray(index * bytes, (index + 1) * bytes),
  );
}
