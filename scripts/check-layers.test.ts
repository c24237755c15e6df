import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('./check-layers.ts', import.meta.url));
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** Runs the check on a tree of these files. */
function check(files: Readonly<Record<string, string>>) {
  const root = mkdtempSync(join(tmpdir(), 'hopmark-layers-'));
  folders.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return spawnSync(process.execPath, [SCRIPT, root], { encoding: 'utf8' });
}

test('imports downwards are allowed, of types and of values', () => {
  const { status, stderr } = check({
    'harness/stats/a.ts': "import { b } from '../model/b.ts';\nexport const a: number = b;\n",
    'harness/model/b.ts': 'export const b = 1;\n',
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

test.each([
  ['a type import', "import type { B } from '../cli/b.ts';\n"],
  ['an export from', "export * from '../cli/b.ts';\n"],
  ['a dynamic import', "export const b: unknown = await import('../cli/b.ts');\n"],
])('%s of a layer above fails, and both are named', (_, text) => {
  const { status, stderr } = check({
    'harness/stats/a.ts': text,
    'harness/cli/b.ts': 'export interface B {}\n',
  });
  expect(stderr).toMatch(/harness\/stats\/a\.ts.*imports harness\/cli\/b\.ts/);
  expect(status).toBe(1);
});

test('one implementation must not import another', () => {
  const { status } = check({
    'impls/optimized/a.ts': "import '../baseline/b.ts';\n",
    'impls/baseline/b.ts': 'export {};\n',
  });
  expect(status).toBe(1);
});

test('a circle fails within a layer too', () => {
  const { status, stderr } = check({
    'harness/model/a.ts': "import './b.ts';\n",
    'harness/model/b.ts': "import './a.ts';\n",
  });
  expect(stderr).toContain('circle');
  expect(status).toBe(1);
});

test('a file in a folder that the table does not know fails', () => {
  expect(check({ 'harness/elsewhere/a.ts': "import '../model/b.ts';\n" }).status).toBe(1);
});
