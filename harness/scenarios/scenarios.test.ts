import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HopmarkError } from '../model/error.ts';
import { scenarioHash } from '../model/scenario.ts';
import { FIXED_1KB } from './fixed-scenarios.ts';
import { findScenario, SCENARIO_NAMES, SCENARIOS } from './scenarios.ts';
import { WEB_MIX } from './web-mix.ts';
import { WEBSOCKET_ECHO } from './websocket-echo.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hopmark-scenarios-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('findScenario', () => {
  test('knows the built-in scenarios by name, web-mix first', async () => {
    expect(SCENARIO_NAMES).toEqual([
      'web-mix',
      'fixed-1kb',
      ...[1, 2, 4, 8, 16].map((size) => `throughput-${size}kb`),
      'sub-millisecond',
      'mixed-api',
      'large-download',
      'upload',
      'websocket-echo',
      'slow-origin',
      'many-rules',
      'cold-connections',
      'reload-under-load',
    ]);
    for (const name of SCENARIO_NAMES) expect((await findScenario(name)).name).toBe(name);
  });

  test.each([...SCENARIOS.values()])(
    'reads $name back from a file, unchanged',
    async (scenario) => {
      const path = await file(`${scenario.name}.json`, JSON.stringify(scenario));
      expect(await findScenario(path)).toEqual(scenario);
    },
  );

  test('names the nearest scenario for a slip, and all of them for anything else', async () => {
    expect(await refusal('web-mx')).toBe(
      'unknown scenario "web-mx" Did you mean web-mix? A path to a JSON file works too.',
    );
    expect(await refusal('postgres')).toContain('"hopmark bench --list" names them all.');
  });

  test('says which file cannot be read', async () => {
    expect(await refusal(join(folder, 'nowhere.json'))).toMatch(
      /^cannot read the scenario .*nowhere\.json: ENOENT/,
    );
  });

  test('says which file is not JSON', async () => {
    expect(await refusal(await file('torn.json', '{"kind":'))).toMatch(/torn\.json is not JSON: /);
  });

  test.each([
    [
      'an unknown kind',
      { kind: 'mixed' },
      'kind: found "mixed", expected "mix", "fixed", "recorded" or "websocket"',
    ],
    ['a list', [], 'kind: found nothing, expected "mix", "fixed", "recorded" or "websocket"'],
    [
      'an unknown condition',
      { ...FIXED_1KB, conditions: { delayMs: 5 } },
      'conditions: unknown key "delayMs"',
    ],
    [
      'a condition out of its range',
      { ...FIXED_1KB, conditions: { originDelayMs: 0 } },
      'conditions.originDelayMs: found 0, expected',
    ],
    [
      'messages on connections that are not kept',
      { ...WEBSOCKET_ECHO, conditions: { connections: 'one-each' } },
      'conditions.connections: found "one-each", expected nothing',
    ],
    ['a missing key', { ...FIXED_1KB, host: undefined }, 'host: found nothing, expected string'],
    ['an unknown key', { ...FIXED_1KB, seed: 1 }, 'unknown key "seed"'],
    [
      'a wrong type',
      { ...FIXED_1KB, answer: { ...FIXED_1KB.answer, status: '200' } },
      'answer.status: found "200", expected number',
    ],
    [
      'a body beyond the cap',
      { ...FIXED_1KB, answer: { ...FIXED_1KB.answer, bodyBytes: 20_000_000 } },
      'answer.bodyBytes: found 20000000, expected',
    ],
    [
      'a header that would break the framing',
      { ...FIXED_1KB, request: { ...FIXED_1KB.request, fields: [['content-length', '5']] } },
      'request.fields.0.0: found "content-length", expected a field other than Host',
    ],
    [
      'a connection that would not be kept',
      { ...FIXED_1KB, request: { ...FIXED_1KB.request, fields: [['Connection', 'close']] } },
      'expected no Connection but keep-alive',
    ],
    [
      'a line end in a value',
      { ...FIXED_1KB, request: { ...FIXED_1KB.request, fields: [['A', 'b\r\nC: d']] } },
      'request.fields.0.1: found "b\\r\\nC: d", expected printable ASCII',
    ],
    [
      'shares that do not add up',
      { ...WEB_MIX, methods: WEB_MIX.methods.slice(0, 1).map((one) => ({ ...one, share: 0.5 })) },
      'methods: found [{"method":"GET"',
    ],
    [
      'a media kind that is not there',
      {
        ...WEB_MIX,
        popular: WEB_MIX.popular.map((one, i) => (i === 2 ? { ...one, media: 'x' } : one)),
      },
      'popular.2.media: found "x", expected a name from `media`',
    ],
    [
      'a curve that falls',
      {
        ...WEB_MIX,
        sections: WEB_MIX.sections.map((one, i) =>
          i === 0
            ? {
                ...one,
                curve: [
                  [9, 0.5],
                  [3, 1],
                ],
              }
            : one,
        ),
      },
      'sections.0.curve: found [[9,0.5],[3,1]], expected points that rise in both columns',
    ],
  ])('refuses %s and says what, where and what was expected', async (_, document, message) => {
    const path = await file('broken.json', JSON.stringify(document));
    expect(await refusal(path)).toContain(`${path}: `);
    expect(await refusal(path)).toContain(message);
  });
});

test('the scenario file shown in docs/scenarios.md is a valid one', async () => {
  const page = await readFile(new URL('../../docs/scenarios.md', import.meta.url), 'utf8');
  const example = /```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  expect((await findScenario(await file('example.json', example))).name).toBe('json-16kb');
});

describe('scenarioHash', () => {
  test('does not depend on the order of keys, and depends on every figure', () => {
    const turned = JSON.parse(
      JSON.stringify(Object.fromEntries(Object.entries(FIXED_1KB).reverse())),
    );
    expect(scenarioHash(turned)).toBe(scenarioHash(FIXED_1KB));
    const answer = { ...FIXED_1KB.answer, bodyBytes: 1025 };
    expect(scenarioHash({ ...FIXED_1KB, answer })).not.toBe(scenarioHash(FIXED_1KB));
    expect(scenarioHash(WEB_MIX)).toMatch(/^[0-9a-f]{16}$/);
  });
});

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

async function refusal(nameOrPath: string): Promise<string> {
  try {
    await findScenario(nameOrPath);
  } catch (error) {
    if (error instanceof HopmarkError && error.side === 'user')
      return `${error.message} ${error.remedy}`.trim();
    throw error;
  }
  throw new Error(`${nameOrPath} was accepted`);
}
