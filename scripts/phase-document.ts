/**
 * The document that `npm run phases` writes, from what it measured. Pure: text only.
 */
import type { MetricName } from '../harness/model/metric.ts';
import type { Comparison, ReportDocument } from '../harness/model/report.ts';
import { wrap } from '../harness/report/layout.ts';
import { formatPercent, formatQuantity, formatRatio } from '../harness/report/number.ts';
import type { PhasePlan } from './phase-plan.ts';
import type { TriedPool } from './pools-not-built.ts';

/** One part: the whole proxy against the proxy without it. */
export interface MeasuredPhase {
  readonly plan: PhasePlan;
  /** What the part does, a clause. */
  readonly title: string;
  readonly components: ReportDocument;
  /** Null: not run. */
  readonly traffic: ReportDocument | null;
}

export interface PhaseFindings {
  readonly phases: readonly MeasuredPhase[];
  /** By part. */
  readonly heldBytes: Readonly<Record<string, number>>;
  readonly tried: readonly TriedPool[];
  /** How much was measured: `full` only if every comparison decided what it judges. */
  readonly extent: string;
}

/** What the plan expects to spend on memory, by part. */
const PLANNED: Readonly<Record<string, string>> = {
  'pattern-cache': '50 to 100 kB for 1,000 patterns',
  'header-ranges': '1 MB of pooled header maps',
  pools: '4 MB',
  snapshot: '500 kB for 100 rules',
};

/** What was held, by part. */
const HELD: Readonly<Record<string, string>> = {
  'pattern-cache': '1,000 patterns, with the machine code that V8 makes of them',
  'decision-cache': '4,096 decisions, as many as it keeps',
  'header-ranges': 'nothing: positions in bytes that are there anyway',
  pools: 'all six tiers full',
  snapshot: '100 rules, without their patterns',
};

/** The whole document. */
export function phaseDocument({ phases, heldBytes, tried, extent }: PhaseFindings): string {
  const [first] = phases;
  if (first === undefined) throw new Error('nothing was measured');
  return `${[
    '# What each phase of the plan buys',
    paragraph(`Written by \`npm run phases\`; ${extent}. ${machine(first.components)}`),
    paragraph(
      'Each part of the optimized proxy is left out by itself (`optimized?without=PART`) and measured against the whole, interleaved, in fresh processes. A ratio is the whole proxy over the one without the part: below 1 the part saves. In brackets the interval at the level of the run; without one there were too few rounds for it.',
    ),
    '## Time and allocations',
    tableOf(
      ['phase', 'part', 'what it does', 'where it shows', 'time', 'allocated'],
      phases.map(componentRow),
    ),
    'The same on whole requests of the scenario `web-mix`:',
    tableOf(
      ['part', 'hop-p50', 'cpu-per-request', 'allocated-per-request'],
      phases.map(trafficRow),
    ),
    '## Memory',
    paragraph(
      'What a part holds at most, JavaScript heap and buffers together, read after a collection before and after it was filled.',
    ),
    tableOf(
      ['part', 'held', 'of what', 'the plan expected'],
      [
        ...Object.entries(heldBytes).map(([part, bytes]) => [
          part,
          formatQuantity('bytes', bytes),
          HELD[part] ?? '',
          PLANNED[part] ?? 'not in the plan',
        ]),
        ['together', formatQuantity('bytes', sumOf(Object.values(heldBytes))), '', '5.75 MB'],
      ],
    ),
    '## Pools that the plan names and that were not built',
    'Each was tried against doing without it. A ratio is with the pool over without.',
    tableOf(
      ['pool', 'time', 'middle half of the pairs', 'bytes with', 'bytes without'],
      tried.map(triedRow),
    ),
    NOT_BUILT,
    '## What cannot be left out',
    LEFT_IN,
  ].join('\n\n')}\n`;
}

const NOT_BUILT = `- Header maps: the proxy makes none. It keeps the positions of fields in one table for all messages
  (\`impls/optimized/field-reader.ts\`), so there is nothing to pool.
- Strings: a string of JavaScript cannot be written into again, so a pool can only keep strings by
  their bytes. What that takes is in the row above; it would also have to be bounded against paths
  that never come again. Log lines are encoded into one buffer that is used again
  (\`impls/optimized/log-writer.ts\`) instead.
- The tiers of the buffer pool are the plan's; \`hopmark bench memory-pools --impl optimized\` has a row
  for each, taken anew and used again.`;

const LEFT_IN = `\`impls/optimized/parts.ts\` says it in short: the message readers, which work in place or not at
all; the one buffer in which writes are assembled and the one into which all upstream connections
read; the batches of the log. The plan's lock has no counterpart, since nothing here waits for the
configuration: without the snapshot a policy is made ready anew for each request, so what it saves is
that work. A decision belongs to one snapshot, so the decision cache is off where the snapshot is.`;

function machine({ environment, run }: ReportDocument): string {
  const { cpuModel, cpuCount, node, stealFraction } = environment;
  const stolen = stealFraction === null ? 'n/a' : formatPercent(stealFraction);
  return `${cpuCount} CPUs ${cpuModel}, Node ${node}, stolen time ${stolen}, ${run.startedAt.slice(0, 10)}.`;
}

function componentRow({ plan, title, components }: MeasuredPhase): readonly string[] {
  const scenario = `${plan.scenario}/${plan.shown}`;
  return [
    `${plan.phase}`,
    plan.part,
    title,
    scenario,
    ratioIn(components, scenario, 'component-time'),
    ratioIn(components, scenario, 'component-allocated'),
  ];
}

function trafficRow({ plan, traffic }: MeasuredPhase): readonly string[] {
  const metrics = ['hop-p50', 'cpu-per-request', 'allocated-per-request'] as const;
  const scenario = traffic?.scenarios[0]?.name ?? '';
  return [
    plan.part,
    ...metrics.map((metric) => (traffic === null ? 'not run' : ratioIn(traffic, scenario, metric))),
  ];
}

function ratioIn(report: ReportDocument, scenario: string, metric: MetricName): string {
  const found: Comparison | undefined = report.comparisons.find(
    (one) => one.scenario === scenario && one.metric === metric,
  );
  if (found === undefined || found.ratio === null) return 'n/a';
  const { ratio, ratioInterval } = found;
  // Ratios of allocations go down to thousandths.
  const shown = (value: number): string => Number(value.toPrecision(3)).toString();
  return ratioInterval === null
    ? formatRatio(ratio)
    : `${shown(ratio)}x (${ratioInterval.map(shown).join(' to ')})`;
}

function triedRow({ name, timeRatio, middleHalf, bytesWith, bytesWithout }: TriedPool): string[] {
  const [low, high] = middleHalf;
  return [
    name,
    formatRatio(timeRatio),
    `${low.toFixed(2)} to ${high.toFixed(2)}`,
    formatQuantity('bytes', Math.max(0, bytesWith)),
    formatQuantity('bytes', Math.max(0, bytesWithout)),
  ];
}

function sumOf(figures: readonly number[]): number {
  return figures.reduce((sum, figure) => sum + figure, 0);
}

function paragraph(text: string): string {
  return wrap(text, 100).join('\n');
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
