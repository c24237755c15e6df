/**
 * Saved baselines: one JSON file a name, which holds a whole report with its rounds, so that later
 * runs are judged against its samples and not against a summary. Files are written whole or not at
 * all, and read whole or refused. What a report looks like is not known here: its parser is handed
 * in. Nothing is judged here.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { HopmarkError } from '../model/error.ts';
import type { ReportDocument } from '../model/report.ts';
import { unwritable, writeAtomically } from './atomic-write.ts';
import { makeFolders } from './report-folder.ts';

const SAVED_BASELINE_VERSION = 1;

/** What a file holds, beside the checksum over all of it. */
export interface SavedBaseline {
  readonly schemaVersion: typeof SAVED_BASELINE_VERSION;
  readonly name: string;
  /** ISO 8601, UTC. */
  readonly savedAt: string;
  /** The candidate of the report: what was measured. */
  readonly implementation: { readonly name: string; readonly version: string | null };
  /** Of the machine, as the report has it. */
  readonly fingerprint: string;
  /** By name, the hash of each scenario's definition. */
  readonly scenarios: Readonly<Record<string, string>>;
  /** The run, whose rounds are the samples. */
  readonly report: ReportDocument;
}

/** Reads a report from its text; `path` is named in its errors. */
export type ParseReport = (text: string, path: string) => ReportDocument;

const NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/;
const SUFFIX = '.json';

/** Throws a user's HopmarkError, code `baseline-name`, for a name that is no plain file name. */
export function checkBaselineName(name: string): void {
  if (NAME.test(name)) return;
  throw new HopmarkError('user', 'baseline-name', `"${name}" can't be the name of a baseline`, {
    remedy:
      'Use up to 64 letters, digits, dots, dashes and underscores, the first no dot and no dash.',
  });
}

/** The file of a baseline. */
export function baselinePath(folder: string, name: string): string {
  checkBaselineName(name);
  return join(folder, name + SUFFIX);
}

/** A report as it will be saved. Throws if the report has no candidate. */
export function createBaseline(name: string, savedAt: Date, report: ReportDocument): SavedBaseline {
  checkBaselineName(name);
  const candidate = report.arms.find(({ role }) => role === 'candidate');
  if (candidate === undefined) throw new Error('a report without a candidate is no baseline');
  return {
    schemaVersion: SAVED_BASELINE_VERSION,
    name,
    savedAt: savedAt.toISOString(),
    implementation: { name: candidate.name, version: candidate.version },
    fingerprint: report.environment.fingerprint,
    scenarios: Object.fromEntries(report.scenarios.map((one) => [one.name, one.hash])),
    report,
  };
}

/** A folder that could be written to when it was tried. */
export interface BaselineFolder {
  /** Removes the folder if nothing is in it; for a run that came to nothing. Never rejects. */
  readonly discard: () => Promise<void>;
}

/**
 * Makes the folder if needed and tries to write there, so that nobody measures for minutes in
 * vain. Rejects with a machine's HopmarkError, code `unwritable`.
 */
export async function prepareBaselineFolder(folder: string): Promise<BaselineFolder> {
  const discard = (): Promise<void> => rmdir(folder).catch(() => {});
  try {
    await makeFolders(folder);
  } catch (cause) {
    throw unwritable(folder, cause);
  }
  const probe = join(folder, `.probe-${process.pid}`);
  try {
    await writeAtomically(probe, 'probe\n');
  } catch (error) {
    await discard();
    throw error;
  }
  await rm(probe, { force: true });
  return { discard };
}

/**
 * Writes a baseline, in place of one of that name. Rejects with a machine's HopmarkError, code
 * `unwritable`, and the old file is untouched then. `write` is replaced in tests.
 */
export async function saveBaseline(
  folder: string,
  baseline: SavedBaseline,
  write: typeof writeAtomically = writeAtomically,
): Promise<{ readonly path: string; readonly replaced: boolean }> {
  const path = baselinePath(folder, baseline.name);
  const replaced = (await listBaselines(folder)).includes(baseline.name);
  await write(path, `${JSON.stringify({ ...baseline, checksum: checksumOf(baseline) })}\n`);
  return { path, replaced };
}

/** The names of the baselines in a folder, sorted; none if there is no such folder. */
export async function listBaselines(folder: string): Promise<readonly string[]> {
  let files: readonly string[];
  try {
    files = await readdir(folder);
  } catch (cause) {
    if (isMissing(cause)) return [];
    throw unreadable(folder, cause);
  }
  return files
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length))
    .filter((name) => NAME.test(name))
    .sort();
}

/**
 * Reads a baseline, or gives null if there is none of that name. Rejects with a user's
 * HopmarkError: `baseline-corrupt` for a file that is cut short, damaged or something else,
 * `baseline-newer` for one of a later version of Hopmark, `baseline-unreadable`.
 */
export async function readBaseline(
  folder: string,
  name: string,
  parseReport: ParseReport,
): Promise<SavedBaseline | null> {
  const path = baselinePath(folder, name);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (isMissing(cause)) return null;
    throw unreadable(path, cause);
  }
  return parseBaseline(text, path, parseReport);
}

const envelope = z.strictObject({
  schemaVersion: z.literal(SAVED_BASELINE_VERSION),
  name: z.string(),
  savedAt: z.iso.datetime(),
  implementation: z.strictObject({ name: z.string(), version: z.string().nullable() }),
  fingerprint: z.string(),
  scenarios: z.record(z.string(), z.string()),
  report: z.unknown(),
  checksum: z.string(),
});

function parseBaseline(text: string, path: string, parseReport: ParseReport): SavedBaseline {
  const value = parseJson(text, path);
  const version = z.looseObject({ schemaVersion: z.number() }).safeParse(value);
  if (version.success && version.data.schemaVersion > SAVED_BASELINE_VERSION) {
    throw newer(
      `${path} has baseline schema ${version.data.schemaVersion}, and this version of Hopmark knows up to ${SAVED_BASELINE_VERSION}`,
    );
  }
  const found = envelope.safeParse(value);
  if (!found.success) {
    const issue = found.error.issues[0];
    const where =
      issue === undefined || issue.path.length === 0
        ? ''
        : ` at ${issue.path.map(String).join('.')}`;
    throw corrupt(`${path} is not a saved baseline${where}: ${issue?.message ?? ''}`, found.error);
  }
  const { checksum, ...rest } = found.data;
  // Before anything of the report is believed: a flipped digit has the right shape.
  if (checksum !== checksumOf(rest)) {
    throw corrupt(`${path} does not match its checksum: it was damaged or edited`);
  }
  return { ...rest, report: readReport(rest.report, path, parseReport) };
}

function readReport(report: unknown, path: string, parse: ParseReport): ReportDocument {
  try {
    return parse(JSON.stringify(report ?? null), path);
  } catch (cause) {
    if (!(cause instanceof HopmarkError)) throw cause;
    throw cause.code === 'report-newer'
      ? newer(cause.message)
      : corrupt(`the report within it: ${cause.message}`, cause);
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw corrupt(`${path} is not JSON, or was cut short`, cause);
  }
}

/** Over the parts in a fixed order, each as JSON; an object keeps the order of its keys in JSON. */
function checksumOf(parts: Omit<SavedBaseline, 'report'> & { readonly report?: unknown }): string {
  const { schemaVersion, name, savedAt, implementation, fingerprint, scenarios, report } = parts;
  const { name: implementationName, version } = implementation;
  const content = [schemaVersion, name, savedAt, implementationName, version, fingerprint];
  return createHash('sha256')
    .update(JSON.stringify([...content, scenarios, report]))
    .digest('hex');
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}

function unreadable(path: string, cause: unknown): HopmarkError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new HopmarkError('user', 'baseline-unreadable', `cannot read ${path}: ${why}`, {
    remedy: 'Give the folder of the baselines with --baselines.',
    cause,
  });
}

function corrupt(message: string, cause?: unknown): HopmarkError {
  return new HopmarkError('user', 'baseline-corrupt', message, {
    remedy: 'Restore the file, or measure again with --save-baseline.',
    cause,
  });
}

function newer(message: string): HopmarkError {
  return new HopmarkError('user', 'baseline-newer', message, {
    remedy: 'Read it with the version of Hopmark that wrote it, or measure again.',
  });
}
