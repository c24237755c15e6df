/**
 * `hopmark bench suite`: every built-in scenario one after the other, each a run and a report of its
 * own, and the plan's targets together at the end. A scenario that fails does not end the others. It
 * measures nothing itself: it is handed what runs one.
 */
import { SATURATION_CONNECTIONS } from '../load/saturation-session.ts';
import type { TargetResult } from '../model/report.ts';
import { formatCount, formatDuration, formatList } from '../report/number.ts';
import { renderTargets } from '../report/target-table.ts';
import { SCENARIO_NAMES } from '../scenarios/scenarios.ts';
import { EXIT, type ExitCode, exitCodeOfError } from './exit-code.ts';
import { errorLines } from './message.ts';
import { ALL_COMPONENTS } from './scenario-choice.ts';
import { type Shell, wantsColor } from './shell.ts';

/** What is measured by one run of the suite, and the time for it. */
export interface SuitePart {
  readonly scenario: string;
  readonly budgetMs: number;
}

/** What a user may say of the whole suite. */
export interface SuiteOptions {
  /** Milliseconds for all of it. */
  readonly budget?: number;
  readonly smoke?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly debug?: boolean;
  readonly color: boolean;
}

/** Runs a part, prints it to the shell it is given, and says which targets it was held against. */
export type RunPart = (shell: Shell, part: SuitePart) => Promise<readonly TargetResult[]>;

interface PartOutcome {
  readonly scenario: string;
  readonly exitCode: ExitCode;
  /** What it printed, or the error that ended it. */
  readonly output: string;
  readonly targets: readonly TargetResult[];
}

const SUITE_MS = 17 * 60_000;
/** Components are many and short, closed loops few and short; the rest is shared out evenly. */
const COMPONENTS_SHARE = 0.12;
const SATURATION_SHARE = 0.01;
const SMOKE_RUNS_AT_ONCE = 2;
const DEFAULT_COLUMNS = 80;

/** The parts of a suite that takes so many milliseconds; of a smoke run without most closed loops. */
export function suiteParts(budgetMs: number, smoke = false): readonly SuitePart[] {
  const saturations = SATURATION_CONNECTIONS.map((count) => `concurrency-${count}`);
  const traffic = 1 - COMPONENTS_SHARE - saturations.length * SATURATION_SHARE;
  const part = (scenario: string, share: number): SuitePart => ({
    scenario,
    budgetMs: Math.round(share * budgetMs),
  });
  return [
    part(ALL_COMPONENTS, COMPONENTS_SHARE),
    ...SCENARIO_NAMES.map((name) => part(name, traffic / SCENARIO_NAMES.length)),
    ...(smoke ? saturations.slice(0, 1) : saturations).map((name) => part(name, SATURATION_SHARE)),
  ];
}

/**
 * Runs the suite and prints it. The exit code is that of the worst part: a failed or regressed one, a
 * broken one, an undecided one. An interrupt ends it after the part that it met.
 */
export async function runSuite(shell: Shell, options: SuiteOptions, run: RunPart): Promise<void> {
  const parts = suiteParts(options.budget ?? SUITE_MS, options.smoke);
  const found = new Map<SuitePart, PartOutcome>();
  const left = parts.entries();
  const runNext = async (): Promise<void> => {
    for (const [index, part] of left) {
      if (shell.signal.aborted) return;
      if (options.quiet !== true) shell.err(suiteLine(parts, index, options));
      const outcome = await outcomeOf(shell, part, options, run);
      found.set(part, outcome);
      if (options.json !== true) shell.out(`${outcome.output}\n`);
    }
  };
  // Nothing is measured by smoke runs, so that they may be in each other's way.
  const atOnce = options.smoke === true ? SMOKE_RUNS_AT_ONCE : 1;
  const runners = await Promise.allSettled(Array.from({ length: atOnce }, runNext));
  const failed = runners.find((runner) => runner.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  const outcomes = parts.flatMap((part) => found.get(part) ?? []);
  shell.out(options.json === true ? suiteJson(outcomes) : closing(outcomes, parts, options));
  shell.exit(worstOf(outcomes));
}

function suiteLine(parts: readonly SuitePart[], index: number, { smoke }: SuiteOptions): string {
  const leftMs = parts.slice(index).reduce((sum, { budgetMs }) => sum + budgetMs, 0);
  const left = smoke === true ? '' : `, about ${formatDuration(leftMs)} left`;
  return `[${index + 1}/${parts.length}] ${parts[index]?.scenario ?? ''}${left}\n`;
}

async function outcomeOf(
  shell: Shell,
  part: SuitePart,
  { debug }: SuiteOptions,
  run: RunPart,
): Promise<PartOutcome> {
  let output = '';
  let exitCode: ExitCode = EXIT.held;
  const captured: Shell = {
    ...shell,
    out: (text) => {
      output += text;
    },
    exit: (code) => {
      exitCode = code;
    },
  };
  const { scenario } = part;
  try {
    const targets = await run(captured, part);
    return { scenario, exitCode, output, targets };
  } catch (error) {
    const code = exitCodeOfError(error);
    // What the user got wrong is as wrong in every other part.
    if (code === EXIT.usage) throw error;
    const lines = shell.signal.aborted ? [] : errorLines(error, debug === true);
    return { scenario, exitCode: code, output: `${lines.join('\n')}\n`, targets: [] };
  }
}

/** The order in which codes of parts count for the whole. */
const WORST_FIRST: readonly ExitCode[] = [EXIT.failed, EXIT.broken, EXIT.inconclusive];

function worstOf(outcomes: readonly PartOutcome[]): ExitCode {
  const codes = new Set(outcomes.map(({ exitCode }) => exitCode));
  return WORST_FIRST.find((code) => codes.has(code)) ?? EXIT.held;
}

function suiteJson(outcomes: readonly PartOutcome[]): string {
  const parts = outcomes.map(({ scenario, exitCode, output, targets }) => ({
    ...{ scenario, exitCode, targets },
    ...documentIn(output),
  }));
  return `${JSON.stringify({ schemaVersion: 1, parts }, null, 2)}\n`;
}

/** A part printed a document, or the lines of an error. */
function documentIn(output: string): { readonly document: unknown } | { readonly error: string } {
  try {
    return { document: JSON.parse(output) };
  } catch {
    return { error: output.trim() };
  }
}

function closing(
  outcomes: readonly PartOutcome[],
  parts: readonly SuitePart[],
  { color }: SuiteOptions,
): string {
  const table = renderTargets(
    outcomes.flatMap(({ targets }) => targets),
    {
      color: wantsColor(process.stdout, color),
      width: process.stdout.columns ?? DEFAULT_COLUMNS,
    },
  );
  const failed = outcomes.filter(({ exitCode }) => exitCode === EXIT.failed);
  const broken = outcomes.filter(({ exitCode }) => exitCode === EXIT.broken);
  const named = (what: string, some: readonly PartOutcome[]): string =>
    some.length === 0 ? '' : `; ${what}: ${formatList(some.map(({ scenario }) => scenario))}`;
  const of = outcomes.length === parts.length ? '' : ` of ${parts.length}`;
  return `${table}\n${formatCount(outcomes.length, 'scenario')}${of} measured${named('failed', failed)}${named('broken', broken)}.\n`;
}
