import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ChunkReader } from './chunk-reader.ts';
import { FieldTable } from './field-reader.ts';

/** Reads a body in pieces cut at the given offsets, followed by other bytes. */
function read(text: string, cuts: readonly number[] = []): string {
  const reader = new ChunkReader();
  const trailers = new FieldTable(4);
  let payload = '';
  const edges = [0, ...[...cuts].sort((a, b) => a - b), text.length];
  for (let i = 1; i < edges.length; i += 1) {
    const piece = Buffer.from(text.slice(edges[i - 1], edges[i]), 'latin1');
    const next = reader.read(piece, 0, piece.length, trailers);
    if (next === -1) return 'malformed';
    payload += piece.toString('latin1', reader.payloadStart, reader.payloadEnd);
    if (reader.done) {
      const left = text.length - ((edges[i - 1] ?? 0) + next);
      return `${payload}|${reader.trailerCount}|${left}`;
    }
    if (next !== piece.length) return 'stopped early';
  }
  return `${payload}|open`;
}

describe('a chunked body', () => {
  test.each([
    ['5\r\nhello\r\n0\r\n\r\n', 'hello|0|0'],
    ['5\r\nhello\r\n0\r\n\r\nGET', 'hello|0|3'],
    ['1\r\na\r\n000b\r\nbcdefghijkl\r\n00\r\n\r\n', 'abcdefghijkl|0|0'],
    ['A;x="y"\r\n0123456789\r\n0;z\r\n\r\n', '0123456789|0|0'],
    ['0\r\nA: b\r\nC: d\r\n\r\nxyz', '|2|3'],
    ['5\r\nhel', 'hel|open'],
  ])('%j is read as %j, however it is cut in two or three', (text, expected) => {
    expect(read(text)).toBe(expected);
    for (let first = 1; first < text.length; first += 1) {
      expect(read(text, [first])).toBe(expected);
      for (let second = first + 1; second < text.length; second += 1) {
        expect(read(text, [first, second])).toBe(expected);
      }
    }
  });

  test.each([
    '\r\n',
    ' 5\r\nhello\r\n',
    '5 \r\nhello\r\n',
    '5\nhello\r\n',
    '5\r\nhello\n',
    '5\r\nhelloX',
    '5\r\nhello\rX',
    '0x5\r\nhello\r\n',
    '-1\r\n',
    'g\r\n',
    ';a\r\n',
    '5;a\x00\r\nhello\r\n',
    '5;a\nhello\r\n',
    '5;a\rb\r\n',
    `5;${'a'.repeat(2000)}\r\n`,
    `${'0'.repeat(15)}5\r\nhello\r\n`,
    'fffffffffffffff\r\n',
    '0\r\n\n',
    '0\r\nA : b\r\n\r\n',
    '0\r\n A: b\r\n\r\n',
    `0\r\nA: ${'b'.repeat(20_000)}`,
  ])('%j is malformed, however it is cut', (text) => {
    expect(read(text)).toBe('malformed');
    const step = Math.max(1, Math.floor(text.length / 50));
    for (let cut = 1; cut < text.length; cut += step) expect(read(text, [cut])).toBe('malformed');
  });

  test('gives the same payload whatever its chunks and whatever the reads', () => {
    const chunk = fc
      .string({ minLength: 1, maxLength: 40 })
      .map((s) => s.replace(/[^\x20-\x7e]/g, '?'));
    fc.assert(
      fc.property(
        fc.array(chunk, { maxLength: 8 }),
        fc.array(fc.nat(400), { maxLength: 12 }),
        (chunks, cuts) => {
          const body = `${chunks.map((c) => `${c.length.toString(16)}\r\n${c}\r\n`).join('')}0\r\n\r\n`;
          const inside = cuts.filter((cut) => cut < body.length);
          expect(read(body, inside)).toBe(`${chunks.join('')}|0|0`);
        },
      ),
      { seed: 11 },
    );
  });

  test('a reader that was reset knows nothing of the body before', () => {
    const reader = new ChunkReader();
    const trailers = new FieldTable(4);
    const first = Buffer.from('5;abc\r\nhel');
    reader.read(first, 0, first.length, trailers);
    reader.reset();
    const second = Buffer.from('1\r\na\r\n0\r\n\r\n');
    expect(reader.read(second, 0, second.length, trailers)).toBe(second.length);
    expect(reader.done).toBe(true);
  });
});
