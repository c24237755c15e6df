import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HopmarkError } from '../model/error.ts';
import { reportFixture } from '../report/fixtures/report.ts';
import { parseReport } from '../report/schema.ts';
import { unwritable } from './atomic-write.ts';
import {
  baselinePath,
  createBaseline,
  listBaselines,
  prepareBaselineFolder,
  readBaseline,
  saveBaseline,
} from './saved-baseline.ts';

const AT = new Date(Date.UTC(2026, 10, 24, 9, 30));
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hopmark-baselines-'));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

const save = (name = 'phase-1') => saveBaseline(folder, createBaseline(name, AT, reportFixture()));
const read = (name = 'phase-1') => readBaseline(folder, name, parseReport);

/** Changes the saved file's text. */
async function tamper(change: (text: string) => string): Promise<void> {
  const path = baselinePath(folder, 'phase-1');
  await writeFile(path, change(await readFile(path, 'utf8')));
}

describe('a saved baseline', () => {
  test('is read back as it was saved, and is small', async () => {
    const saved = createBaseline(
      'phase-1',
      AT,
      reportFixture({ synthetic: { count: 30 }, parts: { scenarios: [SCENARIO] } }),
    );
    await saveBaseline(folder, saved);
    expect(await read()).toEqual(saved);
    expect((await readFile(baselinePath(folder, 'phase-1'))).length).toBeLessThan(150_000);
    expect(saved.implementation).toEqual({ name: 'optimized', version: expect.anything() });
    expect(saved.scenarios).toEqual({ 'web-mix': 'abc' });
  });

  test('takes the place of an older one, and says so', async () => {
    expect(await save()).toMatchObject({ replaced: false });
    expect(await save()).toMatchObject({ replaced: true });
    expect(await readdir(folder)).toEqual(['phase-1.json']);
  });

  test('is listed by name, and other files are not', async () => {
    await save('b');
    await save('a');
    await writeFile(join(folder, 'README.md'), '');
    await writeFile(join(folder, '.x.json'), '');
    expect(await listBaselines(folder)).toEqual(['a', 'b']);
    expect(await listBaselines(join(folder, 'none'))).toEqual([]);
  });

  test('that is not there is null', async () => {
    expect(await read('none')).toBeNull();
  });
});

const SCENARIO = { name: 'web-mix', title: 'a mix', hash: 'abc' };

describe('a file that is wrong is refused whole', () => {
  test.each<[string, (text: string) => string, string, RegExp]>([
    ['empty', () => '', 'baseline-corrupt', /not JSON, or was cut short/],
    ['no JSON', () => '{{', 'baseline-corrupt', /not JSON/],
    ['something else', () => '{"a": 1}', 'baseline-corrupt', /is not a saved baseline/],
    [
      'of a flipped digit',
      (text) => text.replace('"durationMs":6000', '"durationMs":7000'),
      'baseline-corrupt',
      /does not match its checksum/,
    ],
    [
      'with another name within',
      (text) => text.replace('"name":"phase-1"', '"name":"phase-2"'),
      'baseline-corrupt',
      /checksum/,
    ],
    [
      'of a newer schema',
      (text) => text.replace('{"schemaVersion":1', '{"schemaVersion":2'),
      'baseline-newer',
      /baseline schema 2.*knows up to 1/,
    ],
  ])('%s', async (_, change, code, message) => {
    await save();
    await tamper(change);
    const error = await read().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(HopmarkError);
    expect(error).toMatchObject({ side: 'user', code, message: expect.stringMatching(message) });
    expect(error).toMatchObject({ remedy: expect.stringMatching(/\S/) });
  });

  test('cut short anywhere', async () => {
    await save();
    const path = baselinePath(folder, 'phase-1');
    const { length } = await readFile(path);
    for (const part of [0.999, 0.5, 0.01]) {
      await truncate(path, Math.floor(length * part));
      await expect(read()).rejects.toMatchObject({ code: 'baseline-corrupt' });
    }
  });

  test('with a report of a newer schema within', async () => {
    const report = { ...reportFixture(), schemaVersion: 9 } as unknown as ReturnType<
      typeof reportFixture
    >;
    await saveBaseline(folder, createBaseline('phase-1', AT, report));
    await expect(read()).rejects.toMatchObject({
      code: 'baseline-newer',
      message: expect.stringContaining('report schema 9'),
    });
  });

  test('with a report that is none within', async () => {
    const report = { ...reportFixture(), extra: true };
    await saveBaseline(folder, createBaseline('phase-1', AT, report));
    await expect(read()).rejects.toMatchObject({ code: 'baseline-corrupt' });
  });
});

describe('a disk that fills while saving', () => {
  test('leaves the old baseline as it was', async () => {
    await save();
    const before = await readFile(baselinePath(folder, 'phase-1'), 'utf8');
    const full = (path: string): Promise<void> =>
      Promise.reject(unwritable(path, Object.assign(new Error('no space'), { code: 'ENOSPC' })));
    const newer = createBaseline('phase-1', new Date(0), reportFixture());
    await expect(saveBaseline(folder, newer, full)).rejects.toMatchObject({
      code: 'unwritable',
      remedy: expect.stringContaining('disk is full'),
    });
    expect(await readFile(baselinePath(folder, 'phase-1'), 'utf8')).toBe(before);
    expect(await read()).not.toBeNull();
  });

  test('or a folder that cannot be, is found before anything is measured', async () => {
    await writeFile(join(folder, 'a-file'), '');
    await expect(prepareBaselineFolder(join(folder, 'a-file', 'baselines'))).rejects.toMatchObject({
      side: 'machine',
      code: 'unwritable',
    });
  });
});

describe('a name', () => {
  test.each(['', '.', '..', '../x', 'a/b', 'a\\b', '.hidden', '-x', 'a b', 'é', 'x'.repeat(65)])(
    '%j is refused',
    (name) => {
      expect(() => baselinePath(folder, name)).toThrow(/can't be the name of a baseline/);
    },
  );

  test.each(['before-optimization', 'phase_1.2', 'V2'])('%s is good', (name) => {
    expect(baselinePath(folder, name)).toBe(join(folder, `${name}.json`));
  });
});

test('a folder that was made for nothing is removed again, one with baselines is not', async () => {
  const made = join(folder, 'deep', 'baselines');
  await (await prepareBaselineFolder(made)).discard();
  expect(await readdir(join(folder, 'deep'))).toEqual([]);
  await save();
  await (await prepareBaselineFolder(folder)).discard();
  expect((await readdir(folder)).sort()).toEqual(['deep', 'phase-1.json']);
});
