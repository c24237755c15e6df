/**
 * The history of a folder of reports: a line of JSON a run, the oldest first. Lines are added and
 * never changed, so that several runs can add theirs and git can merge them.
 */
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { HopmarkError } from '../model/error.ts';
import { HISTORY_SCHEMA_VERSION, type HistoryEntry, type HistoryFigure } from '../model/history.ts';
import { METRIC_NAMES } from '../model/metric.ts';
import { unwritable } from './atomic-write.ts';

/** Its name in the folder of the reports. */
export const HISTORY_FILE = 'history.jsonl';

const figure: z.ZodType<HistoryFigure> = z.strictObject({
  scenario: z.string(),
  hash: z.string(),
  metric: z.enum(METRIC_NAMES),
  candidate: z.string(),
  reference: z.string().nullable(),
  value: z.number(),
  interval: z.tuple([z.number(), z.number()]).nullable(),
});

const schema: z.ZodType<HistoryEntry> = z.strictObject({
  schemaVersion: z.literal(HISTORY_SCHEMA_VERSION),
  runId: z.string(),
  startedAt: z.iso.datetime(),
  commit: z.string().nullable(),
  dirty: z.boolean(),
  valid: z.boolean(),
  fingerprint: z.string(),
  figures: z.array(figure),
});

/** What a file holds. */
export interface ReadHistory {
  readonly entries: readonly HistoryEntry[];
  /** The numbers of lines that are no entries, from 1. */
  readonly unreadable: readonly number[];
}

/**
 * Adds a run. A line that another process was cut off in is ended first, so that nothing but that
 * line is lost. Rejects with a machine's HopmarkError, code `unwritable`.
 */
export async function addToHistory(folder: string, entry: HistoryEntry): Promise<void> {
  const path = join(folder, HISTORY_FILE);
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'a+');
    const { size } = await file.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await file.read(last, 0, 1, size - 1);
    const begin = size === 0 || last[0] === 0x0a ? '' : '\n';
    await file.appendFile(`${begin}${JSON.stringify(entry)}\n`);
    await file.sync();
  } catch (cause) {
    throw unwritable(path, cause);
  } finally {
    await file?.close().catch(() => {});
  }
}

/**
 * All runs of a folder, by the moment that they began. Lines that are no entries are left out and
 * told of. Rejects with a user's HopmarkError: `no-history` where there is none, `history-newer`
 * where a newer version wrote to it.
 */
export async function readHistory(folder: string): Promise<ReadHistory> {
  const path = join(folder, HISTORY_FILE);
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const message = `there is no history in ${folder}: ${cause.message}`;
    throw new HopmarkError('user', 'no-history', message, {
      remedy: 'compare, gate, bench and load add to it; --reports names another folder.',
      cause,
    });
  });
  const entries: HistoryEntry[] = [];
  const unreadable: number[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const entry = entryOf(line, `${path}:${at + 1}`);
    if (entry === null) unreadable.push(at + 1);
    else entries.push(entry);
  }
  entries.sort((a, b) => (a.startedAt < b.startedAt ? -1 : a.startedAt > b.startedAt ? 1 : 0));
  return { entries, unreadable };
}

/** Null for what is no entry. */
function entryOf(line: string, where: string): HistoryEntry | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  const version = z.looseObject({ schemaVersion: z.number() }).safeParse(value);
  if (version.success && version.data.schemaVersion > HISTORY_SCHEMA_VERSION) {
    throw new HopmarkError(
      'user',
      'history-newer',
      `${where} is of history schema ${version.data.schemaVersion}, and this version of Hopmark knows up to ${HISTORY_SCHEMA_VERSION}`,
      { remedy: 'Read it with the version of Hopmark that wrote it, or a later one.' },
    );
  }
  const result = schema.safeParse(value);
  return result.success ? result.data : null;
}
