import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';

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
    { encoding: 'utf8', env: { ...process.env, ...env } },
  );
  if (stderr !== '') throw new Error(stderr);
  return stdout.trim();
}

const SHOWN = 'console.log(childEnvironment().NODE_COMPILE_CACHE)';

test('children share one folder, which goes when their parent ends', () => {
  const [first, second] = run(`${SHOWN};${SHOWN}`).split('\n');
  expect(first).toMatch(/hopmark-code-/);
  expect(second).toBe(first);
  expect(existsSync(first ?? '')).toBe(false);
});

test('a folder that the user has chosen is kept to', () => {
  expect(run(SHOWN, { NODE_COMPILE_CACHE: '/chosen' })).toBe('/chosen');
});
