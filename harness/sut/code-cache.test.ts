import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';

const { NODE_COMPILE_CACHE: _chosen, ...withoutChoice } = process.env;

/** Runs a script that uses the module in a process of its own. */
function run(script: string, env: Readonly<Record<string, string>> = {}): string {
  const url = new URL('./code-cache.ts', import.meta.url).href;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { childEnvironment } from ${JSON.stringify(url)};${script}`,
    ],
    { encoding: 'utf8', env: { ...withoutChoice, ...env } },
  );
  if (stderr !== '') throw new Error(stderr);
  return stdout.trim();
}

const SHOWN = (label: string): string =>
  `console.log(childEnvironment('${label}').NODE_COMPILE_CACHE);`;

test('children of one label share a folder, which goes when their parent ends', () => {
  const [first = '', second] = run(SHOWN('ours (twin)') + SHOWN('ours (twin)')).split('\n');
  expect(first).toMatch(/hopmark-code-/);
  expect(second).toBe(first);
  expect(existsSync(dirname(first))).toBe(false);
});

test('a twin starts from no code that its reference left', () => {
  const [first = '', second = ''] = run(SHOWN('ours (reference)') + SHOWN('ours (twin)')).split(
    '\n',
  );
  expect(second).not.toBe(first);
  expect(dirname(second)).toBe(dirname(first));
});

test('a folder that the user has chosen is kept to', () => {
  expect(run(SHOWN('ours'), { NODE_COMPILE_CACHE: '/chosen' })).toBe('/chosen');
});
