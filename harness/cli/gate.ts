/**
 * `hopmark gate`: judges this checkout's implementation by the same implementation of another
 * revision, both measured now and interleaved, under this checkout's harness. Configuration,
 * revision, comparison, exit code; each stage is a file of its own.
 */
import { basename, join } from 'node:path';
import { Command, Option } from 'commander';
import { loadPolicyFile } from '../../impls/policy/load.ts';
import { HopmarkError } from '../model/error.ts';
import type { Verdict } from '../model/report.ts';
import { fileIn, implementationFile } from '../revision/implementation-file.ts';
import { preparedRevision } from '../revision/prepared-revision.ts';
import { findRepository, resolveRevision, shortCommit } from '../revision/repository.ts';
import { revisionsFolder } from '../revision/revision-cache.ts';
import { findScenario, SCENARIO_NAMES } from '../scenarios/scenarios.ts';
import { describeEnvironment } from '../sut/machine.ts';
import type { Thresholds } from '../verdict/thresholds.ts';
import { type FinishedComparison, runComparison } from './comparison-run.ts';
import { loadConfig } from './config.ts';
import { probe } from './conformance-run.ts';
import { EXIT, type ExitCode, exitCodeOfVerdict } from './exit-code.ts';
import { gateThresholds } from './gate-thresholds.ts';
import { parseDuration, parseRounds, parseSeed } from './option.ts';
import type { Shell } from './shell.ts';
import { renderFinished } from './show-report.ts';

interface GateOptions {
  readonly against: string;
  readonly impl?: string;
  readonly threshold: readonly string[];
  readonly onInconclusive?: 'fail' | 'neutral';
  readonly budget?: number;
  readonly rounds?: number;
  readonly seed?: number;
  readonly scenario?: string;
  readonly policy?: string;
  readonly fullConformance?: boolean;
  readonly smoke?: boolean;
  readonly reports: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color: boolean;
}

const HELP = `
The revision is checked out beside this one, installed and built once (then kept in the cache
folder), and both run interleaved. Settings come from hopmark.config.ts, .js or .json in the working
folder; flags win over them.

Examples:
  $ hopmark gate --against main --impl ./my-proxy.ts
  $ hopmark gate --against HEAD~1 --impl optimized --budget 60s
  $ hopmark gate --against v1.2.0 --threshold 'hop-p50: <= +2%' --threshold 'hop-p99: <= +100%'
  $ hopmark gate --against main --on-inconclusive neutral --json > report.json

Exit codes: 0 held; 1 regressed, or a proxy that answers wrongly; 2 usage, or a revision that cannot
be prepared; 3 inconclusive (0 with --on-inconclusive neutral); 4 a proxy or the machine failed;
130, 143 interrupted.`;

/** The command. */
export function gateCommand(shell: Shell): Command {
  return new Command('gate')
    .description("judge this checkout's implementation by another revision's, for CI")
    .requiredOption('--against <revision>', 'the branch, tag or commit to judge by')
    .option('--impl <name>', 'what is judged: a name in impls/, or the path of a module')
    .option(
      '--threshold <metric: limit>',
      "what is let pass, such as 'hop-p50: <= +5%', or 'off'; may be given again",
      (one: string, all: readonly string[]) => [...all, one],
      [],
    )
    .addOption(
      new Option('--on-inconclusive <what>', 'whether a gate that could not decide fails').choices([
        'fail',
        'neutral',
      ]),
    )
    .option('--budget <duration>', 'time for measuring, such as 60s (default: 90s)', parseDuration)
    .option(
      '--rounds <count>',
      'rounds to measure (default: as many as the budget holds)',
      parseRounds,
    )
    .option('--seed <number>', 'seed of traffic and orders (default: drawn anew)', parseSeed)
    .option('--scenario <name>', `${SCENARIO_NAMES.join(', ')}, or a path to one`)
    .option('--policy <file>', 'the rules that every proxy runs (default: examples/policy.yaml)')
    .option('--full-conformance', 'run the whole conformance suite first, not its fast subset')
    .option('--smoke', 'a few waves, to see that all works: no verdict comes of it')
    .option('--reports <folder>', 'where the report folder is made', 'reports')
    .option('--json', 'the report document on standard output, all else on standard error')
    .option('-q, --quiet', 'no progress')
    .addHelpText('after', HELP)
    .action(async (options: GateOptions) => gate(shell, options));
}

async function gate(shell: Shell, options: GateOptions): Promise<void> {
  const settings = await readSettings(options);
  // A slip in a name or a file is better told before minutes of installing than after.
  await findScenario(settings.scenario);
  if (settings.policy !== undefined) await loadPolicyFile(settings.policy);
  const sides = await bothSides(shell, settings, options);
  const finished = await measure(shell, sides, settings, options);
  const { verdict } = finished.report;
  shell.out(renderFinished(finished, options));
  if (verdict === 'inconclusive' && settings.onInconclusive === 'neutral') {
    shell.err('hopmark: inconclusive, and let pass because inconclusive is neutral here.\n');
  }
  shell.exit(exitCodeOfGate(verdict, settings.onInconclusive));
}

interface Settings {
  readonly implementation: string;
  readonly scenario: string;
  readonly policy?: string;
  readonly budget?: number;
  readonly thresholds: Thresholds;
  readonly onInconclusive: 'fail' | 'neutral';
  readonly prepare?: string;
}

/** The config with the flags over it. */
async function readSettings(options: GateOptions): Promise<Settings> {
  const config = await loadConfig(process.cwd());
  const implementation = options.impl ?? config.implementation;
  if (implementation === undefined) {
    throw new HopmarkError('user', 'no-implementation', 'there is nothing to judge', {
      remedy: 'Name it: --impl ./my-proxy.ts, or the key implementation of hopmark.config.ts.',
    });
  }
  const policy = options.policy ?? config.policy;
  const budget = options.budget ?? config.budgetMs;
  return {
    implementation,
    scenario: options.scenario ?? config.scenario ?? SCENARIO_NAMES[0] ?? '',
    ...(policy === undefined ? {} : { policy }),
    // Rounds on the command line are not bounded by the config's budget.
    ...(budget === undefined || (options.budget === undefined && options.rounds !== undefined)
      ? {}
      : { budget }),
    thresholds: gateThresholds(config.thresholds ?? {}, options.threshold),
    onInconclusive: options.onInconclusive ?? config.onInconclusive ?? 'fail',
    ...(config.prepare === undefined ? {} : { prepare: config.prepare }),
  };
}

/** The same file of two trees, and what reports call them. */
interface Sides {
  readonly reference: { readonly spec: string; readonly label: string };
  readonly candidate: { readonly spec: string; readonly label: string };
}

async function bothSides(shell: Shell, settings: Settings, options: GateOptions): Promise<Sides> {
  const { implementation } = settings;
  const say = (line: string): void => {
    if (options.quiet !== true) shell.err(`${line}\n`);
  };
  const repository = await findRepository(process.cwd(), shell.signal);
  const commit = await resolveRevision(repository, options.against, shell.signal);
  const file = implementationFile(implementation, repository.root, process.cwd());
  const here = fileIn(repository.root, file, 'this checkout');
  await probe(here, shell.signal);
  const { dirty, commit: head } = describeEnvironment(null);
  if (dirty) say('The working tree has changes that are not committed; they are judged with it.');
  if (head === commit && !dirty) say(`${options.against} is what is checked out here.`);
  const tree = await preparedRevision({
    repository,
    commit,
    cacheFolder: revisionsFolder(repository.id, process.env),
    ...(settings.prepare === undefined ? {} : { prepare: settings.prepare }),
    signal: shell.signal,
    onStep: say,
  });
  const name = file === join('impls', implementation, 'index.ts') ? implementation : basename(file);
  const label = `${name}@${shortCommit(commit)}`;
  return {
    reference: { spec: fileIn(tree, file, `revision ${options.against}`), label },
    candidate: { spec: here, label: name },
  };
}

async function measure(
  shell: Shell,
  sides: Sides,
  settings: Settings,
  options: GateOptions,
): Promise<FinishedComparison> {
  const { rounds, seed, fullConformance, smoke, reports, quiet } = options;
  const { scenario, policy, budget, thresholds } = settings;
  try {
    return await runComparison(shell, {
      ...sides,
      scenario,
      thresholds,
      reports,
      ...(policy === undefined ? {} : { policy }),
      ...(budget === undefined ? {} : { budget }),
      ...(rounds === undefined ? {} : { rounds }),
      ...(seed === undefined ? {} : { seed }),
      ...(fullConformance === undefined ? {} : { fullConformance }),
      ...(smoke === undefined ? {} : { smoke }),
      ...(quiet === undefined ? {} : { quiet }),
    });
  } catch (error) {
    throw aboutRevision(error, sides.reference, options.against);
  }
}

/** What is wrong with an old revision is not mended in it: the remedy is another revision. */
function aboutRevision(error: unknown, { spec }: Sides['reference'], revision: string): unknown {
  if (!(error instanceof HopmarkError) || !error.message.includes(spec)) return error;
  const message = error.message.replaceAll(spec, `revision ${revision}`);
  const remedy = 'Gate against a revision whose implementation this version of hopmark can run.';
  return new HopmarkError(error.side, error.code, message, { remedy, cause: error });
}

/** As the verdict's, but that an inconclusive one may be let pass. */
function exitCodeOfGate(verdict: Verdict, onInconclusive: 'fail' | 'neutral'): ExitCode {
  const passes = verdict === 'inconclusive' && onInconclusive === 'neutral';
  return passes ? EXIT.held : exitCodeOfVerdict(verdict);
}
