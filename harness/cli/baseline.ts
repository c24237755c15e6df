/** `hopmark baseline list|show|diff`: what is saved, and two saved runs against each other. */
import { relative, resolve } from 'node:path';
import { Command } from 'commander';
import { HopmarkError } from '../model/error.ts';
import { renderAgainst, renderFigures } from '../report/baseline-table.ts';
import { layoutTable } from '../report/layout.ts';
import { createPaint } from '../report/style.ts';
import { baselinePath, listBaselines, type SavedBaseline } from '../store/saved-baseline.ts';
import { machineFingerprint } from '../sut/machine.ts';
import { judgeAgainst } from '../verdict/against-baseline.ts';
import { EXIT, exitCodeOfVerdict } from './exit-code.ts';
import { BASELINES_FOLDER, checkScenarios, loadBaseline } from './saved-baselines.ts';
import { type Shell, wantsColor } from './shell.ts';

interface BaselineOptions {
  readonly baselines: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color: boolean;
}

const HELP = `
Examples:
  $ hopmark baseline list
  $ hopmark baseline show before-optimization
  $ hopmark baseline diff before-optimization phase-1-complete

Exit codes: 0 done, or the second is improved or unchanged; 1 it regressed; 2 usage, or a baseline
that can't be used; 3 inconclusive.`;

const DEFAULT_COLUMNS = 80;

/** The command. */
export function baselineCommand(shell: Shell): Command {
  const command = new Command('baseline')
    .description('list, show and compare saved baselines')
    .addHelpText('after', HELP);
  const add = (usage: string, description: string): Command =>
    command
      .command(usage)
      .description(description)
      .option('--baselines <folder>', 'where baselines are kept', BASELINES_FOLDER)
      .option('--json', 'one JSON document on standard output')
      .option('-q, --quiet', 'accepted as everywhere; there is no progress')
      .option('--no-color', 'no colour, as NO_COLOR does')
      .option('--debug', 'show stack traces with errors')
      .showHelpAfterError('(run with --help for usage)')
      .exitOverride()
      .configureOutput({ writeOut: shell.out, writeErr: shell.err });
  add('list', 'every saved baseline').action((options: BaselineOptions) => list(shell, options));
  add('show <name>', 'what one holds').action((name: string, options: BaselineOptions) =>
    show(shell, name, options),
  );
  add('diff <before> <after>', 'judge one by another').action(
    (before: string, after: string, options: BaselineOptions) =>
      diff(shell, before, after, options),
  );
  return command;
}

/** A line of the list: what is saved, or why it can't be read. */
type Entry =
  | (Summary & { readonly name: string; readonly error: null })
  | { readonly name: string; readonly error: string };

interface Summary {
  readonly savedAt: string;
  readonly implementation: SavedBaseline['implementation'];
  readonly reference: string;
  readonly scenarios: SavedBaseline['scenarios'];
  readonly rounds: number;
  readonly fingerprint: string;
  readonly sameMachine: boolean;
}

function summarize({ report, ...saved }: SavedBaseline): Summary {
  return {
    savedAt: saved.savedAt,
    implementation: saved.implementation,
    reference: report.arms.find(({ role }) => role === 'reference')?.name ?? '',
    scenarios: saved.scenarios,
    rounds: report.run.rounds,
    fingerprint: saved.fingerprint,
    sameMachine: saved.fingerprint === machineFingerprint(),
  };
}

async function list(shell: Shell, options: BaselineOptions): Promise<void> {
  const entries: Entry[] = [];
  for (const name of await listBaselines(resolve(options.baselines))) {
    entries.push(await entryOf(name, options.baselines));
  }
  if (options.json === true) {
    shell.out(`${JSON.stringify({ schemaVersion: 1, baselines: entries }, null, 2)}\n`);
  } else if (entries.length === 0) {
    shell.out(`There are no baselines in ${options.baselines}.\n`);
  } else {
    shell.out(listText(entries, options));
  }
  shell.exit(EXIT.held);
}

async function entryOf(name: string, folder: string): Promise<Entry> {
  try {
    return { name, ...summarize(await loadBaseline(folder, name)), error: null };
  } catch (error) {
    // One file that is wrong does not hide the others.
    if (error instanceof HopmarkError) return { name, error: error.message };
    throw error;
  }
}

function listText(entries: readonly Entry[], options: BaselineOptions): string {
  const rows = entries.map((entry) =>
    (entry.error === null
      ? [
          entry.name,
          entry.implementation.name,
          Object.keys(entry.scenarios).join(', '),
          String(entry.rounds),
          entry.savedAt.slice(0, 'YYYY-MM-DD'.length),
          entry.sameMachine ? 'this machine' : 'another machine',
        ]
      : [entry.name, `unusable: ${entry.error}`]
    ).map((text) => ({ text })),
  );
  const head = ['name', 'measured', 'scenario', 'rounds', 'saved', ''].map((text) => ({
    text,
    style: 'dim' as const,
  }));
  const left = { align: 'left' as const };
  const lines = layoutTable(
    [left, left, left, { align: 'right' }, left, left],
    [head, ...rows],
    layoutOf(options),
  );
  return `${lines.join('\n')}\n`;
}

async function show(shell: Shell, name: string, options: BaselineOptions): Promise<void> {
  const saved = await loadBaseline(options.baselines, name);
  if (options.json === true) {
    shell.out(`${JSON.stringify(saved, null, 2)}\n`);
  } else {
    const { cpuModel, cpuCount, os, node, commit } = saved.report.environment;
    const path = relative(process.cwd(), baselinePath(resolve(options.baselines), name));
    const machine = summarize(saved).sameMachine ? 'this machine' : 'another machine';
    shell.out(
      [
        renderFigures(saved.report, layoutOf(options)),
        `  saved    ${saved.savedAt}, ${path}`,
        `  machine  ${machine}: ${cpuCount} CPUs ${cpuModel}, ${os}, Node ${node}`,
        `  commit   ${commit ?? 'none'}`,
        `  by       ${saved.report.run.command}\n`,
      ].join('\n'),
    );
  }
  shell.exit(EXIT.held);
}

async function diff(
  shell: Shell,
  before: string,
  after: string,
  options: BaselineOptions,
): Promise<void> {
  const saved = await loadBaseline(options.baselines, before);
  const current = await loadBaseline(options.baselines, after);
  checkScenarios(current.scenarios, saved, before);
  const judged = judgeAgainst(current.report, saved.report);
  shell.out(
    options.json === true
      ? `${JSON.stringify({ schemaVersion: 1, before, after, ...judged }, null, 2)}\n`
      : renderAgainst(judged, { current: after, saved: before }, layoutOf(options)),
  );
  shell.exit(exitCodeOfVerdict(judged.verdict));
}

function layoutOf({ color }: BaselineOptions): {
  readonly color: boolean;
  readonly width: number;
  readonly paint: ReturnType<typeof createPaint>;
} {
  const wanted = wantsColor(process.stdout, color);
  const width = process.stdout.columns ?? DEFAULT_COLUMNS;
  return { color: wanted, width, paint: createPaint(wanted) };
}
