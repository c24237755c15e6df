/**
 * Shows live what the gate is worth on this machine: gates of the checkout against itself, and with
 * slowdowns put into the candidate on purpose. Prints the table of the README. Every gate is the
 * command that users run, profiles of what grew included.
 *
 *   node scripts/prove.ts [--runs 4] [--full] [--only NAME] [--times 1] [--keep FILE] [--minutes N]
 *                         [--bank FILE]
 *
 * `--runs` gates of each series, in turn; `--full` the numbers that docs/gate.md states; `--times` gives each so
 * many times its budget, as a slow machine needs. `--keep` adds each gate to a file and goes on from
 * what it holds of this commit; `--minutes` begins no gate after so long. `--bank` writes the rounds of the gates without a change, for `npm run simulate -- --bank`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../harness/cli/version.ts';
import type { Verdict } from '../harness/model/report.ts';
import { parseReport } from '../harness/report/schema.ts';
import { clopperPearson } from '../harness/stats/clopper-pearson.ts';
import { mean, median } from '../harness/stats/quantile.ts';
import { addToProof, type ProvedGate, provedGate, readProof } from './proof-record.ts';
import { scriptOptions } from './script-options.ts';

interface Series {
  readonly name: string;
  readonly title: string;
  readonly flags: readonly string[];
  readonly budgetS: number;
  /** What shows the slowdown. */
  readonly metric: string;
  /** What a gate of this series should say. */
  readonly right: Verdict;
  readonly fullRuns: number;
}

const limits = (percent: string): readonly string[] => [
  '--threshold',
  `cpu-per-request: <= +${percent}%`,
  '--threshold',
  `hop-p50: <= +${percent}%`,
];

const ALL: readonly Series[] = [
  {
    name: 'none',
    title: 'no change, BUDGET, 2 % counts',
    flags: limits('2'),
    metric: 'cpu-per-request',
    budgetS: 30,
    right: 'unchanged',
    fullRuns: 40,
  },
  {
    name: 'cpu5',
    title: '`--inject cpu=5%`, BUDGET, 2 % counts',
    flags: [...limits('2'), '--inject', 'cpu=5%'],
    metric: 'cpu-per-request',
    budgetS: 30,
    right: 'regressed',
    fullRuns: 20,
  },
  {
    name: 'alloc64',
    title: '`--inject alloc=64`, BUDGET, 2 % of allocations counts',
    flags: ['--threshold', 'allocated-per-request: <= +2%', '--inject', 'alloc=64'],
    metric: 'allocated-per-request',
    budgetS: 30,
    right: 'regressed',
    fullRuns: 20,
  },
  {
    name: 'cpu2',
    title: '`--inject cpu=2%`, BUDGET, 0.8 % counts',
    flags: [...limits('0.8'), '--inject', 'cpu=2%'],
    metric: 'cpu-per-request',
    budgetS: 60,
    right: 'regressed',
    fullRuns: 20,
  },
];

const { values } = scriptOptions({
  options: {
    runs: { type: 'string', default: '4' },
    full: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    times: { type: 'string', default: '1' },
    keep: { type: 'string' },
    minutes: { type: 'string', default: 'Infinity' },
    bank: { type: 'string' },
    smoke: { type: 'boolean', default: false },
  },
});

const commit = spawnSync('git', ['rev-parse', 'HEAD'], {
  cwd: packageRoot(),
  encoding: 'utf8',
}).stdout.trim();
const endsAtMs = performance.now() + Number(values.minutes) * 60_000;
const times = Number(values.times);
const series = ALL.filter(
  ({ name }) => values.only === undefined || values.only.includes(name),
).map((one) => withBudget(one, one.budgetS * times));
const gates = [...(values.keep === undefined ? [] : await readProof(values.keep, commit))];
const gatesOf = ({ name }: Series): readonly ProvedGate[] =>
  gates.filter((gate) => gate.series === name);
const runsOf = ({ fullRuns }: Series): number => {
  if (values.smoke) return 1;
  return values.full ? fullRuns : Number(values.runs);
};

for (let next = nextSeries(); next !== null; next = nextSeries()) {
  if (performance.now() >= endsAtMs) break;
  const gate = await runGate(next, gatesOf(next).length + 1);
  gates.push(gate);
  if (values.keep !== undefined) await addToProof(values.keep, gate);
  console.error(progressLine(gate));
}
console.log(table());
if (values.bank !== undefined) await writeBank(values.bank);

/** Of the same name with its own budget, so that what was kept before is found. */
function withBudget(one: Series, budgetS: number): Series {
  const title = one.title.replace('BUDGET', `${budgetS} s`);
  return {
    ...one,
    budgetS,
    title,
    name: budgetS === one.budgetS ? one.name : `${one.name}x${budgetS}`,
  };
}

/** The series that is furthest behind, so that an hour of noise falls on all alike; null: all done. */
function nextSeries(): Series | null {
  const behind = (one: Series): number => gatesOf(one).length / runsOf(one);
  const open = series.filter((one) => behind(one) < 1);
  return open.toSorted((a, b) => behind(a) - behind(b))[0] ?? null;
}

async function runGate({ name, flags, budgetS }: Series, seed: number): Promise<ProvedGate> {
  const reports = await mkdtemp(join(tmpdir(), 'hopmark-prove-'));
  const began = performance.now();
  try {
    const launcher = join(packageRoot(), 'bin', 'hopmark.js');
    const args = ['gate', '--against', 'HEAD', '--impl', 'optimized', '--json', '--quiet'];
    const extent = values.smoke ? ['--smoke'] : ['--budget', `${budgetS}s`];
    const child = spawn(
      process.execPath,
      [launcher, ...args, ...flags, ...extent, '--seed', String(seed), '--reports', reports],
      { cwd: packageRoot(), stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    await once(child, 'close');
    const report = parseReport(text, `the gate with ${flags.join(' ')}`);
    const seconds = (performance.now() - began) / 1000;
    return provedGate(report, { series: name, commit, seed, seconds });
  } finally {
    await rm(reports, { recursive: true, force: true });
  }
}

function progressLine({
  series: name,
  seed,
  verdict,
  rounds,
  seconds,
  metrics,
}: ProvedGate): string {
  const ratios = metrics.map(
    ({ metric, ratio, noiseFloor, verdict: own }) =>
      `${metric} ${ratio?.toFixed(4) ?? 'n/a'} (noise ${((noiseFloor ?? 0) * 100).toFixed(1)} %, ${own ?? 'not judged'})`,
  );
  return `${name} ${seed}: ${verdict}, ${rounds} rounds, ${seconds.toFixed(0)} s, ${ratios.join(', ')}`;
}

function table(): string {
  const rows = series.map((one) => {
    const own = gatesOf(one);
    const count = (verdict: Verdict): number =>
      own.filter((gate) => gate.verdict === verdict).length;
    const right = count(one.right);
    const [low, high] = clopperPearson(right, Math.max(1, own.length));
    const cells = [
      one.title,
      `${right} of ${own.length} ${one.right} (${percent(low)} to ${percent(high)})`,
      count('regressed'),
      count('inconclusive'),
      count('unchanged') + count('improved'),
      estimated(own, one.metric),
      own.length === 0 ? 'n/a' : mean(own.map(({ rounds }) => rounds)).toFixed(1),
      `${Math.max(0, ...own.map(({ seconds }) => seconds)).toFixed(0)} s`,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| gate | right, with the 95 % interval | regressed | inconclusive | held | estimated | rounds | longest |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/** The median of the gates' estimates: what was injected, and what injecting it costs. */
function estimated(own: readonly ProvedGate[], metric: string): string {
  const ratios = own.flatMap(({ metrics }) => {
    const ratio = metrics.find((one) => one.metric === metric)?.ratio ?? null;
    return ratio === null ? [] : [ratio];
  });
  return ratios.length === 0 ? 'n/a' : `${median(ratios).toFixed(3)}x`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

async function writeBank(file: string): Promise<void> {
  const rounds = gates.filter(({ series: name }) => name === 'none').flatMap(({ bank }) => bank);
  const lines = rounds.map((arms) => JSON.stringify(arms)).join(',\n');
  await writeFile(file, `{"rounds": [\n${lines}\n]}\n`);
}
