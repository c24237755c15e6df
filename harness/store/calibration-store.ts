/**
 * Keeps calibrations: one file a machine in the user's cache folder, or one beside the saved
 * baselines. A file that is damaged or of another version is as good as none, and said to be so.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { cacheFolder } from '../model/cache-folder.ts';
import { CALIBRATION_VERSION, type Calibration } from '../model/calibration.ts';
import { HopmarkError } from '../model/error.ts';
import { METRIC_NAMES } from '../model/metric.ts';
import { writeAtomically } from './atomic-write.ts';
import { makeFolders } from './report-folder.ts';

const count = z.int().min(0);
const fraction = z.number().min(0);
const metric = z.enum(METRIC_NAMES);

const schema: z.ZodType<Calibration> = z.strictObject({
  schemaVersion: z.literal(CALIBRATION_VERSION),
  measuredAt: z.iso.datetime(),
  fingerprint: z.string().min(1),
  implementation: z.string(),
  scenario: z.string(),
  rounds: count,
  roundMs: z.number().positive(),
  budgets: z
    .array(
      z.strictObject({
        budgetMs: z.number().positive(),
        rounds: count,
        metrics: z.array(
          z.strictObject({ metric, noiseFloor: fraction, caught: fraction.nullable() }),
        ),
        gates: count,
        falseAlarms: count,
        inconclusive: count,
      }),
    )
    .min(1),
});

/** Where calibrations of this user's machines are kept. */
export function calibrationFolder(
  environment: Readonly<Record<string, string | undefined>>,
): string {
  return cacheFolder('calibrations', environment);
}

/** The file of one machine, by its fingerprint. */
export function calibrationPath(folder: string, fingerprint: string): string {
  return join(folder, `calibration-${fingerprint}.json`);
}

/** Writes one whole or not at all. Rejects with a machine's HopmarkError. */
export async function saveCalibration(path: string, calibration: Calibration): Promise<void> {
  await makeFolders(dirname(path));
  await writeAtomically(path, `${JSON.stringify(calibration, null, 2)}\n`);
}

/**
 * Reads one; null if there is no such file. Rejects with a user's HopmarkError, code
 * `bad-calibration`, for a file that is none.
 */
export async function loadCalibration(path: string): Promise<Calibration | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw refused(path, 'it cannot be read', error);
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw refused(path, 'it is damaged, or of another version', cause);
  }
}

function refused(path: string, why: string, cause: unknown): HopmarkError {
  const message = `${path} is no calibration that can be used: ${why}`;
  const remedy = 'Run hopmark calibrate again, or remove the file.';
  return new HopmarkError('user', 'bad-calibration', message, { cause, remedy });
}
