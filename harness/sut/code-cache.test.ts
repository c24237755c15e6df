import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { createPolicy } from '../../impls/policy/load.ts';
import { launchSut } from './launch.ts';

const NOWHERE = { protocol: 'http:', host: '127.0.0.1', port: 9 } as const;
const POLICY = createPolicy({ upstream: 'http://127.0.0.1:9' });

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

const SHOWN = 'console.log(childEnvironment().NODE_COMPILE_CACHE)';

test('children share one folder, which goes when their parent ends', () => {
  const [first, second] = run(`${SHOWN};${SHOWN}`).split('\n');
  expect(first).toMatch(/hopmark-code-/);
  expect(second).toBe(first);
  expect(existsSync(first ?? '')).toBe(false);
});

test('a child leaves its compiled code once it is ready, so that being killed loses none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hopmark-test-'));
  vi.stubEnv('NODE_COMPILE_CACHE', folder);
  const held = (): number => readdirSync(folder, { recursive: true }).length;
  try {
    const start = { spec: 'optimized', label: 'ours', upstream: NOWHERE, policy: POLICY };
    const first = await launchSut(start);
    const left = held();
    expect(left).toBeGreaterThan(10);
    await first.kill();
    const second = await launchSut(start);
    await second.terminate();
    expect(held()).toBe(left);
  } finally {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  }
});

test('a folder that the user has chosen is kept to', () => {
  expect(run(SHOWN, { NODE_COMPILE_CACHE: '/chosen' })).toBe('/chosen');
});
