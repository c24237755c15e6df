import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MissingPackage } from './missing-package.ts';
import { findPackage } from './peer-package.ts';

let project: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'peer-package-'));
  await install('http-proxy', '9.8.7', 'exports.createProxyServer = () => "theirs";');
  await install('empty', '1.0.0', 'exports.other = 1;');
});

afterAll(() => rm(project, { recursive: true }));

async function install(name: string, version: string, source: string): Promise<void> {
  const folder = join(project, 'node_modules', name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name, version }));
  await writeFile(join(folder, 'index.js'), source);
}

describe('a package', () => {
  test('of the working folder’s project comes before Hopmark’s own', async () => {
    const script = `
      import { findPackage } from ${JSON.stringify(import.meta.resolve('./peer-package.ts'))};
      const found = findPackage('http-proxy');
      const create = await found.load('createProxyServer');
      process.stdout.write(found.version + ' ' + create() + ' ' + findPackage('httpxy').version);`;
    const args = ['--input-type=module', '--eval', script];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: project });
    expect(stdout).toMatch(/^9\.8\.7 theirs \d+\.\d+\.\d+$/);
  });

  test('is found as a module in another place finds it', () => {
    const inside = findPackage('undici', { from: findPackage('fast-proxy').folder });
    expect(dirname(inside.folder)).toMatch(/fast-proxy.node_modules$/);
    expect(inside.version).toMatch(/^5\./);
  });

  test('that exports something else is of a version that is not known', async () => {
    const found = findPackage('empty', { from: project });
    await expect(found.load('createProxyServer')).rejects.toThrow(
      "empty 1.0.0 exports no function 'createProxyServer'",
    );
  });

  test('that is nowhere is missed by name, with the command that brings it', () => {
    const find = () => findPackage('@no-one/has-this', { also: ['fastify'] });
    expect(find).toThrow(MissingPackage);
    expect(find).toThrow('the package @no-one/has-this is not installed');
  });
});

/**
 * These put a timer before each reuse of a connection, which costs a request a millisecond: a
 * contestant that carries one would be compared by its undici and by nothing else.
 */
const SLOW_REUSE = ['7.28.0', '7.29.0', '8.5.0', '8.6.0', '8.7.0', '8.10.0'];

test('no contestant carries a version of undici that delays the reuse of connections', async () => {
  const lock: { packages: Record<string, { version?: string }> } = JSON.parse(
    await readFile(new URL('../../package-lock.json', import.meta.url), 'utf8'),
  );
  const versions = Object.entries(lock.packages)
    .filter(([path]) => path.endsWith('node_modules/undici'))
    .map(([, { version }]) => version ?? '');
  expect(versions.length).toBeGreaterThanOrEqual(3);
  expect(versions.filter((version) => SLOW_REUSE.includes(version))).toEqual([]);
});
