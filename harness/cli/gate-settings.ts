/** What a gate is told: the flags, over the config file of the working folder, over the defaults. */
import { loadPolicyFile } from '../../impls/policy/load.ts';
import { HopmarkError } from '../model/error.ts';
import { SCENARIO_NAMES } from '../scenarios/scenarios.ts';
import type { Injection } from '../sut/injection.ts';
import { parseTargets } from '../verdict/target-form.ts';
import type { TargetDefinition } from '../verdict/targets.ts';
import type { Thresholds } from '../verdict/thresholds.ts';
import { loadConfig } from './config.ts';
import { BASELINES_FOLDER } from './saved-baselines.ts';
import { chooseScenario, references } from './scenario-choice.ts';
import { readThresholds } from './threshold-option.ts';

/** The flags, as commander gives them. */
export interface GateOptions {
  readonly against?: string;
  readonly baseline?: string;
  readonly baselines?: string;
  readonly impl?: string;
  readonly threshold: readonly string[];
  readonly onInconclusive?: 'fail' | 'neutral';
  readonly budget?: number;
  readonly rounds?: number;
  readonly seed?: number;
  readonly scenario?: string;
  readonly policy?: string;
  readonly fullConformance?: boolean;
  readonly inject?: Injection;
  /** True unless it is switched off. */
  readonly attribution: boolean;
  readonly smoke?: boolean;
  readonly reports: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color: boolean;
}

/** The config with the flags over it. */
export interface GateSettings {
  readonly implementation: string;
  readonly scenario: string;
  readonly policy?: string;
  readonly budget?: number;
  readonly thresholds: Thresholds;
  /** The config's, of this run's scenarios. */
  readonly targets: readonly TargetDefinition[];
  readonly onInconclusive: 'fail' | 'neutral';
  readonly prepare?: string;
  readonly baselines: string;
}

/** The options that are the same whatever it is judged by. */
export function shownBy(options: GateOptions): ShownBy {
  const { rounds, seed, fullConformance, inject, smoke, reports, json, quiet, color } = options;
  return {
    reports,
    color,
    ...(rounds === undefined ? {} : { rounds }),
    ...(seed === undefined ? {} : { seed }),
    ...(fullConformance === undefined ? {} : { fullConformance }),
    ...(inject === undefined ? {} : { inject }),
    ...(smoke === undefined ? {} : { smoke }),
    ...(json === undefined ? {} : { json }),
    ...(quiet === undefined ? {} : { quiet }),
  };
}

type ShownBy = Pick<
  GateOptions,
  | 'rounds'
  | 'seed'
  | 'fullConformance'
  | 'inject'
  | 'smoke'
  | 'reports'
  | 'json'
  | 'quiet'
  | 'color'
>;

/**
 * Reads them, and what they name. Rejects with a user's error if the config, a threshold, a target,
 * the scenario, the policy or what is to be judged is wrong.
 */
export async function readSettings(options: GateOptions): Promise<GateSettings> {
  const config = await loadConfig(process.cwd());
  const implementation = options.impl ?? config.implementation;
  if (implementation === undefined) {
    throw new HopmarkError('user', 'no-implementation', 'there is nothing to judge', {
      remedy: 'Name it: --impl ./my-proxy.ts, or the key implementation of hopmark.config.ts.',
    });
  }
  const policy = options.policy ?? config.policy;
  const budget = options.budget ?? config.budgetMs;
  const scenario = options.scenario ?? config.scenario ?? SCENARIO_NAMES[0] ?? '';
  // A slip in a name or a file is better told before minutes of installing than after.
  const names = references(await chooseScenario(scenario)).map(({ name }) => name);
  if (policy !== undefined) await loadPolicyFile(policy);
  return {
    implementation,
    scenario,
    ...(policy === undefined ? {} : { policy }),
    // Rounds on the command line are not bounded by the config's budget.
    ...(budget === undefined || (options.budget === undefined && options.rounds !== undefined)
      ? {}
      : { budget }),
    thresholds: readThresholds(config.thresholds ?? {}, options.threshold),
    targets: parseTargets(config.targets ?? {}, names),
    onInconclusive: options.onInconclusive ?? config.onInconclusive ?? 'fail',
    ...(config.prepare === undefined ? {} : { prepare: config.prepare }),
    baselines: options.baselines ?? config.baselines ?? BASELINES_FOLDER,
  };
}
