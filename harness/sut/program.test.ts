import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findProgram } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'program-'));
afterAll(() => rmSync(folder, { recursive: true }));

const bin = join(folder, 'bin');
mkdirSync(bin);
for (const [name, mode] of [
  ['server', 0o755],
  ['data', 0o644],
] as const) {
  writeFileSync(join(bin, name), '#!/bin/sh\n');
  chmodSync(join(bin, name), mode);
}

test('a name is searched for in the path, a path starts at the folder', () => {
  const found = join(bin, 'server');
  expect(findProgram('server', '/', `/nowhere:${bin}`)).toBe(found);
  expect(findProgram('./bin/server', folder, '')).toBe(found);
  expect(findProgram('bin/server', folder, '')).toBe(found);
  expect(findProgram(found, '/', '')).toBe(found);
});

test('what cannot be run is not found: folders, data, nothing', () => {
  expect(findProgram('data', '/', bin)).toBeNull();
  expect(findProgram('./bin', folder, '')).toBeNull();
  expect(findProgram('server', '/', '')).toBeNull();
  expect(findProgram('./server', folder, bin)).toBeNull();
});
