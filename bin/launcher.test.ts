import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const LAUNCHER = fileURLToPath(new URL('./hopmark.js', import.meta.url));

/** Runs the launcher on a Node that says it is another version, or on another system. */
function launch(pretence: string) {
  const script = `${pretence}; await import(${JSON.stringify(LAUNCHER)});`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
}

test.each(['20.20.2', '22.18.0'])('Node %s is refused with the way to run it', (version) => {
  const { status, stdout, stderr } = launch(
    `Object.defineProperty(process.versions, 'node', { value: '${version}' })`,
  );
  expect(stderr).toMatch(/needs Node 22\.19 or later[\s\S]*npm run compare/);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
});

test('Windows is refused by name', () => {
  const { status, stderr } = launch(
    "Object.defineProperty(process, 'platform', { value: 'win32' })",
  );
  expect(stderr).toContain('Windows is not supported');
  expect(status).toBe(2);
});
