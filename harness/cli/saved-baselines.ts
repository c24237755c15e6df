/** Saved baselines as commands name them: found by name, or refused with the names that are near. */
import { resolve } from 'node:path';
import { nearestNames } from '../../impls/registry-names.ts';
import { HopmarkError } from '../model/error.ts';
import { parseReport } from '../report/schema.ts';
import { listBaselines, readBaseline, type SavedBaseline } from '../store/saved-baseline.ts';
import { scenarioDiffers } from '../verdict/against-baseline.ts';

/** Where baselines are by default, below the working folder. */
export const BASELINES_FOLDER = 'baselines';

/**
 * The baseline of that name. Rejects with a user's HopmarkError: `baseline-unknown`, or what
 * `readBaseline` says of a file that is wrong.
 */
export async function loadBaseline(folder: string, name: string): Promise<SavedBaseline> {
  const found = await readBaseline(resolve(folder), name, parseReport);
  if (found !== null) return found;
  const known = await listBaselines(resolve(folder));
  const near = nearestNames(name, known);
  const remedy =
    known.length === 0
      ? `There are none: hopmark bench --impl NAME --save-baseline ${name} saves one.`
      : near.length > 0
        ? `Did you mean ${near.join(' or ')}?`
        : `There are: ${known.join(', ')}.`;
  const message = `there is no baseline "${name}" in ${folder}`;
  throw new HopmarkError('user', 'baseline-unknown', message, { remedy });
}

/** Throws a user's HopmarkError, code `other-scenario`, if a baseline was not measured with these. */
export function checkScenarios(
  current: Readonly<Record<string, string>>,
  saved: SavedBaseline,
  name: string,
): void {
  const why = scenarioDiffers(current, saved.scenarios);
  if (why === null) return;
  const message = `the baseline ${name} can't be compared with this: ${why}`;
  const remedy = 'Give the same --scenario, or save a baseline of this one.';
  throw new HopmarkError('user', 'other-scenario', message, { remedy });
}
