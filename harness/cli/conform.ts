/**
 * `hopmark conform`: the conformance table of one implementation, or the matrix of several.
 */
import { Command, Option } from 'commander';
import { CONFORMANCE_CASES, type ConformanceCase } from '../../impls/conformance/index.ts';
import type { Tier } from '../../impls/contract.ts';
import { BUILT_IN_NAMES } from '../../impls/registry.ts';
import { matrixMarkdown } from '../conformance/matrix-markdown.ts';
import { renderConformance } from '../conformance/render.ts';
import { renderMatrix } from '../conformance/render-matrix.ts';
import type { ConformanceMatrix, ConformanceResult } from '../model/conformance.ts';
import { HopmarkError } from '../model/error.ts';
import { type LoopbackAddress, parseOrigin } from '../sut/loopback-address.ts';
import { BUILT_IN_HELP } from './built-in-help.ts';
import { exitCodeOfMatrix, runMatrix } from './conform-matrix.ts';
import { claimedCases, holdAgainst, type Identity, probe } from './conformance-run.ts';
import { EXIT } from './exit-code.ts';
import { ProgressLine } from './progress.ts';
import { checkUrls, ORIGIN_HELP } from './proxy-url.ts';
import { type Shell, wantsColor } from './shell.ts';

interface ConformOptions {
  readonly all?: boolean;
  readonly case?: readonly string[];
  readonly tier?: Tier;
  readonly fast?: boolean;
  readonly origin?: LoopbackAddress;
  readonly json?: boolean;
  readonly markdown?: boolean;
  readonly quiet?: boolean;
  readonly color: boolean;
}

const HELP = `
One implementation gives its table, with the bytes of each failure; several, or --all, give a matrix
against tiers and families, where what a proxy declares that it cannot meet is a fact and no failure.

${BUILT_IN_HELP}

Examples:
  $ hopmark conform optimized
  $ hopmark conform nginx
  $ hopmark conform http://127.0.0.1:8080 --origin 127.0.0.1:9000
  $ hopmark conform ./my-proxy.ts --tier forwarding
  $ hopmark conform ./my-proxy.ts --case hop-by-hop-removed     one case, with its bytes
  $ hopmark conform ./my-proxy.ts httpxy fast-proxy             side by side
  $ hopmark conform --all --markdown > conformance.md

Exit codes: 0 every case that is claimed holds; 1 some such case fails; 2 usage; 3 one that was named
is not installed here; 4 a proxy can't be started.`;

const DEFAULT_COLUMNS = 80;

/** The command. */
export function conformCommand(shell: Shell): Command {
  return new Command('conform')
    .description('hold implementations against the conformance suite')
    .argument('[implementations...]', 'built-in names, paths to modules, or a URL')
    .option('--all', 'every built-in name')
    .option('--case <id...>', 'only these cases, declared as not met or not')
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
    .option('--markdown', 'a matrix in Markdown, with the bytes of what is not met folded away')
    .option('-q, --quiet', 'no progress')
    .addHelpText('after', HELP)
    .action(async (specs: readonly string[], options: ConformOptions) => {
      const all = [...new Set([...(options.all === true ? BUILT_IN_NAMES : []), ...specs])];
      const [only] = all;
      if (only === undefined) throw nobodyNamed();
      const one = all.length === 1 && options.markdown !== true && options.all !== true;
      if (one) await conform(shell, only, options);
      else await conformAll(shell, all, specs, options);
    });
}

function nobodyNamed(): HopmarkError {
  return new HopmarkError(
    'user',
    'no-implementation',
    'Name an implementation, or --all of them.',
    {
      remedy: 'hopmark conform --help lists the built-in names.',
    },
  );
}

async function conform(shell: Shell, spec: string, options: ConformOptions): Promise<void> {
  checkUrls([spec], options.origin);
  const identity = await probe(spec, shell.signal);
  const cases = selectCases(identity, options);
  const progress = progressLine(shell);
  // Who names a case wants to see it, declared or not.
  const skips = options.case === undefined ? identity.skips : [];
  const result = await holdAgainst(
    spec,
    { ...identity, skips },
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
  const declared = identity.skips.map((skip) => skip.case);
  const failed = result.cases.some((one) => one.status === 'failed' && !declared.includes(one.id));
  shell.exit(failed ? EXIT.failed : EXIT.held);
}

async function conformAll(
  shell: Shell,
  specs: readonly string[],
  named: readonly string[],
  options: ConformOptions,
): Promise<void> {
  const progress = progressLine(shell);
  const matrix = await runMatrix({
    specs,
    select: (identity) => selectCases(identity, options),
    originAt: options.origin,
    signal: shell.signal,
    onProgress: (stage, line) => {
      if (options.quiet !== true) progress.show(stage, () => line);
    },
  });
  progress.end();
  shell.out(renderAll(matrix, options));
  shell.exit(exitCodeOfMatrix(matrix, named));
}

function progressLine(shell: Shell): ProgressLine {
  return new ProgressLine({
    write: shell.err,
    isTerminal: process.stderr.isTTY === true,
    columns: process.stderr.columns ?? DEFAULT_COLUMNS,
    nowMs: () => performance.now(),
  });
}

/** The named cases, those of a tier, or those of what is claimed; of who claims nothing, the lowest. */
function selectCases(identity: Identity, options: ConformOptions): readonly ConformanceCase[] {
  if (options.case !== undefined) return options.case.map(findCase);
  if (options.tier !== undefined) return casesOf(options.tier, options.fast === true);
  if (identity.capabilities.length === 0) return casesOf('forwarding', options.fast === true);
  return claimedCases(identity, options.fast === true);
}

function casesOf(wanted: Tier, fastOnly: boolean): readonly ConformanceCase[] {
  return CONFORMANCE_CASES.filter(
    ({ tier, fast }) => tier === wanted && (fast === true || !fastOnly),
  );
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
    declared: new Map(identity.skips.map((skip) => [skip.case, skip.reason])),
  });
  return text.endsWith('\n') ? text : `${text}\n`;
}

function renderAll(matrix: ConformanceMatrix, options: ConformOptions): string {
  if (options.json === true) {
    return `${JSON.stringify({ schemaVersion: 1, implementations: matrix.rows }, null, 2)}\n`;
  }
  if (options.markdown === true) return matrixMarkdown(matrix, { evidence: true, level: 2 });
  return renderMatrix(matrix, {
    color: wantsColor(process.stdout, options.color),
    width: process.stdout.columns ?? DEFAULT_COLUMNS,
  });
}
