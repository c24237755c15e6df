/**
 * `hopmark soak IMPL`: one implementation under open load for a long time, its memory read after
 * forced collections: does any stay behind, and does it stay within its limit?
 */
import { Command, Option } from 'commander';
import type { SessionSettings } from '../load/session.ts';
import { runSoak } from '../load/soak-session.ts';
import { HopmarkError } from '../model/error.ts';
import { driverDoubts } from '../verdict/open-loop.ts';
import { judgeLeak, judgeMemory, judgeSoak } from '../verdict/soak.ts';
import { addLoadOptions, type CommonLoadOptions, extentOf } from './load-options.ts';
import { type MeasuredLoad, runLoadCommand } from './load-run.ts';
import { parseConnections, parseDuration, parseMemory } from './option.ts';
import type { Shell } from './shell.ts';

interface SoakOptions extends CommonLoadOptions {
  readonly concurrent: number;
  readonly duration: number;
  readonly maxMemory: number;
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

/** The command. */
export function soakCommand(shell: Shell): Command {
  const command = new Command('soak')
    .description('put one implementation under load for long and look whether it leaks')
    .argument('<implementation>', 'a built-in name (baseline, optimized) or a path to a module')
    .addOption(
      new Option('--max-memory <size>', 'what it may add to its idle size, from 1MB on')
        .argParser(parseMemory)
        .default(100e6, '100MB'),
    )
    .addOption(
      new Option('--duration <duration>', 'time under load, 10s to 24h')
        .argParser(parseDuration)
        .default(300_000, '300s'),
    )
    .option('--concurrent <count>', 'open connections', parseConnections, 100);
  return addLoadOptions(command)
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
  const asked = { connections: concurrent, durationMs: duration };
  const extent = extentOf(asked, options.smoke === true);
  const request = { ...rest, implementation, command: 'soak', modulesOnly: true, ...extent };
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
