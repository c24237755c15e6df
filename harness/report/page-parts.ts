/** What every page is made of: the document around it, tables, and charts with their words. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../model/environment.ts';
import type { Verdict } from '../model/report.ts';
import { formatPercent } from './number.ts';
import { VERDICT_MARKS } from './verdict-mark.ts';

/** A chart, as the page's script draws it and as it is told. */
export interface Chart {
  /** Of the element that it is drawn into. */
  readonly id: string;
  readonly title: string;
  /** What it shows, in a sentence or two. */
  readonly told: string;
  readonly drawing: Drawing;
}

/** What the page's script gets. Columns of values as uPlot takes them, the x values first. */
export interface Drawing {
  readonly labelX: string;
  readonly labelY: string;
  readonly series: readonly {
    readonly label: string;
    /** The name of a colour of the page. */
    readonly paint: string;
    readonly points?: boolean;
    readonly dash?: boolean;
  }[];
  readonly values: readonly (readonly (number | null)[])[];
  readonly logX?: boolean;
  readonly logY?: boolean;
  /** Nothing stands between whole numbers. */
  readonly wholeX?: boolean;
  /** What the y axis shows; default: the values' own range. */
  readonly rangeY?: readonly [number, number];
  /** What stands at the axis, by x. */
  readonly ticksX?: Readonly<Record<number, string>>;
}

/** A page's own parts. */
export interface PageParts {
  /** The first heading, which says it all. Text. */
  readonly sentence: string;
  /** Its colour and mark. */
  readonly verdict: Verdict;
  /** What follows it. HTML. */
  readonly body: string;
  /** All charts that stand in the body. */
  readonly charts: readonly Chart[];
}

/** A self-contained page that opens from disk. The same parts give the same bytes. */
export function pageOf({ sentence, verdict, body, charts }: PageParts): string {
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
<h1 class="verdict ${verdict}" data-mark="${VERDICT_MARKS[verdict].mark}">${escapeHtml(sentence)}</h1>
${body}
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

/** Charts side by side, each with its words; nothing without any. */
export function chartsHtml(charts: readonly Chart[]): string {
  if (charts.length === 0) return '';
  return `<div class="charts">\n${charts.map(figureHtml).join('\n')}\n</div>`;
}

function figureHtml({ id, title, told }: Chart): string {
  return `<figure>
<figcaption><strong>${escapeHtml(title)}</strong><br>${escapeHtml(told)}</figcaption>
<div class="chart" id="${id}" role="img" aria-label="${escapeHtml(`${title}. ${told}`)}"></div>
</figure>`;
}

/** The first cell of a row names it. A table that is too wide scrolls, by keys too. */
export function tableHtml(
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

/** A list under a heading of its own; nothing without doubts. */
export function doubtsHtml(doubts: readonly string[]): string {
  if (doubts.length === 0) return '';
  return `<h2>Doubts</h2>\n<ul class="warnings">${doubts.map((one) => `<li>${escapeHtml(one)}</li>`).join('')}</ul>`;
}

/** Where it was measured: the rows of a table of facts. */
export function factsHtml(rows: readonly (readonly string[])[]): string {
  return `<h2>Where and with what</h2>\n<div class="facts">${tableHtml('Environment', ['what', 'found'], rows)}</div>`;
}

/** Rows of facts about the machine. */
export function machineFacts(environment: Environment): readonly (readonly string[])[] {
  const { cpuModel, cpuCount, os, node, v8, stealFraction, commit, dirty } = environment;
  return [
    ['CPU', `${cpuModel}, ${cpuCount} usable`],
    ['system', os],
    ['Node, V8', `${node}, ${v8}`],
    ['stolen time', stealFraction === null ? 'n/a' : formatPercent(stealFraction)],
    ['commit', commit === null ? 'n/a' : `${commit}${dirty ? ', with changes' : ''}`],
  ];
}

/** Text that must not become markup. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
