/**
 * `hopmark load IMPL`: one implementation under open load at one rate, judged by a target latency;
 * with `--sweep` at rising rates, with `--saturation` in a closed loop.
 */
import { Command } from 'commander';
import { runLoad } from '../load/load-session.ts';
import {
  runSaturation,
  SATURATION_CONNECTIONS,
  type SaturationResult,
} from '../load/saturation-session.ts';
import type { SessionSettings } from '../load/session.ts';
import { runSweep } from '../load/sweep-session.ts';
import { HopmarkError } from '../model/error.ts';
import { findKnee } from '../verdict/knee.ts';
import { judgeLoad, judgeSaturation, judgeSweep } from '../verdict/load.ts';
import { driverDoubts, heldRate, isDriverLate } from '../verdict/open-loop.ts';
import { addLoadOptions, type CommonLoadOptions, extentOf } from './load-options.ts';
import { type LoadRequest, type MeasuredLoad, runLoadCommand } from './load-run.ts';
import { parseConnections, parseDuration } from './option.ts';
import type { Shell } from './shell.ts';

interface LoadOptions extends CommonLoadOptions {
  readonly concurrent?: number;
  readonly duration?: number;
  readonly targetLatency?: number;
  readonly sweep?: boolean;
  readonly saturation?: boolean;
}

const HELP = `
Requests leave by a schedule fixed beforehand, whatever the answers do, and latency counts from the
intended moment. The origin without a proxy is measured at the same rate, in stretches between.

Examples:
  $ hopmark load optimized --concurrent 1000 --duration 60s --target-latency 1ms
  $ hopmark load ./my-proxy.ts --rate 2000 --arrivals poisson
  $ hopmark load optimized --sweep             latency at rates from a tenth of the capacity on
  $ hopmark load optimized --saturation        peak throughput on 100 to 1000 connections

Exit codes: 0 met, or measured with nothing to judge by; 1 missed, or requests that failed; 2 usage;
3 inconclusive or incomplete; 4 the proxy or the machine failed; 130, 143 interrupted.`;

const DEFAULT_CONNECTIONS = 1000;
const DEFAULT_MS = 60_000;
const DEFAULT_SATURATION_MS = 40_000;
const LEAST_MS = 1000;
const MOST_MS = 24 * 3_600_000;
const US_PER_MS = 1000;

/** The command. */
export function loadCommand(shell: Shell): Command {
  const command = new Command('load')
    .description('put one implementation under open load and judge its latency')
    .argument('<implementation>', 'a built-in name (baseline, optimized) or a path to a module')
    .option(
      '--concurrent <count>',
      `open connections (default: ${DEFAULT_CONNECTIONS})`,
      parseConnections,
    )
    .option('--duration <duration>', 'time under load (default: 60s)', parseDuration)
    .option(
      '--target-latency <duration>',
      'what the 99th percentile has to stay below, such as 1ms or 0.5ms',
      parseDuration,
    )
    .option('--sweep', 'latency at rates from a tenth of the capacity to beyond it, and the knee')
    .option('--saturation', 'peak throughput of a closed loop on 100, 250, 500, 1000 connections');
  return addLoadOptions(command)
    .addHelpText('after', HELP)
    .action(async (implementation: string, options: LoadOptions) =>
      load(shell, implementation, options),
    );
}

async function load(shell: Shell, implementation: string, options: LoadOptions): Promise<void> {
  refuseContradictions(options);
  const request = { ...options, implementation };
  if (options.saturation === true) {
    const steps = options.concurrent === undefined ? SATURATION_CONNECTIONS : [options.concurrent];
    await runSaturationCommand(shell, { ...request, steps });
  } else if (options.sweep === true) {
    await runLoadCommand(shell, requestOf(request, 'sweep'), measureSweep);
  } else {
    await runLoadCommand(shell, requestOf(request, 'load'), (settings) =>
      measureLoad(settings, options),
    );
  }
}

function refuseContradictions(options: LoadOptions): void {
  const modes = (['sweep', 'saturation'] as const).filter((name) => options[name] === true);
  const [mode, other] = modes;
  if (mode === undefined) return;
  if (other !== undefined) throw contradiction(`--${mode}`, `--${other}`);
  if (options.rate !== undefined) throw contradiction(`--${mode}`, '--rate');
  if (options.targetLatency !== undefined) throw contradiction(`--${mode}`, '--target-latency');
}

function contradiction(one: string, other: string): HopmarkError {
  const message = `${one} and ${other} contradict each other`;
  return new HopmarkError('user', 'contradiction', message, { remedy: 'Give one of them.' });
}

/** What the options come to for the run; a smoke run is short whatever they say. */
function requestOf(
  { concurrent, duration, ...options }: LoadOptions & { readonly implementation: string },
  command: string,
  usualMs = DEFAULT_MS,
): LoadRequest {
  const durationMs = duration ?? usualMs;
  if (durationMs < LEAST_MS || durationMs > MOST_MS) {
    throw new HopmarkError('user', 'bad-duration', 'a load test takes from 1s to 24h', {
      remedy: 'Give another --duration.',
    });
  }
  const asked = { connections: concurrent ?? DEFAULT_CONNECTIONS, durationMs };
  return { ...options, command, modulesOnly: false, ...extentOf(asked, options.smoke === true) };
}

async function measureLoad(
  settings: SessionSettings,
  { targetLatency }: LoadOptions,
): Promise<MeasuredLoad> {
  const { load, direct, proxy, timeline, percentileText, ...end } = await runLoad(settings);
  const targetLatencyUs = targetLatency === undefined ? null : targetLatency * US_PER_MS;
  const { complete } = end;
  const doubts = driverDoubts(proxy);
  const judged = judgeLoad({ direct, proxy, targetLatencyUs, complete, smoke: settings.smoke });
  return {
    end,
    percentileText,
    document: (base, warnings) => ({
      ...base,
      kind: 'load',
      load,
      targetLatencyUs,
      direct,
      proxy,
      timeline,
      validity: {
        // Lag only ever adds to latency: a target met in spite of it is met.
        valid: doubts.length === 0 || judged.verdict === 'met',
        complete,
        warnings: [...warnings, ...doubts],
      },
      ...judged,
    }),
  };
}

async function measureSweep(settings: SessionSettings): Promise<MeasuredLoad> {
  const { steps: measured, capacityPerSecond, ...end } = await runSweep(settings);
  const steps = measured.map((step) => ({
    ...step,
    held: heldRate(step.figures),
    driverLate: isDriverLate(step.figures, 'latency-p99'),
  }));
  const knee = findKnee(steps);
  const { complete } = end;
  const judged = judgeSweep({ steps, knee, complete, smoke: settings.smoke });
  return {
    end,
    percentileText: null,
    document: (base, warnings) => ({
      ...base,
      kind: 'sweep',
      connections: settings.connections,
      arrivals: settings.arrivals,
      capacityPerSecond,
      steps,
      knee,
      validity: {
        valid: judged.doubts.length === 0,
        complete,
        warnings: [...warnings, ...judged.doubts],
      },
      verdict: judged.verdict,
      reasons: judged.reasons,
    }),
  };
}

/** A saturation as `load --saturation` and `bench concurrency-N` run it. */
export async function runSaturationCommand(
  shell: Shell,
  options: LoadOptions & {
    readonly implementation: string;
    readonly steps: readonly number[];
  },
): Promise<void> {
  const { steps, ...rest } = options;
  const request = requestOf(rest, 'saturation', DEFAULT_SATURATION_MS);
  await runLoadCommand(shell, request, async (settings) => {
    const used = settings.smoke ? steps.slice(0, 1) : steps;
    const { steps: measured, ...end }: SaturationResult = await runSaturation({
      ...settings,
      steps: used,
    });
    const { complete } = end;
    return {
      end,
      percentileText: null,
      document: (base, warnings) => ({
        ...base,
        kind: 'saturation',
        steps: measured,
        validity: { valid: true, complete, warnings },
        ...judgeSaturation({ steps: measured, complete, smoke: settings.smoke }),
      }),
    };
  });
}
