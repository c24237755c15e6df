/**
 * `hopmark calibrate`: runs an implementation against itself, and says what gates can tell on this
 * machine: how much two identical proxies differ, how often a gate cries wolf, and which change it
 * catches.
 */
import { relative } from 'node:path';
import { Command } from 'commander';
import { roundsOfTwo } from '../measure/field-shape.ts';
import { meanRoundMs } from '../measure/session.ts';
import {
  type BudgetProfile,
  CALIBRATION_VERSION,
  type Calibration,
  type MetricProfile,
} from '../model/calibration.ts';
import { HopmarkError } from '../model/error.ts';
import { METRICS } from '../model/metric.ts';
import type { Round } from '../model/round.ts';
import { formatCount, formatPercent } from '../report/number.ts';
import { SCENARIO_NAMES } from '../scenarios/scenarios.ts';
import { bankRounds } from '../simulation/bank.ts';
import { characterize } from '../simulation/characterize.ts';
import { calibrationFolder, calibrationPath, saveCalibration } from '../store/calibration-store.ts';
import { isUrl } from '../sut/loopback-address.ts';
import { runComparison } from './comparison-run.ts';
import { parseDuration, parseSeed } from './option.ts';
import { BASELINES_FOLDER } from './saved-baselines.ts';
import { TRAFFIC_HELP } from './scenario-choice.ts';
import type { Shell } from './shell.ts';

interface CalibrateOptions {
  readonly budget: number;
  readonly seed?: number;
  readonly scenario: string;
  readonly policy?: string;
  readonly save?: boolean;
  readonly smoke?: boolean;
  readonly reports: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const HELP = `
The profile is kept for this machine in the cache folder of the user, or with --save beside the saved
baselines, and is used by compare and gate: differences below its noise floor are never called.
Without one, the twin that runs in every comparison serves.

Examples:
  $ hopmark calibrate                              the optimized proxy, 5 minutes
  $ hopmark calibrate ./my-proxy.ts --budget 10m
  $ hopmark calibrate --save                       keep it in baselines/, to be committed

Exit codes: 0 calibrated; 2 usage, or too short to tell anything; 4 a proxy or the machine failed;
130, 143 interrupted.`;

const DEFAULT_BUDGET_MS = 300_000;
/** Gates that a figure is taken from. */
const GATES = 1000;
const SMOKE_GATES = 20;
const BUDGETS_MS = [30_000, 60_000, 120_000] as const;
/** Rounds are measured as the shortest of these has them: those of longer ones scatter less. */
const SHAPED_FOR_MS = BUDGETS_MS[0];
/** Fewer rounds than these say nothing of a tail. */
const LEAST_ROUNDS = 20;
const SMOKE_ROUNDS = 4;

/** The command. */
export function calibrateCommand(shell: Shell): Command {
  return new Command('calibrate')
    .description('run an implementation against itself and record what this machine can tell')
    .argument('[implementation]', 'what is run against itself', 'optimized')
    .option(
      '--budget <duration>',
      'time for measuring (default: 5m)',
      parseDuration,
      DEFAULT_BUDGET_MS,
    )
    .option('--seed <number>', 'seed of traffic and orders (default: drawn anew)', parseSeed)
    .option('--scenario <name>', TRAFFIC_HELP, SCENARIO_NAMES[0])
    .option('--policy <file>', 'the rules that every proxy runs (default: examples/policy.yaml)')
    .option('--save', 'keep the profile in baselines/ rather than in the cache folder')
    .option('--smoke', 'a few waves, to see that all works: nothing is kept')
    .option('--reports <folder>', 'where the report folder is made', 'reports')
    .option('--json', 'the profile on standard output, all else on standard error')
    .option('-q, --quiet', 'no progress')
    .addHelpText('after', HELP)
    .action(async (implementation: string, options: CalibrateOptions) =>
      calibrate(shell, implementation, options),
    );
}

async function calibrate(
  shell: Shell,
  implementation: string,
  options: CalibrateOptions,
): Promise<void> {
  if (isUrl(implementation)) {
    const message = `${implementation} is one process: it does not differ from itself`;
    throw new HopmarkError('user', 'no-calibration', message, {
      remedy: 'Calibrate by a module or a command; the default will do.',
    });
  }
  const { smoke } = options;
  const { report, folder } = await runComparison(shell, {
    ...options,
    ...(smoke === true ? { rounds: SMOKE_ROUNDS } : {}),
    reference: { spec: implementation },
    candidate: { spec: implementation },
    thresholds: {},
    calibrated: false,
    roundsOfBudgetMs: SHAPED_FOR_MS,
    // Both sides are the same: what would grow is noise.
    attribution: false,
  });
  // Half a calibration is none.
  shell.signal.throwIfAborted();
  const least = smoke === true ? SMOKE_ROUNDS : LEAST_ROUNDS;
  if (report.rounds.length < least) {
    throw new HopmarkError(
      'user',
      'too-few-rounds',
      `${formatCount(report.rounds.length, 'round')} ${report.rounds.length === 1 ? 'is' : 'are'} too few to calibrate by: ${least} are the least`,
      { remedy: 'Give it more time, such as --budget 5m.' },
    );
  }
  const calibration: Calibration = {
    schemaVersion: CALIBRATION_VERSION,
    measuredAt: report.run.startedAt,
    fingerprint: report.environment.fingerprint,
    implementation,
    scenario: report.scenarios[0]?.name ?? options.scenario,
    rounds: report.rounds.length,
    roundMs: meanRoundMs(report.rounds),
    budgets: characterizeAll(report.rounds, report.run.seed, smoke === true),
  };
  const folderOfProfile = options.save === true ? BASELINES_FOLDER : calibrationFolder(process.env);
  const path = calibrationPath(folderOfProfile, calibration.fingerprint);
  if (smoke !== true) await saveCalibration(path, calibration);
  shell.out(
    options.json === true
      ? `${JSON.stringify(calibration, null, 2)}\n`
      : renderCalibration(
          calibration,
          smoke === true ? null : path,
          relative(process.cwd(), folder),
        ),
  );
}

function characterizeAll(
  rounds: readonly Round[],
  seed: number,
  smoke: boolean,
): readonly BudgetProfile[] {
  const metrics = METRICS.flatMap(({ name, threshold }) => (threshold === null ? [] : [name]));
  const bank = bankRounds(rounds, metrics);
  const options = { metrics, seed, gates: smoke ? SMOKE_GATES : GATES };
  return BUDGETS_MS.map((budgetMs) =>
    characterize(bank, { budgetMs, rounds: roundsOfTwo(budgetMs) }, options),
  );
}

/** The profile for people. */
function renderCalibration(calibration: Calibration, path: string | null, folder: string): string {
  const { implementation, scenario, rounds, roundMs, budgets } = calibration;
  const metrics = budgets[0]?.metrics.map(({ metric }) => metric) ?? [];
  const width = Math.max(...metrics.map((metric) => metric.length), 'false alarms'.length) + 2;
  const row = (label: string, cells: readonly string[]): string =>
    `  ${label.padEnd(width)}${cells.map((cell) => cell.padStart(24)).join('')}`.trimEnd();
  const cellsOf = (metric: string): readonly string[] =>
    budgets.map((budget) => cellOf(budget.metrics.find((one) => one.metric === metric)));
  return `${[
    `${implementation} against itself on ${scenario}: ${rounds} rounds of ${(roundMs / 1000).toFixed(1)} s`,
    '',
    row(
      '',
      budgets.map(({ budgetMs, rounds: held }) => `${budgetMs / 1000} s, ${held} rounds`),
    ),
    row(
      '',
      budgets.map(() => 'noise      caught'),
    ),
    ...metrics.map((metric) => row(metric, cellsOf(metric))),
    row(
      'false alarms',
      budgets.map(({ falseAlarms, gates }) => `${falseAlarms} of ${gates}`),
    ),
    row(
      'inconclusive',
      budgets.map(({ inconclusive, gates }) => `${inconclusive} of ${gates}`),
    ),
    '',
    '  noise: 95 of 100 runs of identical proxies differ by less; caught: the smallest change for',
    '  the worse that a gate with this threshold calls in 95 of 100 runs. Gates are resampled from',
    '  the measured rounds; false alarms and inconclusive ones are those of the default thresholds.',
    '',
    `  ${path === null ? 'A smoke run: nothing was kept.' : `Kept in ${path}`}`,
    `  Report  ${folder}`,
  ].join('\n')}\n`;
}

function cellOf(profile: MetricProfile | undefined): string {
  if (profile === undefined) return 'n/a';
  const caught = profile.caught === null ? 'none' : formatPercent(profile.caught);
  return `${formatPercent(profile.noiseFloor)}${caught.padStart(11)}`;
}
