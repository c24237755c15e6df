/**
 * A comparison as one self-contained page that opens from disk: the verdict first, then the table,
 * then charts by uPlot. Everything a chart shows is also in a sentence beside it and in a table, so that the
 * page can be read without seeing, without colours, and without scripts.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ArmReport, ReportDocument } from '../model/report.ts';
import { foldDoubts } from './fold-doubts.ts';
import {
  formatCount,
  formatDuration,
  formatPercent,
  formatQuantity,
  formatRatioWithInterval,
} from './number.ts';
import { type Chart, chartsOf } from './page-charts.ts';
import { comparisonRows, type MetricRow } from './rows.ts';
import { contestants, verdictSentence } from './sentence.ts';
import { targetCells, targetSentence } from './target-table.ts';
import { VERDICT_MARKS } from './verdict-mark.ts';

/** The whole file. The same report gives the same bytes. */
export function renderPage(report: ReportDocument): string {
  const sentence = verdictSentence(report);
  const charts = chartsOf(report);
  const { rounds, durationMs, seed, startedAt, command } = report.run;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(sentence)}</title>
<style>${asset('uPlot')}${asset('page.css')}</style>
</head>
<body>
<main>
<h1 class="verdict ${report.verdict}" data-mark="${VERDICT_MARKS[report.verdict].mark}">${escapeHtml(sentence)}</h1>
<p class="about">${escapeHtml(contestants(report))}: ${formatCount(rounds, 'round')} in ${formatDuration(durationMs)}, seed ${seed}, ${escapeHtml(startedAt)}.<br><code>${escapeHtml(command)}</code></p>
${warnings(report)}
<h2>Figures</h2>
${figures(report)}
${targets(report)}
<h2>What the hop is made of</h2>
${hopParts(report)}
<h2>Charts</h2>
<div class="charts">
${charts.map(figureOf).join('\n')}
</div>
<h2>Where and with what</h2>
${environment(report)}
</main>
<script type="application/json" id="charts">${dataOf(charts)}</script>
<script>${asset('uPlot.js')}</script>
<script type="module">${asset('charts.js')}</script>
</body>
</html>
`;
}

const ASSETS = {
  uPlot: 'uplot/dist/uPlot.min.css',
  'uPlot.js': 'uplot/dist/uPlot.iife.min.js',
  'page.css': './page/page.css',
  'charts.js': './page/charts.js',
} as const;

function asset(name: keyof typeof ASSETS): string {
  const text = readFileSync(fileURLToPath(import.meta.resolve(ASSETS[name])), 'utf8');
  // A script ends at the first of these, whatever it is in.
  return text.replaceAll('</script', '<\\/script');
}

function dataOf(charts: readonly Chart[]): string {
  const data = Object.fromEntries(charts.map(({ id, drawing }) => [id, drawing]));
  return JSON.stringify(data).replaceAll('<', '\\u003c');
}

function figureOf({ id, title, told }: Chart): string {
  return `<figure>
<figcaption><strong>${escapeHtml(title)}</strong><br>${escapeHtml(told)}</figcaption>
<div class="chart" id="${id}" role="img" aria-label="${escapeHtml(`${title}. ${told}`)}"></div>
</figure>`;
}

function warnings(report: ReportDocument): string {
  const doubts =
    report.ranking === undefined
      ? report.validity.warnings.map(({ message }) => message)
      : foldDoubts(report.validity.warnings, report.arms);
  if (doubts.length === 0) return '';
  return `<h2>Doubts</h2>\n<ul class="warnings">${doubts.map((one) => `<li>${escapeHtml(one)}</li>`).join('')}</ul>`;
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
          tableOf(
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
  return tableOf(
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

/** The first cell of a row names it. A table that is too wide scrolls, by keys too. */
function tableOf(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const body = rows.map(
    ([name = '', ...cells]) =>
      `<tr><th scope="row">${escapeHtml(name)}</th>${cells.map(cellOf).join('')}</tr>`,
  );
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(caption)}"><table>
<caption>${escapeHtml(caption)}</caption>
<thead><tr>${head.map((text) => `<th scope="col">${escapeHtml(text)}</th>`).join('')}</tr></thead>
<tbody>${body.join('\n')}</tbody>
</table></div>`;
}

function cellOf(text: string): string {
  const verdict = text in VERDICT_MARKS ? ` class="${text}"` : '';
  return `<td${verdict}>${escapeHtml(text)}</td>`;
}

function targets({ targets: held }: ReportDocument): string {
  const [head, ...rows] = targetCells(held);
  if (head === undefined) return '';
  const named = head.map((text) => (text === '' ? 'verdict' : text));
  return `<h2>Targets</h2>\n${tableOf(targetSentence(held), named, rows)}`;
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

function environment(report: ReportDocument): string {
  const { environment: found, policy, scenarios, arms } = report;
  const stolen = found.stealFraction === null ? 'n/a' : formatPercent(found.stealFraction);
  const rows = [
    ['CPU', `${found.cpuModel}, ${found.cpuCount} usable`],
    ['system', found.os],
    ['Node, V8', `${found.node}, ${found.v8}`],
    ['stolen time', stolen],
    [
      'commit',
      found.commit === null ? 'n/a' : `${found.commit}${found.dirty ? ', with changes' : ''}`,
    ],
    ['policy', `${policy.file}, ${formatCount(policy.rules, 'rule')}`],
    ...scenarios.map(({ name, title }) => ['scenario', `${name}: ${title}`]),
    ...arms
      .filter(({ role }) => role !== 'twin')
      .map(({ id, name, version }) => [id, `${name} ${version ?? ''}`.trim()]),
  ];
  return `<div class="facts">${tableOf('Environment', ['what', 'found'], rows)}</div>`;
}

function nameOf({ arms }: ReportDocument, id: string): string {
  return arms.find((arm) => arm.id === id || arm.role === id)?.name ?? id;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
