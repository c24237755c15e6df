import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BodyWindow } from './body-window.ts';
import { BufferPool } from './buffer-pool.ts';

test('a buffer that was given back is taken again for any size of its tier', () => {
  const pool = new BufferPool();
  const first = pool.take(300);
  expect(first.length).toBe(512);
  pool.give(first);
  expect(pool.take(500)).toBe(first);
  expect({ ...pool.counts }).toEqual({ hits: 1, misses: 1 });
});

test('two that are out at once are never the same', () => {
  const pool = new BufferPool();
  expect(pool.take(100)).not.toBe(pool.take(100));
});

test('what is larger than every tier is made to measure and not kept', () => {
  const pool = new BufferPool();
  const large = pool.take(20_000);
  expect(large.length).toBe(20_000);
  pool.give(large);
  expect(pool.take(20_000)).not.toBe(large);
});

test('a burst does not stay in memory', () => {
  const pool = new BufferPool();
  const many = Array.from({ length: 100 }, () => pool.take(16_384));
  for (const buffer of many) pool.give(buffer);
  for (let i = 0; i < 100; i += 1) pool.take(16_384);
  expect(pool.counts.hits).toBe(32);
});

test('a body window holds the first bytes only and leaves out a character that is cut', () => {
  const window = new BodyWindow(new BufferPool());
  window.open(5);
  const bytes = Buffer.from('abcdé and more');
  window.add(bytes, 0, 2);
  expect([window.text(), window.isFull]).toEqual(['ab', false]);
  window.add(bytes, 2, bytes.length);
  expect([window.text(), window.isFull]).toEqual(['abcd', true]);
  window.close();
  expect(window.text()).toBe('');
});

test('a body window grows with its body', () => {
  const window = new BodyWindow(new BufferPool());
  window.open(100_000);
  const piece = Buffer.alloc(777, 'p');
  for (let i = 0; i < 100; i += 1) window.add(piece, 0, piece.length);
  expect(window.text()).toBe('p'.repeat(77_700));
});

test('the text of a body window is the standard decoding of its bytes, whatever they are', () => {
  const byte = fc.oneof(
    fc.constantFrom(
      0x61,
      0x62,
      0xc3,
      0xa9,
      0xe2,
      0x82,
      0xac,
      0xf0,
      0x9f,
      0x98,
      0x80,
      0xef,
      0xbb,
      0xbf,
    ),
    fc.integer({ min: 0, max: 255 }),
  );
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 12 }), fc.nat(14), (bytes, limit) => {
      const window = new BodyWindow(new BufferPool());
      window.open(limit);
      window.add(Buffer.from(bytes), 0, bytes.length);
      const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
      const seen = Uint8Array.from(bytes.slice(0, limit));
      expect(window.text()).toBe(decoder.decode(seen, { stream: bytes.length > limit }));
    }),
    { seed: 7, numRuns: 3000 },
  );
});

test('a body window says whether it may hold a text, of what was seen and not of what lies behind it', () => {
  const pool = new BufferPool();
  const window = new BodyWindow(pool);
  expect(window.mayHold(Buffer.from('abc'))).toBe(false);
  window.open(100);
  window.add(Buffer.from('xxabcxxdef'), 0, 10);
  expect(window.mayHold(Buffer.from('abc'))).toBe(true);
  window.close();
  window.open(100);
  window.add(Buffer.from('xxab'), 0, 4);
  expect(window.mayHold(Buffer.from('abc'))).toBe(false);
  expect(window.mayHold(Buffer.from('def'))).toBe(false);
});
