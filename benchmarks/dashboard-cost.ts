/**
 * Does the live dashboard cost the measurement anything? The same comparison again and again, watched by the
 * dashboard or by lines, in random order, pair by pair. The direct arm tells: no proxy's own scatter is in
 * it. It must not move by 1 % beyond what its interval leaves open.
 *
 *   node benchmarks/dashboard-cost.ts [--pairs 20] [--seed 1] [--smoke]
 *
 * It makes itself a terminal by `script` of util-linux, which every Linux has.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runComparison } from '../harness/cli/comparison-run.ts';
import type { Qualified } from '../harness/cli/contest.ts';
import type { Shell } from '../harness/cli/shell.ts';
import { createRandom } from '../harness/model/random.ts';
import { mean } from '../harness/stats/quantile.ts';
import { scriptOptions } from '../scripts/script-options.ts';
import { describeEstimate, estimatePaired, type PairedEstimate } from './paired-estimate.ts';

export interface DashboardCostOptions {
  readonly pairs: number;
  readonly seed: number;
  readonly smoke: boolean;
}

/** By figure: with the dashboard over without it. */
export interface DashboardCost {
  readonly pairs: number;
  /** Frames that the dashboard was seen to write, in bytes of all. */
  readonly drawnBytes: number;
  readonly figures: Readonly<Record<string, PairedEstimate>>;
}

/** The figures by arm; those of the direct arm decide. */
const FIGURES = [
  { arm: 'direct', metric: 'hop-p50' },
  { arm: 'direct', metric: 'loaded-request-time' },
  { arm: 'candidate', metric: 'hop-p50' },
  { arm: 'candidate', metric: 'cpu-per-request' },
] as const;

/** Of a comparison: two short rounds. */
const BUDGET_MS = 20_000;

type Measured = Readonly<Record<string, number>>;

/** Measures on a terminal that is made for it. Rejects where there is no `script`. */
export async function measureDashboardCost(options: DashboardCostOptions): Promise<DashboardCost> {
  const folder = await mkdtemp(join(tmpdir(), 'hopmark-dashboard-cost-'));
  try {
    const result = join(folder, 'result.json');
    const drawn = join(folder, 'drawn');
    const inside = [process.execPath, fileURLToPath(import.meta.url), '--inside', result].concat(
      ['--pairs', String(options.pairs), '--seed', String(options.seed)],
      options.smoke ? ['--smoke'] : [],
    );
    const command = `stty cols 120 rows 40; exec ${inside.map((word) => `'${word}'`).join(' ')}`;
    const script = spawn(
      'script',
      ['--quiet', '--return', '--flush', '--command', command, drawn],
      // An open pipe for keys: at its end `script` would stop to read what is drawn.
      { stdio: ['pipe', 'ignore', 'inherit'], env: terminalEnvironment() },
    );
    const [status] = await once(script, 'close');
    if (status !== 0) throw new Error(`ended with ${status}:\n${await readFile(drawn, 'utf8')}`);
    const drawnBytes = (await readFile(drawn)).length;
    return { ...JSON.parse(await readFile(result, 'utf8')), drawnBytes };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function terminalEnvironment(): NodeJS.ProcessEnv {
  const { CI: _ci, NO_COLOR: _color, ...rest } = process.env;
  return { ...rest, TERM: 'xterm-256color' };
}

/** What runs on that terminal. */
async function measureInside({
  pairs,
  seed,
  smoke,
}: DashboardCostOptions): Promise<Omit<DashboardCost, 'drawnBytes'>> {
  const random = createRandom(seed);
  const known = new Map<string, Promise<Qualified>>();
  const reports = await mkdtemp(join(tmpdir(), 'hopmark-dashboard-cost-'));
  const measured = { shown: [] as Measured[], lines: [] as Measured[] };
  try {
    for (let pair = 0; pair < pairs; pair += 1) {
      const order =
        random.below(2) === 0 ? (['shown', 'lines'] as const) : (['lines', 'shown'] as const);
      for (const how of order) {
        const run = { known, reports, smoke, seed: seed + pair };
        measured[how].push(await measureOnce(how === 'shown', run));
      }
    }
  } finally {
    await rm(reports, { recursive: true, force: true });
  }
  const series = (how: keyof typeof measured, name: string): number[] =>
    measured[how].map((figures) => figures[name] ?? Number.NaN);
  return {
    pairs,
    figures: Object.fromEntries(
      FIGURES.map(nameOf).map((name) => [
        name,
        estimatePaired(series('shown', name), series('lines', name)),
      ]),
    ),
  };
}

/** The real command with two rounds, of which the second has figures to draw. */
async function measureOnce(
  canDraw: boolean,
  {
    smoke,
    ...run
  }: {
    readonly known: Map<string, Promise<Qualified>>;
    readonly reports: string;
    readonly smoke: boolean;
    readonly seed: number;
  },
): Promise<Measured> {
  const shell: Shell = {
    out: () => {},
    err: (text) => void process.stderr.write(text),
    signal: new AbortController().signal,
    stop: () => {},
    endsBySignal: () => {},
    canDraw,
    argv: ['node', 'hopmark', 'compare'],
    exit: () => {},
  };
  const { report } = await runComparison(shell, {
    reference: { spec: 'optimized' },
    candidate: { spec: 'optimized' },
    scenario: 'web-mix',
    thresholds: {},
    rounds: 2,
    calibrated: false,
    ...run,
    // Nobody watches a smoke run, so that a short one is asked for instead.
    budget: smoke ? 1 : BUDGET_MS,
  });
  return Object.fromEntries(
    FIGURES.map((figure) => [
      nameOf(figure),
      mean(report.rounds.map(({ arms }) => arms[figure.arm]?.values[figure.metric] ?? Number.NaN)),
    ]),
  );
}

function nameOf({ arm, metric }: (typeof FIGURES)[number]): string {
  return `${arm} ${metric}`;
}

const COUNTS = 0.01;

/** True if a figure moved by what counts, and its interval rules out that it did not. */
export function hasMoved({ ratio, interval }: PairedEstimate): boolean {
  const excludes = interval !== null && (interval[0] > 1 || interval[1] < 1);
  return excludes && Math.abs(ratio - 1) >= COUNTS;
}

if (import.meta.main) {
  const { values } = scriptOptions({
    options: {
      pairs: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
      smoke: { type: 'boolean', default: false },
      inside: { type: 'string' },
    },
  });
  const options = {
    pairs: Number(values.pairs),
    seed: Number(values.seed),
    smoke: values.smoke,
  };
  if (values.inside !== undefined) {
    await writeFile(values.inside, JSON.stringify(await measureInside(options)));
  } else {
    const { figures, pairs, drawnBytes } = await measureDashboardCost(options);
    console.log(`${pairs} pairs of two rounds; ${drawnBytes} bytes drawn`);
    for (const [name, estimate] of Object.entries(figures)) {
      const moved = hasMoved(estimate);
      console.log(
        `${name.padEnd(28)} ${describeEstimate(estimate, 4)}: ${moved ? 'MOVED' : 'not moved'}`,
      );
      if (moved && name.startsWith('direct')) process.exitCode = 1;
    }
  }
}
