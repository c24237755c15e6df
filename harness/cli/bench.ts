/**
 * `hopmark bench --impl X`: measures one implementation, beside a reference so that its times mean
 * something on another day, saves the run as a baseline, and judges it against a saved one.
 */
import { relative, resolve } from 'node:path';
import { Command } from 'commander';
import { SATURATION_CONNECTIONS, saturationConnections } from '../load/saturation-session.ts';
import { HopmarkError } from '../model/error.ts';
import type { ReportDocument, TargetResult } from '../model/report.ts';
import { renderAgainst, renderFigures } from '../report/baseline-table.ts';
import { fewOfAKind } from '../report/few-of-a-kind.ts';
import { renderTargets } from '../report/target-table.ts';
import { SCENARIO_NAMES } from '../scenarios/scenarios.ts';
import {
  checkBaselineName,
  createBaseline,
  prepareBaselineFolder,
  type SavedBaseline,
  saveBaseline,
} from '../store/saved-baseline.ts';
import { type LoopbackAddress, parseOrigin } from '../sut/loopback-address.ts';
import { type AgainstBaseline, judgeAgainst } from '../verdict/against-baseline.ts';
import { TARGETS } from '../verdict/targets.ts';
import { runSuite } from './bench-suite.ts';
import type { Qualified } from './contest.ts';
import { EXIT, type ExitCode, exitCodeOfVerdict } from './exit-code.ts';
import { runSaturationCommand } from './load.ts';
import { parseDuration, parseRounds, parseSeed, repeatable, SKIP_HELP } from './option.ts';
import { ORIGIN_HELP } from './proxy-url.ts';
import { runScenario } from './run-scenario.ts';
import { BASELINES_FOLDER, checkScenarios, loadBaseline } from './saved-baselines.ts';
import {
  ALL_COMPONENTS,
  chooseScenario,
  listScenarios,
  references,
  SCENARIO_HELP,
  type ScenarioChoice,
  scenarioHashes,
} from './scenario-choice.ts';
import { type Shell, wantsColor } from './shell.ts';

/** What a user names for all scenarios, one after the other. */
const SUITE = 'suite';

interface BenchOptions {
  /** Required, but for a list. */
  readonly impl?: string;
  readonly reference: string;
  readonly saveBaseline?: string;
  readonly baseline?: string;
  readonly baselines: string;
  readonly budget?: number;
  readonly rounds?: number;
  readonly seed?: number;
  readonly origin?: LoopbackAddress;
  readonly scenario?: string;
  readonly targets?: boolean;
  readonly list?: boolean;
  readonly policy?: string;
  readonly fullConformance?: boolean;
  readonly skip: readonly string[];
  readonly smoke?: boolean;
  /** Not a flag: other parts of a suite go on meanwhile. */
  readonly besideOthers?: boolean;
  readonly reports: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color: boolean;
}

const HELP = `
The implementation is measured beside a reference, by default the in-tree baseline: times are kept
as ratios to it too, so that they can be compared later, on this machine or another.

A run has one traffic scenario, or any number of component scenarios, which drive the operations of
an implementation one by one. A part of the optimized proxy is left out as in 'optimized?without=pools'
or left alone as in 'optimized?only=pattern-cache'.

concurrency-${SATURATION_CONNECTIONS.join(', concurrency-')} are a closed loop on so many
connections: throughput and service times, not judged (hopmark load --saturation runs all four).

suite is all of them, one after the other, each with a report of its own; --budget is for them all.

Examples:
  $ hopmark bench --list
  $ hopmark bench regex-cache header-processing --impl optimized
  $ hopmark bench --targets --impl optimized              all components, and the plan's limits
  $ hopmark bench suite --targets --impl optimized        everything, in under 20 minutes
  $ hopmark bench --impl baseline --save-baseline before-optimization
  $ hopmark bench --impl 'optimized?only=pattern-cache' --save-baseline phase-1-complete
  $ hopmark baseline diff before-optimization phase-1-complete
  $ hopmark bench --impl optimized --baseline phase-1-complete

Exit codes: 0 measured, or improved or unchanged against the baseline, and every target met; 1
regressed, a missed target, or a proxy that answers wrongly; 2 usage, or a baseline that can't be used;
3 inconclusive or incomplete; 4 a proxy or the machine failed, or the baseline can't be written;
130, 143 interrupted.`;

/** The command. */
export function benchCommand(shell: Shell): Command {
  return new Command('bench')
    .description('measure one implementation; save it as a baseline, or judge it by a saved one')
    .argument('[scenarios...]', 'as --scenario')
    .option('--impl <implementation>', 'what is measured: a name, a module or a URL; required')
    .option('--save-baseline <name>', 'keep the run under this name, in place of an older one')
    .option('--baseline <name>', 'judge the run against the saved one of this name')
    .option('--baselines <folder>', 'where baselines are kept', BASELINES_FOLDER)
    .option('--reference <implementation>', 'what is measured beside it', 'baseline')
    .option('--budget <duration>', 'time for measuring, such as 60s (default: 90s)', parseDuration)
    .option(
      '--rounds <count>',
      'rounds to measure (default: as many as the budget holds)',
      parseRounds,
    )
    .option('--seed <number>', 'seed of traffic and orders (default: drawn anew)', parseSeed)
    .option('--scenario <name>', `${SCENARIO_HELP} (default: ${SCENARIO_NAMES[0]})`)
    .option('--targets', "hold the run against the plan's limits (default: of all components)")
    .option('--list', 'print the scenarios by kind, and measure nothing')
    .option('--policy <file>', 'the rules that every proxy runs (default: examples/policy.yaml)')
    .option('--origin <address>', ORIGIN_HELP, parseOrigin)
    .option('--full-conformance', 'run the whole conformance suite first, not its fast subset')
    .addOption(repeatable('--skip <case>', SKIP_HELP))
    .option('--smoke', 'a few waves, to see that all works: no verdict comes of it')
    .option('--reports <folder>', 'where the report folder is made', 'reports')
    .option('--json', 'one document on standard output, all else on standard error')
    .option('--no-dashboard', 'progress in lines on a terminal too')
    .option('-q, --quiet', 'no progress')
    .addHelpText('after', HELP)
    .action(async (scenarios: readonly string[], options: BenchOptions) => {
      if (options.list === true) shell.out(listScenarios());
      else await bench(shell, scenarioOf(scenarios, options), options);
    });
}

function scenarioOf(named: readonly string[], { scenario: option, targets }: BenchOptions): string {
  const argument = named.length === 0 ? undefined : named.join(',');
  if (argument !== undefined && option !== undefined && argument !== option) {
    const message = `two scenarios are named, ${argument} and ${option}`;
    throw new HopmarkError('user', 'two-scenarios', message, { remedy: 'Name one of them.' });
  }
  const usual = targets === true ? ALL_COMPONENTS : (SCENARIO_NAMES[0] ?? '');
  return argument ?? option ?? usual;
}

function implementationOf({ impl }: BenchOptions): string {
  if (impl !== undefined) return impl;
  const message = 'what is to be measured? --impl says it';
  const remedy = 'hopmark bench --impl optimized, or --list for the scenarios.';
  throw new HopmarkError('user', 'no-implementation', message, { remedy });
}

async function bench(shell: Shell, scenarioName: string, options: BenchOptions): Promise<void> {
  if (scenarioName === SUITE) await benchAll(shell, options);
  else await benchOne(shell, scenarioName, options);
}

/** Conformance is tried once for all parts. */
async function benchAll(shell: Shell, options: BenchOptions): Promise<void> {
  const { saveBaseline, baseline, rounds, ...rest } = options;
  if (saveBaseline !== undefined || baseline !== undefined || rounds !== undefined) {
    const message = 'a suite is many runs: it has no rounds and no baseline of its own';
    const remedy = 'Leave out --rounds, --baseline and --save-baseline, or name one scenario.';
    throw new HopmarkError('user', 'not-judged', message, { remedy });
  }
  const known = new Map<string, Promise<Qualified>>();
  await runSuite(shell, options, async (captured, { scenario, budgetMs }) => {
    // A smoke run has its own length; one round of it shows that a scenario works.
    const { budget: _, ...usual } = rest;
    const extent = options.smoke !== true ? { budget: budgetMs } : smokeOf(scenario);
    return benchOne(captured, scenario, { ...usual, ...extent }, known);
  });
}

/** Progress of several at once would be mixed up. */
function smokeOf(scenario: string): Pick<BenchOptions, 'rounds' | 'quiet' | 'besideOthers'> {
  const shown = { quiet: true, besideOthers: true };
  return saturationConnections(scenario) === null ? { rounds: 1, ...shown } : shown;
}

/** Resolves to the targets that the run was held against. */
async function benchOne(
  shell: Shell,
  scenarioName: string,
  options: BenchOptions,
  known?: Map<string, Promise<Qualified>>,
): Promise<readonly TargetResult[]> {
  const connections = saturationConnections(scenarioName);
  if (connections !== null) {
    await benchSaturation(shell, connections, options);
    return [];
  }
  const { saveBaseline: saveAs, baseline: against } = options;
  const impl = implementationOf(options);
  const baselines = resolve(options.baselines);
  // All that can be refused is refused before anything is measured.
  if (saveAs !== undefined) checkBaselineName(saveAs);
  const choice = await chooseScenario(scenarioName);
  // Of a suite some scenarios have none.
  if (options.targets === true && known === undefined) checkHasTargets(choice, scenarioName);
  const saved = against === undefined ? null : await loadBaseline(options.baselines, against);
  if (saved !== null && against !== undefined) {
    checkScenarios(scenarioHashes(choice), saved, against);
  }
  const place = saveAs === undefined ? null : await prepareBaselineFolder(baselines);
  try {
    const { origin, targets: held, ...rest } = options;
    const { report, folder } = await runScenario(shell, {
      ...rest,
      ...(origin === undefined ? {} : { originAt: origin }),
      ...(known === undefined ? {} : { known }),
      scenario: scenarioName,
      reference: { spec: options.reference },
      candidate: { spec: impl },
      thresholds: {},
      // The reference is only there for comparison: what it lacks is no regression.
      attribution: false,
    });
    const judged = saved === null ? null : judgeAgainst(report, saved.report);
    const kept =
      saveAs === undefined ? null : await keep(baselines, saveAs, { report, judged, options });
    const targets = held === true ? report.targets : [];
    const result: Benched = { report, folder, against, saved, judged, kept, targets };
    shell.out(options.json === true ? benchJson(result) : benchText(result, impl, options));
    if (kept !== null) shell.err(`${keptSentence(kept)}\n`);
    shell.exit(exitCodeOf(result));
    return report.targets;
  } finally {
    await place?.discard();
  }
}

/** A closed loop has no rounds and no reference: what is about them is refused. */
async function benchSaturation(
  shell: Shell,
  connections: number,
  { budget, scenario: _, ...options }: BenchOptions,
): Promise<void> {
  const { saveBaseline, baseline, rounds } = options;
  if (saveBaseline !== undefined || baseline !== undefined || rounds !== undefined) {
    const message = 'a closed loop is not judged, so it has no rounds and no baseline';
    const remedy = 'Leave out --rounds, --baseline and --save-baseline, or take another scenario.';
    throw new HopmarkError('user', 'not-judged', message, { remedy });
  }
  await runSaturationCommand(shell, {
    ...options,
    implementation: implementationOf(options),
    scenario: SCENARIO_NAMES[0] ?? '',
    arrivals: 'constant',
    steps: [connections],
    ...(budget === undefined ? {} : { duration: budget }),
  });
}

interface Benched {
  readonly report: ReportDocument;
  readonly folder: string;
  readonly against: string | undefined;
  readonly saved: SavedBaseline | null;
  readonly judged: AgainstBaseline | null;
  readonly kept: Kept | null;
  /** Those that the run is held against; none unless it was asked for. */
  readonly targets: readonly TargetResult[];
}

function checkHasTargets(choice: ScenarioChoice, named: string): void {
  const measured = references(choice).map(({ name }) => name);
  const limited = TARGETS.flatMap(({ scenarios }) => scenarios);
  if (limited.some((name) => measured.includes(name))) return;
  throw new HopmarkError('user', 'no-targets', `no target limits anything in ${named}`, {
    remedy: 'docs/scenarios.md lists the targets with their scenarios.',
  });
}

/** A run that was saved, or why it was not. */
type Kept =
  | { readonly state: 'saved'; readonly name: string; readonly path: string; replaced: boolean }
  | { readonly state: 'refused'; readonly name: string; readonly reason: string };

async function keep(
  folder: string,
  name: string,
  run: {
    readonly report: ReportDocument;
    readonly judged: AgainstBaseline | null;
    readonly options: BenchOptions;
  },
): Promise<Kept> {
  const reason = whyNotSaved(run);
  if (reason !== null) return { state: 'refused', name, reason };
  const done = await saveBaseline(folder, createBaseline(name, new Date(), run.report));
  return { state: 'saved', name, ...done };
}

/** What would make later verdicts wrong is not saved. A smoke run is: it shows that all works. */
function whyNotSaved({
  report: { validity },
  judged,
  options,
}: Parameters<typeof keep>[2]): string | null {
  if (!validity.complete) return 'the run ended before its rounds were done';
  if (judged?.verdict === 'regressed') return 'the run regressed';
  if (validity.valid || options.smoke === true) return null;
  return `the run is not valid: ${validity.warnings[0]?.message ?? 'it proves nothing'}`;
}

function keptSentence(kept: Kept): string {
  if (kept.state === 'refused') return `hopmark: ${kept.name} was not saved: ${kept.reason}`;
  const path = relative(process.cwd(), kept.path);
  return kept.replaced ? `Saved ${path}, in place of an older one.` : `Saved ${path}.`;
}

function exitCodeOf({ report, judged, kept, targets }: Benched): ExitCode {
  const missed = targets.some(({ verdict }) => verdict === 'missed');
  if (missed || judged?.verdict === 'regressed') return EXIT.failed;
  if (targets.some(({ verdict }) => verdict === 'inconclusive')) return EXIT.inconclusive;
  if (judged !== null) {
    const code = exitCodeOfVerdict(judged.verdict);
    return code === EXIT.held && kept?.state === 'refused' ? EXIT.inconclusive : code;
  }
  return report.validity.complete && report.validity.valid ? EXIT.held : EXIT.inconclusive;
}

function benchJson({ report, against, judged, kept }: Benched): string {
  const document = {
    schemaVersion: 1,
    saved: kept,
    baseline: judged === null ? null : { name: against ?? null, ...judged },
    report,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

const DEFAULT_COLUMNS = 80;

function benchText(
  { report, folder, against, judged, targets }: Benched,
  impl: string,
  { color }: BenchOptions,
): string {
  const layout = {
    color: wantsColor(process.stdout, color),
    width: process.stdout.columns ?? DEFAULT_COLUMNS,
  };
  const doubts =
    report.validity.valid && report.validity.complete
      ? ''
      : `\n${fewOfAKind(report.validity.warnings)
          .map((message) => `! ${message}\n`)
          .join('')}`;
  const table = `${renderFigures(report, layout)}${renderTargets(targets, layout)}${doubts}\n  Report  ${relative(process.cwd(), folder)}\n`;
  return judged === null || against === undefined
    ? table
    : `${table}\n${renderAgainst(judged, { current: impl, saved: against }, layout)}`;
}
