/**
 * `hopmark soak IMPL`: one implementation under open load for a long time, its memory read after
 * forced collections: does any stay behind, and does it stay within its limit?
 */
import { Command, Option } from 'commander';
import type { SessionSettings } from '../load/session.ts';
import { runSoak } from '../load/soak-session.ts';
import { HopmarkError } from '../model/error.ts';
import { SCENARIO_NAMES } from '../scenarios/scenarios.ts';
import { driverDoubts } from '../verdict/open-loop.ts';
import { judgeLeak, judgeMemory, judgeSoak } from '../verdict/soak.ts';
import { type MeasuredLoad, runLoadCommand } from './load-run.ts';
import { parseConnections, parseDuration, parseMemory, parseRate, parseSeed } from './option.ts';
import type { Shell } from './shell.ts';

interface SoakOptions {
  readonly concurrent: number;
  readonly duration: number;
  readonly maxMemory: number;
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

const HELP = `
Requests leave by a schedule fixed beforehand. Between stretches of it all are answered, garbage is
collected, and what the process still holds is read: a leak keeps bytes for each request. Of its
resident size what it took before the first request is not counted: that is Node. MB are 1,000,000 bytes.

Examples:
  $ hopmark soak optimized --max-memory 100MB --duration 300s
  $ hopmark soak ./my-proxy.ts --duration 60s --rate 5000

Exit codes: 0 no leak, and within its limit; 1 a leak, too much memory, or requests that failed;
2 usage; 3 can't tell, or incomplete; 4 the proxy or the machine failed; 130, 143 interrupted.`;

const LEAST_MS = 10_000;
const MOST_MS = 24 * 3_600_000;
const SMOKE_MS = 1000;
const SMOKE_CONNECTIONS = 10;

/** The command. */
export function soakCommand(shell: Shell): Command {
  return new Command('soak')
    .description('put one implementation under load for long and look whether it leaks')
    .argument('<implementation>', 'a built-in name (baseline, optimized) or a path to a module')
    .option('--max-memory <size>', 'what it may add to its idle size', parseMemory, 100e6)
    .option('--duration <duration>', 'time under load, from 10s on', parseDuration, 300_000)
    .option('--concurrent <count>', 'open connections', parseConnections, 100)
    .option('--rate <per second>', 'requests a second (default: half of the capacity)', parseRate)
    .addOption(
      new Option('--arrivals <kind>', 'how requests are spaced')
        .choices(['constant', 'poisson'])
        .default('constant'),
    )
    .option('--seed <number>', 'seed of traffic and arrivals (default: drawn anew)', parseSeed)
    .option(
      '--scenario <name>',
      `${SCENARIO_NAMES.join(', ')}, or a path to one`,
      SCENARIO_NAMES[0],
    )
    .option('--policy <file>', 'the rules that the proxy runs (default: examples/policy.yaml)')
    .option('--full-conformance', 'run the whole conformance suite first, not its fast subset')
    .option('--smoke', 'a second of load, to see that all works: no verdict comes of it')
    .option('--reports <folder>', 'where the report folder is made', 'reports')
    .option('--json', 'the report document on standard output, all else on standard error')
    .option('-q, --quiet', 'no progress')
    .addHelpText('after', HELP)
    .action(async (implementation: string, options: SoakOptions) =>
      soak(shell, implementation, options),
    );
}

async function soak(shell: Shell, implementation: string, options: SoakOptions): Promise<void> {
  const { duration, concurrent, maxMemory, ...rest } = options;
  if (duration < LEAST_MS || duration > MOST_MS) {
    throw new HopmarkError('user', 'bad-duration', 'a soak takes from 10s to 24h', {
      remedy: 'Give another --duration; memory that grows shows only after a while.',
    });
  }
  const smoke = options.smoke === true;
  const request = {
    ...rest,
    implementation,
    command: 'soak',
    modulesOnly: true,
    connections: smoke ? Math.min(SMOKE_CONNECTIONS, concurrent) : concurrent,
    durationMs: smoke ? SMOKE_MS : duration,
  };
  await runLoadCommand(shell, request, (settings) => measureSoak(settings, maxMemory));
}

async function measureSoak(
  settings: SessionSettings,
  maxMemoryBytes: number,
): Promise<MeasuredLoad> {
  const { load, proxy, timeline, readings, idleRssBytes, handles, percentileText, ...end } =
    await runSoak({ ...settings, maxMemoryBytes });
  const { complete } = end;
  const doubts = driverDoubts(proxy);
  const leak = judgeLeak(readings);
  const memory = judgeMemory(readings, { idleRssBytes, maxMemoryBytes });
  return {
    end,
    percentileText,
    document: (base, warnings) => ({
      ...base,
      kind: 'soak',
      load,
      maxMemoryBytes,
      proxy,
      timeline,
      readings,
      leak,
      memory,
      handles,
      // A late driver spoils latencies, which a soak shows and does not judge.
      validity: { valid: true, complete, warnings: [...warnings, ...doubts] },
      ...judgeSoak({ proxy, leak, memory, complete, smoke: settings.smoke }),
    }),
  };
}
