import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type JsonBounds, type JsonEnd, JsonEntries } from './json-entries.ts';

const BOUNDS = { mostStringBytes: 20, mostElementBytes: 1000 };

/** Reads a document in pieces cut at the given offsets. */
function read(
  text: string,
  { cuts = [], bounds = BOUNDS }: { cuts?: readonly number[]; bounds?: JsonBounds } = {},
): { elements: unknown[]; texts: string[]; end: JsonEnd } {
  const entries = new JsonEntries(['log', 'entries'], bounds);
  const bytes = Buffer.from(text);
  const texts: string[] = [];
  let from = 0;
  for (const to of [...cuts, bytes.length].sort((a, b) => a - b)) {
    for (const element of entries.push(bytes.subarray(from, to))) texts.push(element.text);
    from = to;
  }
  const parse = (element: string): unknown => (element === '' ? null : JSON.parse(element));
  return { texts, elements: texts.map(parse), end: entries.end() };
}

const har = (entries: unknown, more: object = {}): string =>
  JSON.stringify({ log: { version: '1.2', pages: [{ id: 1 }], ...more, entries } });

test('elements come one by one, as JSON.parse reads them', () => {
  const entries = [{ a: 1, b: [{ c: '}]"' }] }, { d: 'é\\' }, [1, [2]], {}];
  expect(read(har(entries))).toMatchObject({ elements: entries, end: 'whole' });
});

test('however the document is cut', () => {
  const entries = [{ a: 'x"y', b: { log: { entries: [{ z: 1 }] } } }, { long: 'é'.repeat(30) }];
  const text = har(entries);
  const expected = [entries[0], { long: 60 }];
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: Buffer.byteLength(text) })), (cuts) => {
      expect(read(text, { cuts })).toMatchObject({ elements: expected, end: 'whole' });
    }),
    { seed: 11, numRuns: 300 },
  );
});

describe('only the array at the path counts', () => {
  test.each([
    ['one of that name elsewhere', '{"entries":[{"a":1}],"log":{"x":{"entries":[{"b":1}]}}}'],
    ['an object of that name', '{"log":{"entries":{"a":[{"b":1}]}}}'],
    ['the name as a value', '{"log":["entries",[{"a":1}]]}'],
  ])('not %s', (_, text) => {
    expect(read(text)).toMatchObject({ elements: [], end: 'absent' });
  });

  test('what comes after it is not an element', () => {
    const text = '{"log":{"entries":[{"a":1}],"comment":[{"b":2}]},"log2":{"entries":[{"c":3}]}}';
    expect(read(text)).toMatchObject({ elements: [{ a: 1 }], end: 'whole' });
  });
});

describe('bounds', () => {
  test('a string beyond its bound comes as its size, escapes counted as they stand', () => {
    const text = har([{ body: 'a"'.repeat(30), after: 'kept' }]);
    expect(read(text).elements).toEqual([{ body: 90, after: 'kept' }]);
  });

  test('an element beyond its bound comes empty, and the next one whole', () => {
    const big = { list: Array.from({ length: 500 }, (_, at) => at) };
    const { elements, end } = read(har([big, { a: 1 }]));
    expect({ elements, end }).toEqual({ elements: [null, { a: 1 }], end: 'whole' });
  });

  test('nothing of a long string is held', () => {
    const entries = new JsonEntries(['log', 'entries'], BOUNDS);
    const chunk = Buffer.alloc(1_048_576, 'x');
    expect([...entries.push(Buffer.from('{"log":{"entries":[{"body":"'))]).toEqual([]);
    const before = process.memoryUsage().arrayBuffers;
    for (let at = 0; at < 64; at += 1) expect([...entries.push(chunk)]).toEqual([]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8e6);
    const [element] = entries.push(Buffer.from('"}]}}'));
    expect(JSON.parse(element?.text ?? '')).toEqual({ body: 64 * 1_048_576 });
  });
});

test.each([
  ['', 'truncated'],
  ['{"log":{"entries":[{"a":1}', 'truncated'],
  ['{"log":{"entries":[{"a":"b', 'truncated'],
  ['{"log":{"version":"1.2"', 'truncated'],
  ['{"log":{"version":"1.2"}}', 'absent'],
  ['[1,2]', 'absent'],
  ['{"log":{"entries":[]}}', 'whole'],
])('%s ends as %s', (text, end) => {
  expect(read(text).end).toBe(end);
});
