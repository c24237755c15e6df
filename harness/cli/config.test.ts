import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { defineConfig } from '../config.ts';
import { loadConfig } from './config.ts';
import { temporaryFolder } from './fixtures/run-cli.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const write = (name: string, text: string): void => writeFileSync(join(folder.path, name), text);

test('a folder without a config has the defaults', async () => {
  expect(await loadConfig(folder.path)).toEqual({});
});

test('every key is read, the budget as milliseconds', async () => {
  const config = defineConfig({
    implementation: './proxy.ts',
    scenario: 'fixed-1kb',
    policy: 'policy.yaml',
    budget: '30s',
    thresholds: { 'hop-p50': '<= +5%' },
    onInconclusive: 'neutral',
    prepare: 'make',
  });
  write('hopmark.config.json', JSON.stringify(config));
  const { budget, ...rest } = config;
  expect(budget).toBe('30s');
  expect(await loadConfig(folder.path)).toEqual({ ...rest, budgetMs: 30_000 });
});

test('a module is read by its default export', async () => {
  write('hopmark.config.js', "export default { implementation: 'optimized' };\n");
  expect(await loadConfig(folder.path)).toEqual({ implementation: 'optimized' });
});

describe('a config that is wrong is refused with file, key, found and expected', () => {
  const json = 'hopmark.config.json';
  test.each([
    ['an unknown key', json, '{"implementaton": "x"}', /config\.json: implementaton: there is no/],
    ['a wrong type', json, '{"policy": 5}', /config\.json: policy: found 5, expected string/],
    [
      'a budget without a unit',
      json,
      '{"budget": "60"}',
      /budget: found "60", expected a duration such as '60s'/,
    ],
    [
      'an unknown choice',
      json,
      '{"onInconclusive": "ok"}',
      /onInconclusive: found "ok".*"fail"\|"neutral"/,
    ],
    [
      'a limit that is no text',
      json,
      '{"thresholds": {"hop-p50": 5}}',
      /thresholds\.hop-p50: found 5/,
    ],
    [
      'two limits for one metric',
      json,
      '{"thresholds": {\n"hop-p50": "<= +5%",\n"hop-p50": "<= +2%"}}',
      /config\.json:\d: a key is there twice/,
    ],
    ['no object', json, '[]', /the configuration: found \[\], expected object/],
    ['text that is no JSON', json, '{', /is not JSON/],
    [
      'a module that throws',
      'hopmark.config.js',
      "throw new Error('boom')",
      /cannot be loaded: boom/,
    ],
    ['a module without a default', 'hopmark.config.js', 'export const a = 1;', /no default export/],
  ])('%s', async (_, name, text, message) => {
    write(name, text);
    await expect(loadConfig(folder.path)).rejects.toMatchObject({
      side: 'user',
      code: 'bad-config',
      message: expect.stringMatching(message),
    });
  });

  test('two files at once', async () => {
    write('hopmark.config.js', 'export default {}');
    write('hopmark.config.json', '{}');
    await expect(loadConfig(folder.path)).rejects.toThrow(/config\.js and hopmark\.config\.json/);
  });
});
