import { mkdtempSync, readdirSync, readFileSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPolicy } from '../../impls/policy/load.ts';
import { findScenario } from '../scenarios/scenarios.ts';
import { type AttributionOptions, attribute } from './attribute.ts';

const ROOT = join(import.meta.dirname, '../..');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hopmark-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const options = async (changes: Partial<AttributionOptions> = {}): Promise<AttributionOptions> => ({
  reference: { spec: 'optimized', label: 'optimized' },
  candidate: {
    spec: 'optimized',
    label: 'optimized',
    injection: { cpuShare: 0.5, allocBytes: 4096 },
  },
  scenario: await findScenario('fixed-1kb'),
  policy: createPolicy(),
  seed: 1,
  folder,
  roots: [ROOT],
  signal: new AbortController().signal,
  extent: {
    warmUpRequests: 2000,
    profiledRequests: 4000,
    boundMs: Number.POSITIVE_INFINITY,
    processes: 3,
  },
  ...changes,
});

test('functions that were added on purpose are those that grew, and the profiles are kept', async () => {
  const { cpu, heap, requests, files } = await attribute(await options());
  const injected = 'harness/sut/injection.ts';
  // What is native stands where it is called most, `write in injected`, and both sides call it.
  const isNative = (name: string): boolean => name.includes(' in ');
  const spin = cpu.frames.filter(({ file, name }) => file === injected && !isNative(name));
  expect(spin.length).toBeGreaterThan(0);
  expect(spin.every(({ growth, reference }) => growth > 0 && reference === 0)).toBe(true);
  const blocks = heap.frames.filter(({ file }) => file === injected);
  const grown = blocks.reduce((sum, { growth }) => sum + growth, 0);
  // A sampled figure: a thousand samples, give or take a few hundred.
  expect(grown).toBeGreaterThan(2000);
  expect(grown).toBeLessThan(8000);
  expect(requests.cpu).toBeGreaterThanOrEqual(4000);
  expect(readdirSync(folder).sort()).toEqual([...files].sort());
  const profile = JSON.parse(readFileSync(join(folder, 'candidate-1.cpuprofile'), 'utf8'));
  expect(profile.samples.length).toBeGreaterThan(0);
});

test('an abort in the middle ends it, and leaves no profile and no process', async () => {
  // The test runner may have children of its own.
  const ours = (): readonly string[] =>
    process.getActiveResourcesInfo().filter((name) => name === 'ProcessWrap');
  const before = ours();
  const controller = new AbortController();
  const watcher = watch(folder, (_, name) => {
    if (name?.endsWith('.cpuprofile') === true) controller.abort(new Error('interrupted'));
  });
  const pass = attribute(await options({ signal: controller.signal }));
  await expect(pass).rejects.toThrow('interrupted');
  watcher.close();
  expect(readdirSync(folder)).toEqual([]);
  expect(ours()).toEqual(before);
});
