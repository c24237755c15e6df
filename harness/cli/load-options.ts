/** The options that `load` and `soak` have in common, and what they come to. */
import { type Command, Option } from 'commander';
import type { SessionSettings } from '../load/session.ts';
import { SCENARIO_NAMES } from '../scenarios/scenarios.ts';
import { parseRate, parseSeed } from './option.ts';
import { TRAFFIC_HELP } from './scenario-choice.ts';

export interface CommonLoadOptions {
  readonly rate?: number;
  readonly arrivals: SessionSettings['arrivals'];
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

const SMOKE_MS = 1000;
const SMOKE_CONNECTIONS = 10;

/** Adds them to a command. */
export function addLoadOptions(command: Command): Command {
  return command
    .option('--rate <per second>', 'requests a second (default: half of the capacity)', parseRate)
    .addOption(
      new Option('--arrivals <kind>', 'how requests are spaced')
        .choices(['constant', 'poisson'])
        .default('constant'),
    )
    .option('--seed <number>', 'seed of traffic and arrivals (default: drawn anew)', parseSeed)
    .option('--scenario <name>', TRAFFIC_HELP, SCENARIO_NAMES[0])
    .option('--policy <file>', 'the rules that the proxy runs (default: examples/policy.yaml)')
    .option('--full-conformance', 'run the whole conformance suite first, not its fast subset')
    .option('--smoke', 'a second of load, to see that all works: no verdict comes of it')
    .option('--reports <folder>', 'where the report folder is made', 'reports')
    .option('--json', 'the report document on standard output, all else on standard error')
    .option('--no-dashboard', 'progress in lines on a terminal too')
    .option('-q, --quiet', 'no progress');
}

/** The extent of a run; a smoke run is short and small whatever was asked for. */
export function extentOf(
  asked: { readonly connections: number; readonly durationMs: number },
  smoke: boolean,
): { readonly connections: number; readonly durationMs: number } {
  if (!smoke) return asked;
  return {
    connections: Math.min(SMOKE_CONNECTIONS, asked.connections),
    durationMs: SMOKE_MS,
  };
}
