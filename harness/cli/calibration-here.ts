/**
 * The calibration of this machine, if there is one: in the user's cache folder, or saved beside the
 * baselines. What cannot be used is a warning; a run goes on without it, on its twin.
 */
import type { BudgetProfile, Calibration } from '../model/calibration.ts';
import { HopmarkError } from '../model/error.ts';
import type { CalibrationReport } from '../model/report.ts';
import type { Warning } from '../model/warning.ts';
import { calibrationFolder, calibrationPath, loadCalibration } from '../store/calibration-store.ts';
import type { NoiseFloors } from '../verdict/decide-metrics.ts';
import { BASELINES_FOLDER } from './saved-baselines.ts';

/** What a run takes from a calibration. */
export interface CalibrationHere {
  /** Empty without a calibration. */
  readonly noiseFloors: NoiseFloors;
  /** Null: none is used. */
  readonly report: CalibrationReport | null;
  readonly warnings: readonly Warning[];
}

/** A machine changes: its kernel, its neighbours. */
const OUTDATED_AFTER_DAYS = 30;
const DAY_MS = 86_400_000;

/** Finds it for a run of this budget (infinite: of any length). */
export async function calibrationHere(
  fingerprint: string,
  budgetMs: number,
  now: Date,
): Promise<CalibrationHere> {
  const warnings: Warning[] = [];
  for (const folder of [calibrationFolder(process.env), BASELINES_FOLDER]) {
    const calibration = await tryLoad(calibrationPath(folder, fingerprint), warnings);
    if (calibration === null) continue;
    const profile = profileFor(calibration, budgetMs);
    const ageDays = (now.getTime() - Date.parse(calibration.measuredAt)) / DAY_MS;
    if (ageDays > OUTDATED_AFTER_DAYS) {
      const message = `The calibration of this machine is ${Math.floor(ageDays)} days old: run hopmark calibrate again.`;
      warnings.push({ code: 'calibration-outdated', message });
    }
    return {
      noiseFloors: Object.fromEntries(
        profile.metrics.map(({ metric, noiseFloor }) => [metric, noiseFloor]),
      ),
      report: reportOf(calibration, profile),
      warnings,
    };
  }
  return { noiseFloors: {}, report: null, warnings };
}

async function tryLoad(path: string, warnings: Warning[]): Promise<Calibration | null> {
  try {
    return await loadCalibration(path);
  } catch (error) {
    if (!(error instanceof HopmarkError)) throw error;
    warnings.push({ code: 'calibration-unusable', message: `${error.message}. ${error.remedy}` });
    return null;
  }
}

/** The longest budget that the run has, or the shortest there is. */
function profileFor({ budgets }: Calibration, budgetMs: number): BudgetProfile {
  const fitting = budgets.filter((profile) => profile.budgetMs <= budgetMs);
  const profile = fitting.at(-1) ?? budgets[0];
  if (profile === undefined) throw new Error('a calibration has a budget');
  return profile;
}

function reportOf(calibration: Calibration, profile: BudgetProfile): CalibrationReport {
  const { measuredAt, implementation, scenario, rounds } = calibration;
  const { budgetMs, gates, falseAlarms, inconclusive } = profile;
  return {
    measuredAt,
    implementation,
    scenario,
    rounds,
    budgetMs,
    gates,
    falseAlarms,
    inconclusive,
  };
}
