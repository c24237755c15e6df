/**
 * Simulates gates by the thousand, under each setting of noise and with banked rounds if there are
 * any, and prints how often they say what. The bars are those that docs/statistics.md states; the
 * exit code is 1 if one is missed.
 *
 *   node scripts/simulate.ts [--gates 10000] [--only '30 s'] [--noise drift] [--jobs N] [--bank FILE] [--smoke]
 *
 * `--only` takes designs whose names begin so, `--noise` settings. Cells are shared out among `--jobs` threads, as many as
 * there are CPUs by default; what is printed does not depend on how many.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { EXIT } from '../harness/cli/exit-code.ts';
import type { Interval } from '../harness/model/report.ts';
import type { Share } from '../harness/simulation/operating-characteristics.ts';
import { scriptOptions } from './script-options.ts';
import { type CellOutcome, type CellTask, DESIGNS, readSettings } from './simulated-cells.ts';

const { values } = scriptOptions({
  options: {
    gates: { type: 'string', default: '10000' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    only: { type: 'string', default: '' },
    noise: { type: 'string', default: '' },
    bank: { type: 'string' },
    smoke: { type: 'boolean', default: false },
  },
});
const GATES = values.smoke ? 20 : Number(values.gates);

/** What every setting has to keep, and what those that were measured have to. */
const MOST_FALSE_ALARMS = 0.01;
const MOST_INCONCLUSIVE = 0.05;

const settings = await readSettings(values.bank);
const tasks: readonly CellTask[] = DESIGNS.flatMap(({ name }, design) =>
  name.startsWith(values.only)
    ? settings.flatMap((noise, setting) =>
        noise.name.startsWith(values.noise) ? { design, setting, gates: GATES } : [],
      )
    : [],
);
if (tasks.length === 0) {
  console.error('No design and noise begin so. Without --only and --noise all are listed.');
  process.exit(EXIT.usage);
}
const outcomes = outcomesInOrder(tasks, Math.max(1, Number(values.jobs)));
let missed = 0;
console.log(`${GATES} gates a cell; in brackets the exact 95 % interval`);
for (const [index, { design, setting }] of tasks.entries()) {
  const [shape, noise] = [DESIGNS[design], settings[setting]];
  if (shape === undefined || noise === undefined) throw new Error('a task of no cell');
  if (design !== tasks[index - 1]?.design) console.log(`\n${shape.name}`);
  const { same, slower } = await outcomeAt(index);
  const misses = [
    ...(same.regressed.interval[0] > MOST_FALSE_ALARMS ? ['false alarms'] : []),
    ...(noise.measured && shape.decides && same.inconclusive.share > MOST_INCONCLUSIVE
      ? ['inconclusive']
      : []),
    ...(noise.measured && slower.regressed.share < shape.caught ? ['power'] : []),
  ];
  missed += misses.length;
  console.log(
    [
      `  ${noise.name.padEnd(22)}`,
      `false alarms ${show(same.regressed)}`,
      `inconclusive ${show(same.inconclusive)}`,
      `rounds ${same.meanRounds.toFixed(1)}`,
      `+${shape.effect * 100} % caught ${show(slower.regressed)}`,
      misses.length === 0 ? '' : `MISSED: ${misses.join(', ')}`,
    ]
      .join('  ')
      .trimEnd(),
  );
}
if (missed > 0 && !values.smoke) process.exitCode = 1;

/** Runs the tasks in so many threads, and gives each one's outcome as a promise. */
function outcomesInOrder(all: readonly CellTask[], jobs: number): readonly Promise<CellOutcome>[] {
  const waiting = all.map((task) => ({ task, ...Promise.withResolvers<CellOutcome>() }));
  const promises = waiting.map(({ promise }) => promise);
  for (let job = 0; job < Math.min(jobs, all.length); job += 1) {
    const worker = new Worker(new URL('./simulated-cells.ts', import.meta.url), {
      workerData: { bank: values.bank ?? null },
    });
    let current = waiting.shift();
    worker.on('message', (outcome: CellOutcome) => {
      current?.resolve(outcome);
      current = waiting.shift();
      if (current === undefined) void worker.terminate();
      else worker.postMessage(current.task);
    });
    worker.on('error', (error) => current?.reject(error));
    worker.postMessage(current?.task);
  }
  return promises;
}

function outcomeAt(index: number): Promise<CellOutcome> {
  return outcomes[index] ?? Promise.reject(new Error('a task without an outcome'));
}

function show({ share, interval }: Share): string {
  return `${percent(share).padStart(6)} ${`[${interval.map(percent).join(', ')}]`.padEnd(15)}`;
}

function percent(share: Interval[number]): string {
  return `${(share * 100).toFixed(share < 0.1 ? 2 : 1)}`;
}
