/**
 * A comparison as one self-contained page that opens from disk: the verdict first, then the table,
 * then charts by uPlot. Everything a chart shows is also in a sentence beside it and in a table, so that the
 * page can be read without seeing, without colours, and without scripts.
 */
import type { ArmReport, ReportDocument } from '../model/report.ts';
import { foldDoubts } from './fold-doubts.ts';
import { formatCount, formatDuration, formatQuantity, formatRatioWithInterval } from './number.ts';
import { chartsOf } from './page-charts.ts';
import {
  chartsHtml,
  doubtsHtml,
  escapeHtml,
  factsHtml,
  machineFacts,
  pageOf,
  tableHtml,
} from './page-parts.ts';
import { comparisonRows, type MetricRow } from './rows.ts';
import { contestants, verdictSentence } from './sentence.ts';
import { disturbedSentences, targetCells, targetSentence } from './target-table.ts';

/** The whole file. The same report gives the same bytes. */
export function renderPage(report: ReportDocument): string {
  const charts = chartsOf(report);
  const { rounds, durationMs, seed, startedAt, command } = report.run;
  return pageOf({
    sentence: verdictSentence(report),
    verdict: report.verdict,
    charts,
    body: `<p class="about">${escapeHtml(contestants(report))}: ${formatCount(rounds, 'round')} in ${formatDuration(durationMs)}, seed ${seed}, ${escapeHtml(startedAt)}.<br><code>${escapeHtml(command)}</code></p>
${doubtsHtml(doubtsOf(report))}
<h2>Figures</h2>
${figures(report)}
${targets(report)}
<h2>What the hop is made of</h2>
${hopParts(report)}
<h2>Charts</h2>
${chartsHtml(charts)}
${factsHtml(factsOf(report))}`,
  });
}

function doubtsOf({ ranking, validity, arms }: ReportDocument): readonly string[] {
  return ranking === undefined
    ? validity.warnings.map(({ message }) => message)
    : foldDoubts(validity.warnings, arms);
}

function figures(report: ReportDocument): string {
  const { scenarios, footnotes } = comparisonRows(report);
  const notes = footnotes.map(
    (note, at) => `<p><small>[${at + 1}] ${escapeHtml(note)}</small></p>`,
  );
  const tables =
    report.ranking === undefined
      ? scenarios.map(({ scenario, rows }) => comparisonTable(report, scenario, rows))
      : report.ranking.against.map(({ arm, comparisons }) =>
          tableHtml(
            `${nameOf(report, arm)} against ${nameOf(report, 'reference')}`,
            ['metric', 'reference', 'candidate', 'ratio'],
            comparisons.map(({ metric, unit, reference, candidate, ratio, ratioInterval }) => [
              metric,
              quantity(unit, reference),
              quantity(unit, candidate),
              ratio === null ? 'n/a' : formatRatioWithInterval(ratio, ratioInterval),
            ]),
          ),
        );
  return [...tables, ...notes].join('\n');
}

function quantity(unit: Parameters<typeof formatQuantity>[0], value: number | null): string {
  return value === null ? 'n/a' : formatQuantity(unit, value);
}

function comparisonTable(
  report: ReportDocument,
  scenario: string,
  rows: readonly MetricRow[],
): string {
  const withUnit = (figure: string, unit: string): string =>
    figure.startsWith('n/a') ? figure : `${figure} ${unit}`;
  return tableHtml(
    scenario,
    [
      'metric',
      `reference ${nameOf(report, 'reference')}`,
      `candidate ${nameOf(report, 'candidate')}`,
      'ratio',
      'interval',
      'twin',
      'verdict',
    ],
    rows.map((row) => [
      row.metric,
      withUnit(row.reference, row.unit),
      withUnit(row.candidate, row.unit),
      row.ratio,
      row.interval,
      row.twin,
      row.verdict ?? 'not judged',
    ]),
  );
}

function targets({ targets: held }: ReportDocument): string {
  const [head, ...rows] = targetCells(held);
  if (head === undefined) return '';
  const disturbed = disturbedSentences(held).map((one) => `\n<p>${escapeHtml(one)}</p>`);
  return `<h2>Targets</h2>\n${tableHtml(targetSentence(held), head, rows)}${disturbed.join('')}`;
}

/** The direct request and what each proxy adds to it, as bars of one scale. */
function hopParts({ arms }: ReportDocument): string {
  const median = (arm: ArmReport, name: string): number | null =>
    arm.metrics.find(({ metric }) => metric === name)?.value ?? null;
  const rows = arms.flatMap((arm) => {
    const [whole, added] = [median(arm, 'hop-p50'), median(arm, 'overhead-p50')];
    return whole === null || added === null || arm.role === 'twin'
      ? []
      : [{ name: arm.name, direct: Math.max(0, whole - added), added, whole }];
  });
  const widest = Math.max(...rows.map(({ whole }) => whole));
  if (rows.length === 0) return '<p>No single requests were timed.</p>';
  const share = (value: number): string => ((100 * value) / widest).toFixed(1);
  return `<figure><figcaption>The median of one warm request through each proxy: what it takes without a proxy, and what the proxy adds.</figcaption>
<div class="hop">${rows
    .map(
      ({ name, direct, added, whole }) =>
        `<p>${escapeHtml(name)}: ${formatQuantity('us', whole)}, of which ${formatQuantity('us', direct)} direct and ${formatQuantity('us', added)} added</p><div aria-hidden="true"><span class="direct" style="width:${share(direct)}%"></span><span class="added" style="width:${share(added)}%"></span></div>`,
    )
    .join('\n')}</div></figure>`;
}

function factsOf(report: ReportDocument): readonly (readonly string[])[] {
  const { environment, policy, scenarios, arms } = report;
  return [
    ...machineFacts(environment),
    ['policy', `${policy.file}, ${formatCount(policy.rules, 'rule')}`],
    ...scenarios.map(({ name, title }) => ['scenario', `${name}: ${title}`]),
    ...arms
      .filter(({ role }) => role !== 'twin')
      .map(({ id, name, version }) => [id, `${name} ${version ?? ''}`.trim()]),
  ];
}

function nameOf({ arms }: ReportDocument, id: string): string {
  return arms.find((arm) => arm.id === id || arm.role === id)?.name ?? id;
}
