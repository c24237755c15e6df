/**
 * Makes the pictures of the README, and its sample, from one real run of `npm run compare`: the report as a
 * terminal shows it, the dashboard as it was after three quarters of it, and the page in Chromium.
 *
 *   node scripts/pictures.ts reports/RUN
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { frame } from '../harness/dashboard/frame.ts';
import { parseRecording } from '../harness/dashboard/recording.ts';
import { NOTHING_SEEN, type RunView, see } from '../harness/dashboard/run-view.ts';
import type { ReportDocument } from '../harness/model/report.ts';
import { renderPage } from '../harness/report/page.ts';
import { parseReport } from '../harness/report/schema.ts';
import { verdictSentence } from '../harness/report/sentence.ts';
import { renderTerminal } from '../harness/report/terminal.ts';
import { terminalPicture } from './terminal-picture.ts';

const COLUMNS = 80;
/** As many rows as a terminal of that width has, and the prompt. */
const ROWS = 25;
const PAGE = { width: 1100, height: 1250 };
const CHROMIUM = '/usr/bin/chromium';
const SAMPLE = /(<!-- sample -->\n```\n)[\s\S]*?(```\n<!-- end -->)/;

const inRoot = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

const [folder] = process.argv.slice(2);
if (folder === undefined || !existsSync(join(folder, 'report.json'))) {
  console.error('usage: node scripts/pictures.ts reports/RUN');
  process.exitCode = 2;
} else {
  const path = join(folder, 'report.json');
  const report = parseReport(readFileSync(path, 'utf8'), path);
  writeFileSync(inRoot('docs/compare.svg'), reportPicture(report));
  writeFileSync(inRoot('docs/dashboard.svg'), dashboardPicture(report, folder));
  await picturePage(report, folder);
  const readme = readFileSync(inRoot('README.md'), 'utf8');
  const text = renderTerminal(report, { color: false, width: COLUMNS, folder });
  writeFileSync(
    inRoot('README.md'),
    readme.replace(SAMPLE, (_, from, to) => from + text + to),
  );
}

function reportPicture(report: ReportDocument): string {
  const text = `$ ${report.run.command}\n\n${renderTerminal(report, { color: true, width: COLUMNS })}`;
  return terminalPicture(text.trimEnd().split('\n'), {
    title: verdictSentence(report),
    columns: COLUMNS,
  });
}

/** The last frame of the first three quarters of the run. */
function dashboardPicture(report: ReportDocument, from: string): string {
  const file = join(from, 'events.jsonl');
  const events = parseRecording(readFileSync(file, 'utf8'), file);
  const untilMs = (events.at(-1)?.atMs ?? 0) * 0.75;
  const view = events
    .filter(({ atMs }) => atMs <= untilMs)
    .reduce((seen: RunView, { event }) => see(seen, event), NOTHING_SEEN);
  const lines = frame(view, { columns: COLUMNS, rows: ROWS, color: true, group: 0, help: false });
  return terminalPicture(lines, {
    title: `The live dashboard of ${report.run.command}, after three quarters of it`,
    columns: COLUMNS,
  });
}

/** The upper part of the page, as a browser shows it. */
async function picturePage(report: ReportDocument, from: string): Promise<void> {
  const page = resolve(from, 'index.html');
  writeFileSync(page, renderPage(report));
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  try {
    const shown = await browser.newPage({ viewport: PAGE });
    await shown.goto(pathToFileURL(page).href);
    await shown.screenshot({ path: inRoot('docs/report.png') });
  } finally {
    await browser.close();
  }
}
