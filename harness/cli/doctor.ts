/**
 * `hopmark doctor`: what of this machine will disturb a measurement, and what to do about it.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import v8 from 'node:v8';
import { Command } from 'commander';
import { detectAffinity } from '../sut/affinity.ts';
import { openCpuClock } from '../sut/cpu-clock.ts';
import { describeEnvironment, readCpuTicks, stealFraction } from '../sut/machine.ts';
import { EXIT } from './exit-code.ts';
import { type Shell, wantsColor } from './shell.ts';

/** One finding. `blocked`: nothing can be measured here. */
interface Finding {
  readonly name: string;
  readonly state: 'good' | 'disturbs' | 'blocked';
  readonly found: string;
  readonly remedy: string;
}

const HELP = `
Example:
  $ hopmark doctor

Exit codes: 0 this machine can measure, with what disturbs named; 4 it can't.`;

const WATCH_MS = 1500;
const STEAL_LIMIT = 0.02;
const BUSY_LIMIT = 0.1;
const OPEN_FILES_NEEDED = 4096;

/** The command. */
export function doctorCommand(shell: Shell): Command {
  return new Command('doctor')
    .description('say what of this machine will disturb a measurement')
    .option('--json', 'one JSON document on standard output')
    .option('-q, --quiet', 'only what disturbs')
    .addHelpText('after', HELP)
    .action(async (options: { json?: boolean; quiet?: boolean; color: boolean }) => {
      const findings = await examine(shell.signal);
      const environment = describeEnvironment(null);
      const shown = findings.filter(({ state }) => options.quiet !== true || state !== 'good');
      if (options.json === true) {
        shell.out(`${JSON.stringify({ schemaVersion: 1, environment, findings }, null, 2)}\n`);
      } else {
        const color = wantsColor(process.stdout, options.color);
        shell.out(shown.map((finding) => line(finding, color)).join(''));
      }
      const blocked = findings.some(({ state }) => state === 'blocked');
      shell.exit(blocked ? EXIT.broken : EXIT.held);
    });
}

async function examine(signal: AbortSignal): Promise<readonly Finding[]> {
  return [
    nodeVersion(),
    processors(),
    pinning(),
    cpuTime(),
    ...(await neighbours(signal)),
    frequencyGovernor(),
    memory(),
    openFiles(),
    await loopback(),
  ];
}

function nodeVersion(): Finding {
  const counts = 'total_allocated_bytes' in v8.getHeapStatistics();
  return counts
    ? good('node', `${process.version}, V8 ${process.versions.v8}`)
    : disturbs(
        'node',
        `${process.version} does not count allocated bytes`,
        'Use Node 26 for allocated-per-request; npm scripts of a checkout bring it.',
      );
}

function processors(): Finding {
  const count = os.availableParallelism();
  const found = `${count} x ${os.cpus()[0]?.model.trim() ?? 'unknown'}`;
  return count >= 2
    ? good('processors', found)
    : disturbs('processors', found, 'Proxies, driver and origin will share one; use two or more.');
}

function pinning(): Finding {
  const { affinity, warnings } = detectAffinity();
  if (affinity !== null && warnings.length === 0) {
    return good('pinning', `proxies on CPU ${affinity.sutCpu}, load on CPU ${affinity.loadCpu}`);
  }
  const [warning] = warnings;
  const remedy =
    warning?.code === 'one-cpu'
      ? 'Give this machine a second CPU.'
      : 'Install util-linux (taskset).';
  return disturbs('pinning', warning?.message ?? 'not possible', remedy);
}

function cpuTime(): Finding {
  const clock = openCpuClock(process.pid);
  clock?.close();
  return clock === null
    ? disturbs(
        'cpu time',
        'not counted by thread',
        'cpu-per-request needs /proc/PID/task/TID/schedstat, which Linux has.',
      )
    : good('cpu time', 'counted by thread in nanoseconds');
}

/** Watches for a moment what others take: other machines, and other processes of this one. */
async function neighbours(signal: AbortSignal): Promise<readonly Finding[]> {
  const ticks = readCpuTicks();
  if (ticks === null) {
    return [disturbs('neighbours', 'not visible', 'Without /proc/stat stolen time is unknown.')];
  }
  const cpu = os.cpus().map(({ times }) => times);
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, WATCH_MS);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
  const steal = stealFraction(ticks, readCpuTicks()) ?? 0;
  const busy = busyFraction(
    cpu,
    os.cpus().map(({ times }) => times),
  );
  return [
    steal <= STEAL_LIMIT
      ? good('stolen time', percent(steal))
      : disturbs(
          'stolen time',
          `${percent(steal)} of the time goes to other machines`,
          'Ratios still hold; expect wider intervals, or give a longer --budget.',
        ),
    busy <= BUSY_LIMIT
      ? good('other load', `${percent(busy)} of the processors`)
      : disturbs(
          'other load',
          `other processes use ${percent(busy)} of the processors`,
          'End what is not needed during a run.',
        ),
  ];
}

type CpuTimes = os.CpuInfo['times'];

function busyFraction(before: readonly CpuTimes[], after: readonly CpuTimes[]): number {
  const work = (all: readonly CpuTimes[]): number =>
    all.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, 0);
  const idle = (all: readonly CpuTimes[]): number =>
    all.reduce((sum, times) => sum + times.idle, 0);
  const worked = work(after) - work(before);
  const total = worked + idle(after) - idle(before);
  return total <= 0 ? 0 : worked / total;
}

function frequencyGovernor(): Finding {
  try {
    const path = '/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor';
    const governor = readFileSync(path, 'utf8').trim();
    return governor === 'performance'
      ? good('cpu frequency', governor)
      : disturbs('cpu frequency', `governor ${governor}`, 'cpupower frequency-set -g performance');
  } catch {
    return good('cpu frequency', 'not managed here');
  }
}

const LEAST_FREE_BYTES = 512 * 2 ** 20;

function memory(): Finding {
  const free = os.freemem();
  const found = `${(free / 2 ** 30).toFixed(1)} GiB of ${(os.totalmem() / 2 ** 30).toFixed(1)} free`;
  return free >= LEAST_FREE_BYTES
    ? good('memory', found)
    : disturbs('memory', found, 'A run needs about 512 MB; end what is not needed.');
}

function openFiles(): Finding {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1] ?? 'unlimited';
    const enough = soft === 'unlimited' || Number(soft) >= OPEN_FILES_NEEDED;
    return enough
      ? good('open files', soft)
      : disturbs('open files', `at most ${soft}`, `ulimit -n ${OPEN_FILES_NEEDED}`);
  } catch {
    return good('open files', 'no limit is known');
  }
}

async function loopback(): Promise<Finding> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return good('loopback', 'ports can be opened');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      name: 'loopback',
      state: 'blocked',
      found: `no port can be opened on 127.0.0.1: ${why}`,
      remedy: 'Bring the loopback interface up (ip link set lo up).',
    };
  } finally {
    server.close();
  }
}

function good(name: string, found: string): Finding {
  return { name, state: 'good', found, remedy: '' };
}

function disturbs(name: string, found: string, remedy: string): Finding {
  return { name, state: 'disturbs', found, remedy };
}

function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(1)} %`;
}

const MARKS = { good: ['ok', 32], disturbs: ['!!', 33], blocked: ['XX', 31] } as const;
const NAME_WIDTH = 14;

function line({ name, state, found, remedy }: Finding, color: boolean): string {
  const [mark, code] = MARKS[state];
  const shownMark = color ? `\u001b[${code}m${mark}\u001b[0m` : mark;
  const next = remedy === '' ? '' : `\n   ${' '.repeat(NAME_WIDTH)} -> ${remedy}`;
  return `${shownMark} ${name.padEnd(NAME_WIDTH)} ${found}${next}\n`;
}
