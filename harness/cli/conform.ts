/**
 * `hopmark conform IMPL`: the conformance table of one implementation.
 */
import { Command, Option } from 'commander';
import { CONFORMANCE_CASES, type ConformanceCase } from '../../impls/conformance/index.ts';
import type { Tier } from '../../impls/contract.ts';
import { renderConformance } from '../conformance/render.ts';
import type { ConformanceResult } from '../model/conformance.ts';
import { HopmarkError } from '../model/error.ts';
import { type LoopbackAddress, parseOrigin } from '../sut/loopback-address.ts';
import { claimedCases, holdAgainst, type Identity, probe } from './conformance-run.ts';
import { EXIT } from './exit-code.ts';
import { ProgressLine } from './progress.ts';
import { checkUrls, ORIGIN_HELP } from './proxy-url.ts';
import { type Shell, wantsColor } from './shell.ts';

interface ConformOptions {
  readonly case?: readonly string[];
  readonly tier?: Tier;
  readonly fast?: boolean;
  readonly origin?: LoopbackAddress;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color: boolean;
}

const HELP = `
Examples:
  $ hopmark conform optimized
  $ hopmark conform nginx
  $ hopmark conform http://127.0.0.1:8080 --origin 127.0.0.1:9000
  $ hopmark conform ./my-proxy.ts --tier forwarding
  $ hopmark conform ./my-proxy.ts --case hop-by-hop-removed     one case, with its bytes

Exit codes: 0 every case that ran holds; 1 some case fails; 2 usage; 4 the proxy can't be started.`;

const DEFAULT_COLUMNS = 80;

/** The command. */
export function conformCommand(shell: Shell): Command {
  return new Command('conform')
    .description('hold one implementation against the conformance suite')
    .argument('<implementation>', 'a name (baseline, optimized, nginx ...), a module or a URL')
    .option('--case <id...>', 'only these cases')
    .addOption(
      new Option('--tier <tier>', 'only the cases of one tier, claimed or not').choices([
        'forwarding',
        'strict',
        'policy',
      ]),
    )
    .option('--fast', 'only the fast subset that runs before every comparison')
    .option('--origin <address>', ORIGIN_HELP, parseOrigin)
    .option('--json', 'one JSON document on standard output')
    .option('-q, --quiet', 'no progress')
    .addHelpText('after', HELP)
    .action(async (spec: string, options: ConformOptions) => conform(shell, spec, options));
}

async function conform(shell: Shell, spec: string, options: ConformOptions): Promise<void> {
  checkUrls([spec], options.origin);
  const identity = await probe(spec, shell.signal);
  const cases = selectCases(identity, options);
  const progress = new ProgressLine({
    write: shell.err,
    isTerminal: process.stderr.isTTY === true,
    columns: process.stderr.columns ?? DEFAULT_COLUMNS,
    nowMs: () => performance.now(),
  });
  const result = await holdAgainst(
    spec,
    identity,
    cases,
    shell.signal,
    ({ done, total, latest }) => {
      if (options.quiet !== true)
        progress.show('cases', () => `${done} of ${total} cases, ${latest.id}`);
    },
    { originAt: options.origin },
  );
  progress.end();
  shell.out(render(spec, identity, result, options));
  const failed = result.cases.some(({ status }) => status === 'failed');
  shell.exit(failed ? EXIT.failed : EXIT.held);
}

function selectCases(identity: Identity, options: ConformOptions): readonly ConformanceCase[] {
  if (options.case !== undefined) return options.case.map(findCase);
  if (options.tier !== undefined) {
    return CONFORMANCE_CASES.filter(
      ({ tier, fast }) => tier === options.tier && (options.fast !== true || fast === true),
    );
  }
  return claimedCases(identity, options.fast === true);
}

function findCase(id: string): ConformanceCase {
  const found = CONFORMANCE_CASES.find((one) => one.id === id);
  if (found !== undefined) return found;
  throw new HopmarkError('user', 'unknown-case', `There is no conformance case '${id}'.`, {
    remedy: 'hopmark conform IMPL --json lists all ids.',
  });
}

function render(
  spec: string,
  identity: Identity,
  result: ConformanceResult,
  options: ConformOptions,
): string {
  if (options.json === true) {
    const { name, version, capabilities } = identity;
    return `${JSON.stringify({ schemaVersion: 1, implementation: { spec, name, version, capabilities }, ...result }, null, 2)}\n`;
  }
  const text = renderConformance(result, {
    implementation: spec,
    color: wantsColor(process.stdout, options.color),
    width: process.stdout.columns ?? DEFAULT_COLUMNS,
  });
  return text.endsWith('\n') ? text : `${text}\n`;
}
