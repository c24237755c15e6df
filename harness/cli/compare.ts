/**
 * `hopmark compare REF CAND`: conformance, then interleaved rounds, then one table, one verdict and
 * a report folder.
 */
import { Command } from 'commander';
import { SCENARIO_NAMES } from '../scenarios/scenarios.ts';
import type { Injection } from '../sut/injection.ts';
import { exitCodeOfVerdict } from './exit-code.ts';
import { parseInjection } from './inject-option.ts';
import { parseDuration, parseRounds, parseSeed } from './option.ts';
import { runScenario } from './run-scenario.ts';
import { SCENARIO_HELP } from './scenario-choice.ts';
import type { Shell } from './shell.ts';
import { renderFinished } from './show-report.ts';
import { readThresholds } from './threshold-option.ts';

interface CompareOptions {
  readonly budget?: number;
  readonly rounds?: number;
  readonly seed?: number;
  readonly scenario: string;
  readonly policy?: string;
  readonly fullConformance?: boolean;
  readonly inject?: Injection;
  readonly threshold: readonly string[];
  /** True unless it is switched off. */
  readonly attribution: boolean;
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
  $ hopmark compare optimized optimized --inject cpu=5% --threshold 'cpu-per-request: <= +2%'
  $ hopmark compare baseline optimized --scenario regex-cache,header-processing
  $ hopmark compare 'optimized?without=pools' optimized     what one part of it buys
  $ hopmark compare baseline optimized --json > report.json

Exit codes: 0 improved or unchanged; 1 regressed, or a proxy that answers wrongly; 2 usage;
3 inconclusive or incomplete; 4 a proxy or the machine failed; 130, 143 interrupted.`;

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
    .option('--scenario <name>', SCENARIO_HELP, SCENARIO_NAMES[0])
    .option('--policy <file>', 'the rules that every proxy runs (default: examples/policy.yaml)')
    .option('--full-conformance', 'run the whole conformance suite first, not its fast subset')
    .option(
      '--threshold <metric: limit>',
      "the change for the worse that is let pass, such as 'hop-p50: <= +2%'; repeatable",
      (one: string, all: readonly string[]) => [...all, one],
      [],
    )
    .option(
      '--inject <what>',
      'slow the candidate down on purpose: cpu=5% of its own cost, alloc=64 bytes a request',
      parseInjection,
    )
    .option('--no-attribution', 'do not profile both sides when something regressed')
    .option('--smoke', 'a few waves, to see that all works: no verdict comes of it')
    .option('--reports <folder>', 'where the report folder is made', 'reports')
    .option('--json', 'the report document on standard output, all else on standard error')
    .option('-q, --quiet', 'no progress')
    .addHelpText('after', HELP)
    .action(async (reference: string, candidate: string, options: CompareOptions) =>
      compare(shell, reference, candidate, options),
    );
}

async function compare(
  shell: Shell,
  reference: string,
  candidate: string,
  options: CompareOptions,
): Promise<void> {
  const thresholds = readThresholds({}, options.threshold);
  const { attribution, ...rest } = options;
  const finished = await runScenario(shell, {
    ...rest,
    ...(attribution ? {} : { attribution }),
    reference: { spec: reference },
    candidate: { spec: candidate },
    thresholds,
  });
  shell.out(renderFinished(finished, options));
  shell.exit(exitCodeOfVerdict(finished.report.verdict));
}
