/**
 * `docs/peers.md` as text: method, machine and versions, then what each proxy costs, then what each
 * answers correctly. Pure; `write-peers.ts` measures.
 */
import { matrixMarkdown } from '../harness/conformance/matrix-markdown.ts';
import type { ConformanceMatrix } from '../harness/model/conformance.ts';
import type { ReportDocument } from '../harness/model/report.ts';
import { foldDoubts } from '../harness/report/fold-doubts.ts';
import { escapeMarkup, tableOf } from '../harness/report/markdown-table.ts';
import { formatCount, formatDuration, formatPercent } from '../harness/report/number.ts';
import { outsideOfRanking, rankingTable } from '../harness/report/ranking-markdown.ts';

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
    cost(report),
    outside(report, matrix),
    foldDoubts(report.validity.warnings, report.arms)
      .map((message) => `- ${escapeMarkup(message)}`)
      .join('\n'),
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
      `are kept and not bounded, time limits are off, the forwarded fields are on; programs such as nginx ` +
      `likewise, with one worker and time limits that no run comes near. The header of each ` +
      `file in \`impls/external/\` says how and why. What each must answer correctly to be measured at ` +
      `all is in [Conformance](conformance.md).`,
    `Figures are medians over the rounds: \`hop-p50\` is one warm request in flight, loaded are 32 in ` +
      `flight; ratios are to ${escapeMarkup(reference)}, with their intervals. ` +
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

/** The order of the proxies, what each costs, and who has no place in it. */
function cost(report: ReportDocument): string {
  const { ranking } = report;
  if (ranking === undefined) throw new Error('the comparison of peers ranked nobody');
  const ties =
    'Proxies that the run cannot tell apart share a span of ranks, such as 2-3. A floor, and a row ' +
    'with the policy on, are shown and not ranked.';
  const parts = [rankingTable(report, ranking), ties, outsideOfRanking(report, ranking)];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** Who is not in the table, and why. */
function outside({ arms, ranking }: ReportDocument, { rows }: ConformanceMatrix): string {
  const leftOut = (ranking?.leftOut ?? []).map(({ name, reason }) => `- ${name}: ${reason}`);
  const others = rows.flatMap((row) => {
    if (row.state === 'unavailable') return [`- ${row.spec}: not installed where this was written`];
    if (arms.some(({ name }) => name === row.spec)) return [];
    return [`- ${row.spec}: not measured here`];
  });
  const all = [...leftOut, ...others].map(escapeMarkup);
  return all.length === 0 ? '' : `Not in the table:\n\n${all.join('\n')}`;
}
