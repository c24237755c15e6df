/**
 * `hopmark gate`: judges this checkout's implementation by the same implementation of another
 * revision, both measured now and interleaved, under this checkout's harness; or by a saved
 * baseline. Configuration, revision, comparison, exit code; each stage is a file of its own.
 */
import { basename, join } from 'node:path';
import { Command, Option } from 'commander';
import { HopmarkError } from '../model/error.ts';
import type { Verdict } from '../model/report.ts';
import { fileIn, implementationFile } from '../revision/implementation-file.ts';
import { preparedRevision } from '../revision/prepared-revision.ts';
import { findRepository, resolveRevision, shortCommit } from '../revision/repository.ts';
import { revisionsFolder } from '../revision/revision-cache.ts';
import { describeEnvironment } from '../sut/machine.ts';
import { missedOf } from '../verdict/targets.ts';
import { probe } from './conformance-run.ts';
import { EXIT, type ExitCode, exitCodeOfVerdict } from './exit-code.ts';
import { type GateResult, gateByBaseline } from './gate-by-baseline.ts';
import { type GateOptions, type GateSettings, readSettings, shownBy } from './gate-settings.ts';
import { parseInjection } from './inject-option.ts';
import { parseDuration, parseRounds, parseSeed, repeatable } from './option.ts';
import { runScenario } from './run-scenario.ts';
import { BASELINES_FOLDER } from './saved-baselines.ts';
import { SCENARIO_HELP } from './scenario-choice.ts';
import type { Shell } from './shell.ts';
import { renderFinished } from './show-report.ts';

const HELP = `
The revision is checked out beside this one, installed and built once (then kept in the cache
folder), and both run interleaved. Settings come from hopmark.config.ts, .js or .json in the working
folder; flags win over them.

Examples:
  $ hopmark gate --against main --impl ./my-proxy.ts
  $ hopmark gate --against HEAD~1 --impl optimized --budget 60s
  $ hopmark gate --against v1.2.0 --threshold 'hop-p50: <= +2%' --threshold 'hop-p99: <= +100%'
  $ hopmark gate --against main --on-inconclusive neutral --json > report.json
  $ hopmark gate --baseline phase-1-complete --impl optimized

Exit codes: 0 held; 1 regressed, or a proxy that answers wrongly; 2 usage, a revision that cannot be
prepared, or a baseline that cannot be used; 3 inconclusive (0 with --on-inconclusive neutral); 4 a proxy or the machine failed;
130, 143 interrupted.`;

/** The command. */
export function gateCommand(shell: Shell): Command {
  return new Command('gate')
    .description(
      "judge this checkout's implementation by another revision's or a saved run, for CI",
    )
    .option('--against <revision>', 'the branch, tag or commit to judge by')
    .option('--baseline <name>', 'or the saved baseline to judge by')
    .option('--baselines <folder>', `where baselines are kept (default: ${BASELINES_FOLDER})`)
    .option('--impl <name>', 'what is judged: a name in impls/, or the path of a module')
    .addOption(
      repeatable(
        '--threshold <metric: limit>',
        "what is let pass, such as 'hop-p50: <= +5%', or 'off'",
      ),
    )
    .addOption(
      new Option(
        '--on-inconclusive <what>',
        'whether a gate that could not decide fails (default: fail)',
      ).choices(['fail', 'neutral']),
    )
    .option('--budget <duration>', 'time for measuring, such as 60s (default: 90s)', parseDuration)
    .option(
      '--rounds <count>',
      'rounds to measure (default: as many as the budget holds)',
      parseRounds,
    )
    .option('--seed <number>', 'seed of traffic and orders (default: drawn anew)', parseSeed)
    .option('--scenario <name>', SCENARIO_HELP)
    .option('--policy <file>', 'the rules that every proxy runs (default: examples/policy.yaml)')
    .option('--full-conformance', 'run the whole conformance suite first, not its fast subset')
    .option(
      '--inject <what>',
      'slow the candidate down on purpose: cpu=5% of its own cost, alloc=64 bytes a request',
      parseInjection,
    )
    .option('--no-attribution', 'do not profile both sides when something regressed')
    .option('--smoke', 'a few waves, to see that all works: no verdict comes of it')
    .option('--reports <folder>', 'where the report folder is made', 'reports')
    .option('--json', 'the report document on standard output, all else on standard error')
    .option('--no-dashboard', 'progress in lines on a terminal too')
    .option('-q, --quiet', 'no progress')
    .addHelpText('after', HELP)
    .action(async (options: GateOptions) => gate(shell, options));
}

/** Rounds from one look to the next: a gate that is decided need not go on. */
const LOOK_EVERY = 5;

async function gate(shell: Shell, options: GateOptions): Promise<void> {
  const by = judgedBy(options);
  const settings = await readSettings(options);
  const { report, verdict, text } =
    'baseline' in by
      ? await gateByBaseline(shell, by.baseline, { ...settings, ...shownBy(options) })
      : await gateByRevision(shell, by.against, settings, options);
  shell.out(text);
  if (verdict === 'inconclusive' && settings.onInconclusive === 'neutral') {
    shell.err('hopmark: inconclusive, and let pass because inconclusive is neutral here.\n');
  }
  const missed = missedOf(settings.targets, report.targets);
  for (const { name, scenario } of missed) {
    shell.err(`hopmark: the target ${name} is missed in ${scenario}.\n`);
  }
  const code = exitCodeOfGate(verdict, settings.onInconclusive);
  shell.exit(missed.length > 0 ? EXIT.failed : code);
}

function judgedBy({
  against,
  baseline,
}: GateOptions): { readonly against: string } | { readonly baseline: string } {
  if (against !== undefined && baseline === undefined) return { against };
  if (baseline !== undefined && against === undefined) return { baseline };
  const message = 'a gate judges by one thing: a revision or a saved baseline';
  const remedy = 'Give either --against REVISION or --baseline NAME.';
  throw new HopmarkError('user', 'bad-gate', message, { remedy });
}

async function gateByRevision(
  shell: Shell,
  revision: string,
  settings: GateSettings,
  options: GateOptions,
): Promise<GateResult> {
  const sides = await bothSides(shell, settings, revision, options.quiet === true);
  const { scenario, policy, budget, thresholds, targets } = settings;
  try {
    const finished = await runScenario(shell, {
      ...shownBy(options),
      ...sides,
      scenario,
      thresholds,
      targets,
      lookEvery: LOOK_EVERY,
      ...(options.attribution ? {} : { attribution: false }),
      ...(policy === undefined ? {} : { policy }),
      ...(budget === undefined ? {} : { budget }),
    });
    const { report } = finished;
    return { report, verdict: report.verdict, text: renderFinished(finished, options) };
  } catch (error) {
    throw aboutRevision(error, sides.reference, revision);
  }
}

/** The same file of two trees, and what reports call them. */
interface Sides {
  readonly reference: { readonly spec: string; readonly label: string };
  readonly candidate: { readonly spec: string; readonly label: string };
}

async function bothSides(
  shell: Shell,
  settings: GateSettings,
  revision: string,
  quiet: boolean,
): Promise<Sides> {
  const { implementation } = settings;
  const say = (line: string): void => {
    if (!quiet) shell.err(`${line}\n`);
  };
  const repository = await findRepository(process.cwd(), shell.signal);
  const commit = await resolveRevision(repository, revision, shell.signal);
  const file = implementationFile(implementation, repository.root, process.cwd());
  const here = fileIn(repository.root, file, 'this checkout');
  await probe(here, shell.signal);
  const { dirty, commit: head } = describeEnvironment(null);
  if (dirty) say('The working tree has changes that are not committed; they are judged with it.');
  if (head === commit && !dirty) say(`${revision} is what is checked out here.`);
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
    reference: { spec: fileIn(tree, file, `revision ${revision}`), label },
    candidate: { spec: here, label: name },
  };
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
