import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { unwritable, writeAtomically } from './atomic-write.ts';
import { prepareReportFolder, writeReport } from './report-folder.ts';
import { createRunId } from './run-id.ts';

let base: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'hopmark-store-'));
});

afterEach(async () => {
  await chmod(base, 0o700);
  await rm(base, { recursive: true, force: true });
});

describe('an atomic write', () => {
  test('replaces the old content and leaves nothing else behind', async () => {
    const path = join(base, 'report.json');
    await writeAtomically(path, 'old');
    await writeAtomically(path, 'new');
    expect(await readFile(path, 'utf8')).toBe('new');
    expect(await readdir(base)).toEqual(['report.json']);
  });

  test('that cannot be finished keeps the old state and leaves no temporary file', async () => {
    // A folder in the way makes the last step fail, after the bytes are written.
    await mkdir(join(base, 'report.json', 'full'), { recursive: true });
    await expect(writeAtomically(join(base, 'report.json'), 'new')).rejects.toMatchObject({
      side: 'machine',
      code: 'unwritable',
    });
    expect(await readdir(base)).toEqual(['report.json']);
  });

  test('into a folder that is not there names the path', async () => {
    const path = join(base, 'nowhere', 'report.json');
    await expect(writeAtomically(path, 'x')).rejects.toThrow(`cannot write ${path}`);
  });

  test('to a full disk says so', () => {
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    expect(unwritable('/reports/x', full)).toMatchObject({
      code: 'unwritable',
      message: 'cannot write /reports/x: no space left on device',
      remedy: expect.stringContaining('The disk is full'),
    });
  });

  test.skipIf(!existsSync('/dev/full'))('to a device that is full fails and says so', async () => {
    const failure = await writeFile('/dev/full', 'x').catch((error: unknown) => error);
    expect(unwritable('/dev/full', failure).remedy).toContain('The disk is full');
  });
});

describe('a report folder', () => {
  test('is made with its parents, is empty, and takes the files of a report', async () => {
    const folder = await prepareReportFolder(join(base, 'deep', 'reports'), 'run-1');
    expect(folder).toMatchObject({ runId: 'run-1', path: join(base, 'deep', 'reports', 'run-1') });
    expect(await readdir(folder.path)).toEqual([]);
    await writeReport(folder, { 'report.json': '{}\n', 'report.md': '# x\n' });
    expect((await readdir(folder.path)).sort()).toEqual(['report.json', 'report.md']);
    expect(await readFile(join(folder.path, 'report.md'), 'utf8')).toBe('# x\n');
  });

  test('is found unwritable before anything is measured: a file stands in the way', async () => {
    await writeFile(join(base, 'reports'), 'a file');
    await expect(prepareReportFolder(join(base, 'reports'), 'run-1')).rejects.toMatchObject({
      side: 'machine',
      code: 'unwritable',
      message: expect.stringContaining(join(base, 'reports', 'run-1')),
    });
  });

  // The superuser may write anywhere.
  test.skipIf(process.getuid?.() === 0)(
    'is found unwritable without the right to write',
    async () => {
      await chmod(base, 0o500);
      await expect(prepareReportFolder(base, 'run-1')).rejects.toMatchObject({
        code: 'unwritable',
        remedy: expect.stringContaining('the right to write'),
      });
    },
  );

  test('never takes over the folder of another run', async () => {
    const folders = [];
    for (let run = 0; run < 3; run += 1) folders.push(await prepareReportFolder(base, 'run-1'));
    expect(folders.map(({ runId }) => runId)).toEqual(['run-1', 'run-1-2', 'run-1-3']);
    expect((await readdir(base)).sort()).toEqual(['run-1', 'run-1-2', 'run-1-3']);
  });

  test('is found unwritable where a file has its name', async () => {
    await writeFile(join(base, 'run-1'), 'a file');
    await expect(prepareReportFolder(base, 'run-1')).rejects.toMatchObject({ code: 'unwritable' });
  });

  test('is discarded while it is empty, and kept once it holds anything', async () => {
    const empty = await prepareReportFolder(base, 'empty');
    const kept = await prepareReportFolder(base, 'kept');
    await writeReport(kept, { 'report.json': '{}' });
    await empty.discard();
    await kept.discard();
    await kept.discard();
    expect(await readdir(base)).toEqual(['kept']);
  });
});

describe('a run id', () => {
  const at = (milliseconds: number): Date =>
    new Date(Date.UTC(2026, 10, 23, 21, 5, 0, milliseconds));

  test('says when and what, and sorts by time', () => {
    const first = createRunId(at(7), ['baseline', 'optimized']);
    expect(first).toBe('2026-11-23T21-05-00-007Z-baseline-optimized');
    expect(first < createRunId(at(8), ['a', 'b'])).toBe(true);
  });

  test.each([
    ['./my-proxy.ts', 'my-proxy'],
    ['/home/u/../x/proxy.mjs', 'proxy'],
    ['a b:c*d', 'a-b-c-d'],
    ['..', 'unnamed'],
    ['', 'unnamed'],
    ['../', 'unnamed'],
    ['http://127.0.0.1:80/', '127.0.0.1-80'],
    ['x'.repeat(100), 'x'.repeat(30)],
  ])('keeps of the name %s only what is safe in a folder name', (name, safe) => {
    expect(createRunId(at(0), [name])).toBe(`2026-11-23T21-05-00-000Z-${safe}`);
  });
});
