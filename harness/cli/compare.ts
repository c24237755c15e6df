/**
 * `hopmark compare REF CAND`: conformance, then interleaved rounds, then one table, one verdict and
 * a report folder. With more candidates than one it ranks them.
 */
import { Command } from 'commander';
import { HopmarkError } from '../model/error.ts';
import { SCENARIO_NAMES } from '../scenarios/scenarios.ts';
import type { Injection } from '../sut/injection.ts';
import { type LoopbackAddress, parseOrigin } from '../sut/loopback-address.ts';
import { BUILT_IN_HELP } from './built-in-help.ts';
import { MOST_ARMS } from './contest-field.ts';
import { exitCodeOfVerdict } from './exit-code.ts';
import { parseInjection } from './inject-option.ts';
import { parseDuration, parseRounds, parseSeed, repeatable, SKIP_HELP } from './option.ts';
import { ORIGIN_HELP } from './proxy-url.ts';
import { exitCodeOfRanking } from './ranking-run.ts';
import { runScenario } from './run-scenario.ts';
import { SCENARIO_HELP } from './scenario-choice.ts';
import type { Shell } from './shell.ts';
import { renderFinished } from './show-report.ts';
import { readThresholds } from './threshold-option.ts';

interface CompareOptions {
  readonly budget?: number;
  readonly rounds?: number;
  readonly seed?: number;
  readonly origin?: LoopbackAddress;
  readonly scenario: string;
  readonly policy?: string;
  readonly fullConformance?: boolean;
  readonly skip: readonly string[];
  readonly inject?: Injection;
  readonly floor?: string;
  /** True unless it is switched off. */
  readonly policyRows: boolean;
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
Implementations are built-in names, paths to modules (.js, .mjs, .ts) whose default export is a
ProxyImplementation, a factory of a plain Node request listener or the definition of a command, or
the URL of a proxy that runs on this machine.

${BUILT_IN_HELP}

Examples:
  $ hopmark compare baseline optimized
  $ hopmark compare optimized ./my-proxy.ts --budget 60s
  $ hopmark compare optimized nginx --budget 30s
  $ hopmark compare http://127.0.0.1:8080 optimized --origin 127.0.0.1:9000
  $ hopmark compare optimized optimized --rounds 12 --seed 7     the same against itself
  $ hopmark compare optimized optimized --inject cpu=5% --threshold 'cpu-per-request: <= +2%'
  $ hopmark compare baseline optimized --scenario regex-cache,header-processing
  $ hopmark compare 'optimized?without=pools' optimized     what one part of it buys
  $ hopmark compare baseline optimized --json > report.json
  $ hopmark compare optimized baseline ./a.ts ./b.ts             a ranking of four
  $ hopmark compare optimized ./a.ts undici fast-proxy --floor splice

Exit codes: 0 improved or unchanged; 1 regressed, or a proxy that answers wrongly; 2 usage;
3 inconclusive or incomplete; of a ranking 0 if it is whole, whatever its order; 4 a proxy or the machine failed; 130, 143 interrupted.`;

/** The command. */
export function compareCommand(shell: Shell): Command {
  return new Command('compare')
    .description('measure two implementations side by side and judge the second by the first')
    .argument('<reference>', 'what it is compared with')
    .argument('<candidate...>', 'what is judged; several are ranked')
    .option(
      '--budget <duration>',
      'time for measuring, such as 60s (default: 90s; 15s an arm where there are more than six)',
      parseDuration,
    )
    .option(
      '--rounds <count>',
      'rounds to measure (default: as many as the budget holds)',
      parseRounds,
    )
    .option('--seed <number>', 'seed of traffic and orders (default: drawn anew)', parseSeed)
    .option('--scenario <name>', SCENARIO_HELP, SCENARIO_NAMES[0])
    .option('--policy <file>', 'the rules that every proxy runs (default: examples/policy.yaml)')
    .option('--origin <address>', ORIGIN_HELP, parseOrigin)
    .option('--full-conformance', 'run the whole conformance suite first, not its fast subset')
    .addOption(repeatable('--skip <case>', SKIP_HELP))
    .addOption(
      repeatable(
        '--threshold <metric: limit>',
        "the change for the worse that is let pass, such as 'hop-p50: <= +2%'",
      ),
    )
    .option(
      '--inject <what>',
      'slow the candidate down on purpose: cpu=5% of its own cost, alloc=64 bytes a request',
      parseInjection,
    )
    .option('--floor <name>', 'one more arm that is shown and never ranked, such as a TCP splice')
    .option(
      '--no-policy-rows',
      'in a ranking without a policy, do not measure those that have one with it on as well',
    )
    .option('--no-attribution', 'do not profile both sides when something regressed')
    .option('--smoke', 'a few waves, to see that all works: no verdict comes of it')
    .option('--reports <folder>', 'where the report folder is made', 'reports')
    .option('--json', 'the report document on standard output, all else on standard error')
    .option('--no-dashboard', 'progress in lines on a terminal too')
    .option('-q, --quiet', 'no progress')
    .addHelpText('after', HELP)
    .action(async (reference: string, candidates: readonly string[], options: CompareOptions) =>
      compare(shell, reference, candidates, options),
    );
}

async function compare(
  shell: Shell,
  reference: string,
  [candidate = '', ...others]: readonly string[],
  options: CompareOptions,
): Promise<void> {
  const thresholds = readThresholds({}, options.threshold);
  const { attribution, floor, origin, ...rest } = options;
  const several = others.length > 0;
  if (several) refuseInARanking(2 + others.length, options);
  const finished = await runScenario(shell, {
    ...rest,
    ...(origin === undefined ? {} : { originAt: origin }),
    ...(attribution ? {} : { attribution }),
    ...(several ? { others: others.map((spec) => ({ spec })) } : {}),
    ...(floor === undefined ? {} : { floor: { spec: floor } }),
    reference: { spec: reference },
    candidate: { spec: candidate },
    thresholds,
  });
  shell.out(renderFinished(finished, options));
  const { report } = finished;
  shell.exit(several ? exitCodeOfRanking(report) : exitCodeOfVerdict(report.verdict));
}

/** What makes no sense with several candidates, found before anything is started. */
function refuseInARanking(named: number, { floor, inject }: CompareOptions): void {
  const arms = named + (floor === undefined ? 0 : 1);
  if (arms > MOST_ARMS) {
    throw new HopmarkError('user', 'too-many-arms', `${arms} arms are too many for one run`, {
      remedy: `Name at most ${MOST_ARMS}, the reference and the floor among them.`,
    });
  }
  if (inject === undefined) return;
  throw new HopmarkError('user', 'inject-in-ranking', '--inject slows down one candidate', {
    remedy: 'Compare two: hopmark compare optimized optimized --inject cpu=5%.',
  });
}
