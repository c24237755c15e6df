import { expect, test } from 'vitest';
import { placings } from './source-place.ts';

test('two copies of a tree have the same names', () => {
  const place = placings('/cache/1a2b/impls/fast/index.ts', '/home/impls/fast/index.ts', ['/home']);
  expect(place.reference('file:///cache/1a2b/impls/fast/reader.ts')).toBe('impls/fast/reader.ts');
  expect(place.candidate('file:///home/impls/fast/reader.ts')).toBe('impls/fast/reader.ts');
  expect(place.reference('file:///home/harness/sut/entry.ts')).toBe('harness/sut/entry.ts');
});

test('files of one folder keep their own', () => {
  const place = placings('/home/a.ts', '/home/b.ts', ['/home']);
  expect(place.reference('file:///home/a.ts')).toBe('a.ts');
  expect(place.candidate('file:///home/b.ts')).toBe('b.ts');
});

test.each([
  ['native code has no file', '', null],
  ["Node's own have their name", 'node:net', 'node:net'],
  [
    'a package is named from its own folder',
    'file:///home/node_modules/undici/lib/a.js',
    'undici/lib/a.js',
  ],
  ['a folder that only begins alike is another', 'file:///home-2/a.ts', '/home-2/a.ts'],
  ['a space in a path is one', 'file:///home/my%20proxy.ts', 'my proxy.ts'],
])('%s', (_, url, file) => {
  expect(placings('baseline', 'optimized', ['/home']).candidate(url)).toBe(file);
});
