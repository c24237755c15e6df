/**
 * `docs/peers.md` as text: method, machine and versions, then what each proxy costs, then what each
 * answers correctly. Pure; `write-peers.ts` measures.
 */
import { matrixMarkdown } from '../harness/conformance/matrix-markdown.ts';
import type { ConformanceMatrix } from '../harness/model/conformance.ts';
import type { MetricName } from '../harness/model/metric.ts';
import type { ArmReport, ReportDocument } from '../harness/model/report.ts';
import { escapeMarkup, tableOf } from '../harness/report/markdown-table.ts';
import {
  chooseUnit,
  formatCount,
  formatDuration,
  formatIn,
  formatPercent,
  formatRatioWithInterval,
} from '../harness/report/number.ts';

export interface PeersPageOptions {
  /** Of a comparison of the peers, reference first. */
  readonly report: ReportDocument;
  readonly matrix: ConformanceMatrix;
}

/** Fewer rounds than these show the form of the page and no figure that anybody should quote. */
const LEAST_ROUNDS = 10;

/** The whole page. */
export function peersPage({ report, matrix }: PeersPageOptions): string {
  const sections = [
    '# Peers',
    `Written by \`npm run peers\` on ${report.run.startedAt.slice(0, 10)}; not edited by hand.`,
    shortRun(report),
    '## How it was measured',
    method(report),
    machine(report),
    '## What a hop costs',
    costTable(report),
    outside(report, matrix),
    report.validity.warnings.map(({ message }) => `- ${escapeMarkup(message)}`).join('\n'),
    matrixMarkdown(matrix, { evidence: false, level: 2 }).trimEnd(),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function shortRun({ run, validity }: ReportDocument): string {
  if (run.rounds >= LEAST_ROUNDS && validity.valid && validity.complete) return '';
  return (
    `**The figures below are from a short or disturbed run of ${formatCount(run.rounds, 'round')}. ` +
    'They show the form of this page; do not quote them.**'
  );
}

function method({ run, scenarios, policy, arms }: ReportDocument): string {
  const reference = arms.find(({ role }) => role === 'reference')?.name ?? 'the reference';
  const traffic = scenarios.map(({ name, title }) => `\`${name}\` (${escapeMarkup(title)})`);
  const rules = policy.rules === 0 ? 'No proxy runs any rules' : `All run ${policy.rules} rules`;
  return [
    `Every proxy runs in a process of its own, with one thread for requests, on one CPU; one origin, ` +
      `one driver. Waves of requests go to the proxies in turn, in an order drawn anew each time, so ` +
      `that a disturbance of the machine falls on all; each round has fresh processes. Every byte of ` +
      `every answer is checked. ${formatCount(run.rounds, 'round')} in ` +
      `${formatDuration(run.durationMs)}, seed ${run.seed}, traffic ${traffic.join(', ')}. ` +
      `${rules}, and none writes an access log.`,
    `Each library is configured as its documentation has it for speed: connections to the upstream ` +
      `are kept and not bounded, time limits are off, the forwarded fields are on. The header of each ` +
      `file in \`impls/external/\` says how and why. What each must answer correctly to be measured at ` +
      `all is in [Conformance](conformance.md).`,
    `Figures are medians over the rounds: \`hop-p50\` is one warm request in flight, loaded are 32 in ` +
      `flight; ratios are to ${escapeMarkup(reference)}, with their 95 % intervals. ` +
      `[Metrics](metrics.md) defines each, [Measuring](measuring.md) and ` +
      `[Statistics](statistics.md) say how they are got.`,
  ].join('\n\n');
}

function machine({ environment, tool }: ReportDocument): string {
  const { cpuModel, cpuCount, os, node, v8, commit, dirty, stealFraction } = environment;
  return tableOf(
    ['', ''],
    [
      ['CPU', `${escapeMarkup(cpuModel)}, ${cpuCount} usable`],
      ['system', escapeMarkup(os)],
      ['Node, V8', `${node}, ${v8}`],
      ['stolen time', stealFraction === null ? 'n/a' : formatPercent(stealFraction)],
      [
        'Hopmark',
        `${tool.version}${commit === null ? '' : `, ${commit.slice(0, 12)}`}${dirty ? ' with changes' : ''}`,
      ],
    ],
    'll',
  );
}

const COLUMNS: readonly (readonly [head: string, metric: MetricName])[] = [
  ['CPU a request', 'cpu-per-request'],
  ['hop-p50', 'hop-p50'],
  ['loaded, a request', 'loaded-request-time'],
  ['allocated a request', 'allocated-per-request'],
  ['memory', 'memory-rss'],
];

/** An arm and where it stands. */
interface Standing {
  readonly arm: ArmReport;
  /** Empty where the run ranked nobody. */
  readonly rank: string;
  /** Of the first column's metric. */
  readonly ratio: string;
}

function costTable(report: ReportDocument): string {
  const rows = standings(report);
  const units = COLUMNS.map(([, metric]) => {
    const figures = rows.flatMap(({ arm }) => arm.metrics.filter((one) => one.metric === metric));
    return chooseUnit(
      figures[0]?.unit ?? 'us',
      figures.map(({ value }) => value),
    );
  });
  return tableOf(
    ['rank', 'proxy', 'version', 'CPU ratio', ...COLUMNS.map(([head]) => head)],
    rows.map(({ arm, rank, ratio }) => [
      rank,
      escapeMarkup(arm.name),
      escapeMarkup(arm.version ?? ''),
      ratio,
      ...COLUMNS.map(([, metric], index) => {
        const value = arm.metrics.find((one) => one.metric === metric)?.value ?? null;
        const unit = units[index];
        return value === null || unit === undefined
          ? 'n/a'
          : `${formatIn(unit, value)} ${unit.label}`;
      }),
    ]),
    `lll${'r'.repeat(1 + COLUMNS.length)}`,
  );
}

/** The arms in the order of what a request costs them, cheapest first. */
function standings({ arms, comparisons }: ReportDocument): readonly Standing[] {
  const cost = (arm: ArmReport): number =>
    arm.metrics.find(({ metric }) => metric === 'cpu-per-request')?.value ?? Infinity;
  const against = comparisons.find(({ metric }) => metric === 'cpu-per-request');
  return arms
    .filter(({ role }) => role !== 'direct' && role !== 'twin')
    .toSorted((a, b) => cost(a) - cost(b))
    .map((arm) => {
      if (arm.role === 'reference') return { arm, rank: '', ratio: 'reference' };
      const ratio = arm.role === 'candidate' ? (against?.ratio ?? null) : null;
      const interval = against?.ratioInterval ?? null;
      return {
        arm,
        rank: '',
        ratio: ratio === null ? 'n/a' : formatRatioWithInterval(ratio, interval),
      };
    });
}

/** Who is not in the table, and why. */
function outside({ arms }: ReportDocument, { rows }: ConformanceMatrix): string {
  return rows
    .flatMap((row) => {
      if (row.state === 'unavailable')
        return [`- ${row.spec}: not installed where this was written`];
      if (arms.some(({ name }) => name === row.spec)) return [];
      const why = row.capabilities.length === 0 ? 'it claims to forward nothing' : 'not asked for';
      return [`- ${row.spec}: ${why}`];
    })
    .join('\n');
}
