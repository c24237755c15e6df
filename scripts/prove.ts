/**
 * Shows live what the gate is worth on this machine: gates of the checkout against itself, and with
 * slowdowns put into the candidate on purpose. Prints the table of the README. Every gate is the
 * command that users run.
 *
 *   node scripts/prove.ts [--runs 4] [--full] [--only NAME] [--bank FILE]
 *
 * `--runs` gates of each series, in turn; `--full` the numbers that docs/gate.md states; `--bank`
 * keeps the rounds of the gates without a change, for `npm run simulate -- --bank FILE`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../harness/cli/version.ts';
import type { ReportDocument, Verdict } from '../harness/model/report.ts';
import type { Round } from '../harness/model/round.ts';
import { parseReport } from '../harness/report/schema.ts';
import { bankRounds } from '../harness/simulation/bank.ts';
import { clopperPearson } from '../harness/stats/clopper-pearson.ts';

interface Series {
  readonly name: string;
  readonly title: string;
  readonly flags: readonly string[];
  readonly budgetS: number;
  /** What a gate of this series should say. */
  readonly right: Verdict;
  readonly fullRuns: number;
}

const times = (percent: string): readonly string[] => [
  '--threshold',
  `cpu-per-request: <= +${percent}%`,
  '--threshold',
  `hop-p50: <= +${percent}%`,
];

const ALL: readonly Series[] = [
  {
    name: 'none',
    title: 'no change, 30 s, 2 % counts',
    flags: times('2'),
    budgetS: 30,
    right: 'unchanged',
    fullRuns: 40,
  },
  {
    name: 'cpu5',
    title: '`--inject cpu=5%`, 30 s, 2 % counts',
    flags: [...times('2'), '--inject', 'cpu=5%'],
    budgetS: 30,
    right: 'regressed',
    fullRuns: 20,
  },
  {
    name: 'alloc64',
    title: '`--inject alloc=64`, 30 s, 2 % of allocations counts',
    flags: ['--threshold', 'allocated-per-request: <= +2%', '--inject', 'alloc=64'],
    budgetS: 30,
    right: 'regressed',
    fullRuns: 20,
  },
  {
    name: 'cpu2',
    title: '`--inject cpu=2%`, 60 s, 0.8 % counts',
    flags: [...times('0.8'), '--inject', 'cpu=2%'],
    budgetS: 60,
    right: 'regressed',
    fullRuns: 20,
  },
];

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '4' },
    full: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    bank: { type: 'string' },
    smoke: { type: 'boolean', default: false },
  },
});

interface Gate {
  readonly report: ReportDocument;
  readonly seconds: number;
}

const series = ALL.filter(({ name }) => values.only === undefined || values.only.includes(name));
const results = new Map<string, Gate[]>(series.map(({ name }) => [name, []]));
const runsOf = ({ fullRuns }: Series): number => {
  if (values.smoke) return 1;
  return values.full ? fullRuns : Number(values.runs);
};

// In turn, so that an hour of noise falls on all series alike.
for (let run = 0; run < Math.max(...series.map(runsOf)); run += 1) {
  for (const one of series) {
    if (run >= runsOf(one)) continue;
    const gate = await runGate(one, run + 1);
    results.get(one.name)?.push(gate);
    console.error(progressLine(one, run, gate));
  }
}
console.log(table());
if (values.bank !== undefined) await writeBank(values.bank);

async function runGate({ flags, budgetS }: Series, seed: number): Promise<Gate> {
  const reports = await mkdtemp(join(tmpdir(), 'hopmark-prove-'));
  const began = performance.now();
  try {
    const launcher = join(packageRoot(), 'bin', 'hopmark.js');
    const args = [
      'gate',
      '--against',
      'HEAD',
      '--impl',
      'optimized',
      '--json',
      '--quiet',
      '--no-attribution',
    ];
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
    return { report, seconds: (performance.now() - began) / 1000 };
  } finally {
    await rm(reports, { recursive: true, force: true });
  }
}

function progressLine({ name }: Series, run: number, { report, seconds }: Gate): string {
  const ratios = report.comparisons
    .filter(({ primary }) => primary)
    .map(
      ({ metric, ratio, noiseFloor, verdict }) =>
        `${metric} ${ratio?.toFixed(4) ?? 'n/a'} (noise ${((noiseFloor ?? 0) * 100).toFixed(1)} %, ${verdict ?? 'not judged'})`,
    );
  return `${name} ${run + 1}: ${report.verdict}, ${report.run.rounds} rounds, ${seconds.toFixed(0)} s, ${ratios.join(', ')}`;
}

function table(): string {
  const rows = series.map((one) => {
    const gates = results.get(one.name) ?? [];
    const verdicts = gates.map(({ report }) => report.verdict);
    const count = (verdict: Verdict): number => verdicts.filter((v) => v === verdict).length;
    const right = count(one.right);
    const [low, high] = clopperPearson(right, Math.max(1, gates.length));
    const mean = (values: readonly number[]): number =>
      values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
    const cells = [
      one.title,
      `${right} of ${gates.length} ${one.right} (${percent(low)} to ${percent(high)})`,
      count('regressed'),
      count('inconclusive'),
      count('unchanged') + count('improved'),
      mean(gates.map(({ report }) => report.run.rounds)).toFixed(1),
      `${Math.max(0, ...gates.map(({ seconds }) => seconds)).toFixed(0)} s`,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| gate | right, with the 95 % interval | regressed | inconclusive | held | rounds | longest |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

async function writeBank(file: string): Promise<void> {
  const rounds: readonly Round[] = (results.get('none') ?? []).flatMap(
    ({ report }) => report.rounds,
  );
  const bank = bankRounds(rounds, ['hop-p50', 'cpu-per-request', 'allocated-per-request']);
  const rounded = bank.map((arms) =>
    arms.map((arm) =>
      Object.fromEntries(
        Object.entries(arm).map(([name, value]) => [name, Number(value.toPrecision(6))]),
      ),
    ),
  );
  await writeFile(
    file,
    `{"rounds": [\n${rounded.map((arms) => JSON.stringify(arms)).join(',\n')}\n]}\n`,
  );
}
