import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../harness/cli/version.ts';

const takers = globSync('{scripts,benchmarks}/*.ts', { cwd: packageRoot() })
  .filter((file) => !file.endsWith('.test.ts'))
  .filter((file) => readFileSync(join(packageRoot(), file), 'utf8').includes('= scriptOptions('))
  .toSorted();

function run(file: string, flag: string) {
  return spawnSync(process.execPath, [file, flag], { cwd: packageRoot(), encoding: 'utf8' });
}

test('scripts and benchmarks with options are found', () => {
  expect(takers).toContain('benchmarks/wrk-agreement.ts');
  expect(takers).toContain('scripts/prove.ts');
});

test.each(takers)('%s says what it takes', (file) => {
  const help = run(file, '--help');
  expect([help.status, help.stderr]).toEqual([0, '']);
  expect(help.stdout).toContain(`node ${file} [--`);
});

test('what a script does not know is refused in one line', () => {
  const unknown = run('scripts/fuzz.ts', '--no-such-thing');
  expect([unknown.status, unknown.stdout]).toEqual([2, '']);
  expect(unknown.stderr).toBe("Unknown option '--no-such-thing'. --help tells what there is.\n");
});
