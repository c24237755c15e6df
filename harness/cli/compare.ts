/**
 * `hopmark compare REF CAND`: conformance, then interleaved rounds, then one table, one verdict and
 * a report folder.
 */
import { randomInt } from 'node:crypto';
import { relative, resolve } from 'node:path';
import { Command } from 'commander';
import { SMOKE_SHAPE, shapeForBudget } from '../measure/plan.ts';
import { runSession, type SessionOptions, type SessionResult } from '../measure/session.ts';
import type { ReportDocument } from '../model/report.ts';
import type { Round } from '../model/round.ts';
import { type Scenario, scenarioHash } from '../model/scenario.ts';
import { buildReport } from '../report/build.ts';
import { reportFiles } from '../report/files.ts';
import { renderJson } from '../report/json.ts';
import { formatRatio } from '../report/number.ts';
import { renderTerminal } from '../report/terminal.ts';
import { findScenario, SCENARIO_NAMES } from '../scenarios/scenarios.ts';
import { median } from '../stats/quantile.ts';
import { prepareReportFolder, writeReport } from '../store/report-folder.ts';
import { createRunId } from '../store/run-id.ts';
import { describeEnvironment } from '../sut/machine.ts';
import { createDecider } from '../verdict/decide.ts';
import { judge } from '../verdict/judge.ts';
import { armsOf, type Contest, describeArms, qualify } from './contest.ts';
import { exitCodeOfVerdict } from './exit-code.ts';
import { parseDuration, parseRounds, parseSeed } from './option.ts';
import { ProgressLine, sessionLine } from './progress.ts';
import { type Shell, wantsColor } from './shell.ts';
import { toolVersion } from './version.ts';

interface CompareOptions {
  readonly budget?: number;
  readonly rounds?: number;
  readonly seed?: number;
  readonly scenario: string;
  readonly policy?: string;
  readonly fullConformance?: boolean;
  readonly smoke?: boolean;
  readonly reports: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color: boolean;
}

const HELP = `
Implementations are built-in names (baseline, optimized) or paths to modules (.js, .mjs, .ts) whose
default export is a ProxyImplementation or a factory of a plain Node request listener.

Examples:
  $ hopmark compare baseline optimized
  $ hopmark compare optimized ./my-proxy.ts --budget 60s
  $ hopmark compare optimized optimized --rounds 12 --seed 7     the same against itself
  $ hopmark compare baseline optimized --json > report.json

Exit codes: 0 improved or unchanged; 1 regressed, or a proxy that answers wrongly; 2 usage;
3 inconclusive or incomplete; 4 a proxy or the machine failed; 130, 143 interrupted.`;

const DEFAULT_BUDGET_MS = 90_000;
const SMOKE_ROUNDS = 2;
const LEVEL = 0.95;
const DEFAULT_COLUMNS = 80;

/** The command. */
export function compareCommand(shell: Shell): Command {
  return new Command('compare')
    .description('measure two implementations side by side and judge the second by the first')
    .argument('<reference>', 'what it is compared with')
    .argument('<candidate>', 'what is judged')
    .option('--budget <duration>', 'time for measuring, such as 60s (default: 90s)', parseDuration)
    .option(
      '--rounds <count>',
      'rounds to measure (default: as many as the budget holds)',
      parseRounds,
    )
    .option('--seed <number>', 'seed of traffic and orders (default: drawn anew)', parseSeed)
    .option(
      '--scenario <name>',
      `${SCENARIO_NAMES.join(', ')}, or a path to one`,
      SCENARIO_NAMES[0],
    )
    .option('--policy <file>', 'the rules that every proxy runs (default: examples/policy.yaml)')
    .option('--full-conformance', 'run the whole conformance suite first, not its fast subset')
    .option('--smoke', 'a few waves, to see that all works: no verdict comes of it')
    .option('--reports <folder>', 'where the report folder is made', 'reports')
    .option('--json', 'the report document on standard output, all else on standard error')
    .option('-q, --quiet', 'no progress')
    .addHelpText('after', HELP)
    .action(async (reference: string, candidate: string, options: CompareOptions) =>
      compare(shell, reference, candidate, options),
    );
}

/** The stages of a run, in order. */
async function compare(
  shell: Shell,
  reference: string,
  candidate: string,
  options: CompareOptions,
): Promise<void> {
  const start: RunStart = {
    at: new Date(),
    monotonicMs: performance.now(),
    seed: options.seed ?? drawSeed(),
  };
  const progress = new ProgressLine({
    write: options.quiet === true ? () => {} : shell.err,
    isTerminal: process.stderr.isTTY === true,
    columns: process.stderr.columns ?? DEFAULT_COLUMNS,
    nowMs: () => performance.now(),
  });
  const scenario = await findScenario(options.scenario);
  const extent = extentOf(options);
  const folder = await prepareReportFolder(
    resolve(options.reports),
    createRunId(start.at, [reference, candidate]),
  );
  let kept = false;
  try {
    const contest = await qualify(
      { reference, candidate, ...options },
      shell.signal,
      (stage, line) => progress.show(stage, () => line),
    );
    const session = await runSession({
      arms: armsOf(contest),
      scenario,
      policy: contest.policy,
      seed: start.seed,
      shape: options.smoke === true ? SMOKE_SHAPE : shapeForBudget(extent.budgetMs),
      ...extent,
      decide: createDecider(extent),
      signal: shell.signal,
      onProgress: (now) =>
        progress.show(`round ${now.round}`, () => sessionLine(now, interimRatios(now.done))),
    });
    progress.end();
    if (session.rounds.length === 0) shell.signal.throwIfAborted();
    const report = makeReport(shell, start, { contest, scenario, session, runId: folder.runId });
    await writeReport(folder, reportFiles(report));
    kept = true;
    shell.out(render(report, folder.path, options));
    shell.exit(exitCodeOfVerdict(report.verdict));
  } finally {
    progress.end();
    if (!kept) await folder.discard();
  }
}

interface RunStart {
  readonly at: Date;
  readonly monotonicMs: number;
  readonly seed: number;
}

interface Measured {
  readonly contest: Contest;
  readonly scenario: Scenario;
  readonly session: SessionResult;
  readonly runId: string;
}

function makeReport(
  shell: Shell,
  start: RunStart,
  { contest, scenario, session, runId }: Measured,
): ReportDocument {
  const { rounds, complete, histograms } = session;
  return buildReport({
    toolVersion: toolVersion(),
    run: {
      id: runId,
      startedAt: start.at.toISOString(),
      durationMs: performance.now() - start.monotonicMs,
      seed: start.seed,
      command: `hopmark ${shell.argv.slice(2).join(' ')}`,
    },
    environment: describeEnvironment(session.stealFraction),
    scenarios: [{ name: scenario.name, title: scenario.title, hash: scenarioHash(scenario) }],
    policy: { file: contest.policyFile, rules: contest.rules },
    arms: describeArms(contest),
    rounds,
    judgement: judge(rounds, {
      arms: armsOf(contest),
      level: LEVEL,
      thresholds: {},
      complete,
      warnings: [...contest.warnings, ...session.warnings],
    }),
    complete,
    histograms,
  });
}

function render(report: ReportDocument, folder: string, options: CompareOptions): string {
  if (options.json === true) return renderJson(report);
  return renderTerminal(report, {
    color: wantsColor(process.stdout, options.color),
    width: process.stdout.columns ?? DEFAULT_COLUMNS,
    folder: relative(process.cwd(), folder),
  });
}

/** What is known so far, for the progress line. */
function interimRatios(rounds: readonly Round[]): string {
  const shown = { 'hop-p50': 'hop', 'cpu-per-request': 'cpu' } as const;
  const ratios = (['hop-p50', 'cpu-per-request'] as const).flatMap((metric) => {
    const logs = rounds.flatMap(({ arms }) => {
      const [candidate, reference] = [
        arms.candidate?.values[metric],
        arms.reference?.values[metric],
      ];
      return candidate === undefined || reference === undefined ? [] : [candidate / reference];
    });
    return logs.length === 0 ? [] : [`${shown[metric]} ${formatRatio(median(logs))}`];
  });
  return ratios.join(', ');
}

function drawSeed(): number {
  return randomInt(2 ** 32);
}

/** Flags into the session's bounds: rounds alone are bounded by nothing but themselves. */
function extentOf(options: CompareOptions): Pick<SessionOptions, 'budgetMs' | 'rounds'> {
  const rounds = options.rounds ?? (options.smoke === true ? SMOKE_ROUNDS : null);
  return {
    rounds,
    budgetMs: options.budget ?? (rounds === null ? DEFAULT_BUDGET_MS : Number.POSITIVE_INFINITY),
  };
}
