import { expect, test } from 'vitest';
import { MATRIX } from '../harness/conformance/fixtures/matrix.ts';
import { reportFixture } from '../harness/report/fixtures/report.ts';
import { peersPage } from './peers-page.ts';

const [{ scenario = '' } = {}] = reportFixture().comparisons;

const RANKING = {
  tier: 'forwarding',
  orders: [
    {
      scenario,
      metric: 'cpu-per-request',
      error: 0.05,
      leastRounds: 6,
      places: [
        { arm: 'candidate', best: 1, worst: 1 },
        { arm: 'reference', best: 2, worst: 2 },
      ],
      missing: [],
    },
  ],
  against: [{ arm: 'candidate', comparisons: reportFixture().comparisons }],
  unranked: [],
  leftOut: [{ name: 'odd', version: null, reason: 'it fails body-of-one-byte' }],
  judged: false,
} as const;

const REPORT = { ...reportFixture(), ranking: RANKING };

test('the page has method, machine, costs with ranks, and the matrix', () => {
  const page = peersPage({ report: REPORT, matrix: MATRIX });
  expect(page).toMatch(/^# Peers\n\nWritten by `npm run peers` on \d{4}-\d\d-\d\d/);
  const headings = page.match(/^## .*/gm);
  expect(headings).toEqual(['## How it was measured', '## What a hop costs', '## Conformance']);
  expect(page).toContain('10 rounds in ');
  expect(page).toMatch(/\| CPU \| /);
  expect(page).toMatch(/^\| \S+ \|.*\| 1 \|.*\| 0\.287x \(/m);
  expect(page).toContain('- odd: it fails body-of-one-byte');
  expect(page).toContain('- absent: not installed where this was written');
  expect(page).toContain('| **forwarding** | 2/2 | -2 | 1/2 | (1/2) |');
});

test('a run of few rounds says that its figures are not to be quoted', () => {
  const warned = /short or disturbed run of 3 rounds/;
  expect(peersPage({ report: REPORT, matrix: MATRIX })).not.toMatch(warned);
  const short = { ...REPORT, run: { ...REPORT.run, rounds: 3 } };
  expect(peersPage({ report: short, matrix: MATRIX })).toMatch(warned);
});

test('a comparison that ranked nobody gives no page', () => {
  const report = reportFixture();
  expect(() => peersPage({ report, matrix: MATRIX })).toThrow('ranked nobody');
});
