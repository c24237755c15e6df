import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReportDocument } from '../model/report.ts';
import { historyOf, level } from '../verdict/fixtures/history.ts';
import { analyseHistory } from '../verdict/history.ts';
import { loadReport, saturationReport, soakReport, sweepReport } from './fixtures/load-report.ts';
import { rankingFixture } from './fixtures/ranking.ts';
import { reportFixture } from './fixtures/report.ts';
import { renderHistoryPage } from './history-page.ts';
import { renderLoadPage } from './load-page.ts';
import { renderPage } from './page.ts';

const report = reportFixture({ synthetic: { count: 7 } });
const HISTORY = renderHistoryPage(
  analyseHistory(historyOf([...level(0.3, 12), ...level(0.36, 8)]), { wants: () => true }),
);
const CHROMIUM = '/usr/bin/chromium';
const hasChromium = existsSync(CHROMIUM);
const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

describe('the page of a report', () => {
  test('is the same for the same report, and needs nothing else', () => {
    const html = renderPage(report);
    expect(renderPage(report)).toBe(html);
    expect(html).not.toMatch(/(?:src|href)=|@import|url\((?!data:)/);
  });

  test('is below 300 kB without its data', () => {
    const html = renderPage(report).replace(/<script type="application\/json".*?<\/script>/s, '');
    expect(html.length).toBeLessThan(300_000);
  });

  test('has its verdict first, then the figures', () => {
    const body = renderPage(report).split('<main>')[1] ?? '';
    expect(body).toMatch(
      /^\s*<h1 class="verdict improved" data-mark="✓">Improved, optimized against/,
    );
    expect(body).toMatch(/<th scope="row">hop-p50<\/th><td>93\.5 µs<\/td><td>52\.8 µs<\/td>/);
  });

  test('lets no name out of its text', () => {
    const name = '</script><script>alert(1)</script>"\'&';
    const odd: ReportDocument = {
      ...report,
      arms: report.arms.map((arm) => (arm.role === 'candidate' ? { ...arm, name } : arm)),
    };
    expect(renderPage(odd)).not.toContain('<script>alert');
  });
});

test.runIf(process.env.CI === 'true')('Chromium is there (apt-get install chromium)', () => {
  expect(hasChromium).toBe(true);
});

describe.skipIf(!hasChromium)(
  'in a browser (skipped without Chromium: apt-get install chromium)',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'hopmark-page-'));
    let browser: Browser;
    beforeAll(async () => {
      browser = await chromium.launch({
        executablePath: CHROMIUM,
        args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
      });
    });
    afterAll(async () => {
      await browser.close();
      rmSync(folder, { recursive: true });
    });

    async function open(
      html: string,
      width: number,
      colorScheme: 'light' | 'dark',
    ): Promise<{ page: Page; told: string[] }> {
      const file = join(folder, `${width}-${colorScheme}.html`);
      writeFileSync(file, html);
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
      const told: string[] = [];
      page.on('console', (message) => told.push(message.text()));
      page.on('pageerror', (error) => told.push(String(error)));
      page.on('request', (request) => {
        if (!/^(?:file|data|blob):/.test(request.url())) told.push(`asks for ${request.url()}`);
      });
      await page.goto(pathToFileURL(file).href);
      return { page, told };
    }

    test.each([
      ['a comparison', renderPage(report), 1280, 'light'],
      ['a comparison', renderPage(report), 1280, 'dark'],
      ['a comparison', renderPage(report), 390, 'light'],
      ['a comparison', renderPage(report), 390, 'dark'],
      ['a ranking', renderPage(rankingFixture()), 390, 'light'],
      ['a history', HISTORY, 1280, 'light'],
      ['a history', HISTORY, 390, 'dark'],
      ['a load test', renderLoadPage(loadReport()), 390, 'light'],
      ['a soak', renderLoadPage(soakReport()), 1280, 'dark'],
      ['a sweep', renderLoadPage(sweepReport()), 390, 'dark'],
      ['a saturation', renderLoadPage(saturationReport()), 390, 'light'],
    ] as const)(
      '%s draws its charts, fits, and can be used by all',
      async (_what, shown, width, scheme) => {
        const { page, told } = await open(shown, width, scheme);
        expect(told).toEqual([]);
        const places = await page.locator('.chart').count();
        expect(await page.locator('.chart canvas').count()).toBe(places);
        expect(places).toBeGreaterThan(0);
        // Nothing but a table scrolls sideways.
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
          width,
        );
        await page.evaluate(AXE);
        const result = (await page.evaluate('axe.run()')) as {
          violations: { id: string; nodes: { html: string }[] }[];
        };
        expect(result.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
        await page.close();
      },
    );

    test('charts are drawn again for another width and other colours', async () => {
      const { page, told } = await open(renderPage(report), 1280, 'light');
      const width = async (): Promise<number> =>
        (await page.locator('.chart canvas').first().boundingBox())?.width ?? 0;
      const before = await width();
      await page.setViewportSize({ width: 390, height: 800 });
      await expect.poll(width).toBeLessThan(before);
      await page.emulateMedia({ colorScheme: 'dark' });
      expect(await page.locator('.chart canvas').count()).toBe(
        await page.locator('.chart').count(),
      );
      expect(told).toEqual([]);
      await page.close();
    });
  },
);
