import { describe, expect, test } from 'vitest';
import type { Attribution } from '../model/attribution.ts';
import type { ReportDocument } from '../model/report.ts';
import { reportFixture } from './fixtures/report.ts';
import { growthLines } from './growth-table.ts';
import { renderJson } from './json.ts';
import { renderMarkdown } from './markdown.ts';
import { parseReport } from './schema.ts';
import { createPaint } from './style.ts';
import { renderTerminal } from './terminal.ts';

const ATTRIBUTION: Attribution = {
  requests: { cpu: 6144, heap: 6144 },
  cpu: {
    reference: 31.4,
    candidate: 38.2,
    frames: [
      {
        name: 'now in spin',
        file: 'src/a-folder/with/a-rather-long/way/to/the-rule-matcher.ts',
        line: 40,
        reference: 0.206,
        candidate: 5.82,
        growth: 5.614,
      },
      {
        name: '(garbage collector)',
        file: null,
        line: null,
        reference: 0.51,
        candidate: 1.2,
        growth: 0.69,
      },
    ],
  },
  heap: {
    reference: 1940,
    candidate: 2005,
    frames: [
      {
        name: '(whole file)',
        file: 'src/cache.ts',
        line: null,
        reference: 0,
        candidate: 66.7,
        growth: 66.7,
      },
    ],
  },
  files: ['reference-1.cpuprofile'],
};

const canvas = { width: 80, paint: createPaint(false) };
const withGrowth = (attribution: Attribution): ReportDocument => ({
  ...reportFixture({ synthetic: { ratios: { candidate: { 'hop-p50': 1.12 } } } }),
  attribution,
});

describe('what grew', () => {
  test('on a terminal is a table of functions for each of the two', () => {
    expect(growthLines(ATTRIBUTION, canvas).join('\n')).toMatchInlineSnapshot(`
      "  what grew: CPU time, µs a request               reference  candidate  growth
        now in spin  …ng/way/to/the-rule-matcher.ts:40      0.206       5.82   +5.61
        (garbage collector)                                 0.510       1.20  +0.690
        all functions                                        31.4       38.2   +6.80

        what grew: allocated, B a request  reference  candidate  growth
        (whole file)  src/cache.ts                 0       66.7   +66.7
        all functions                           1940       2010   +65.0
        profiled after the measurement; the profiles are in the report folder"
    `);
  });

  test('says so if no function stands out', () => {
    const nothing = { ...ATTRIBUTION, heap: { reference: 1940, candidate: 1935, frames: [] } };
    expect(growthLines(nothing, canvas).join('\n')).toContain(
      'allocated, kB a request: no function grew',
    );
  });

  test('fits 80 columns however long names are', () => {
    const [frame] = ATTRIBUTION.cpu.frames;
    if (frame === undefined) throw new Error('no frame');
    const frames = [{ ...frame, name: `get ${'x'.repeat(90)}`, reference: 12_345, growth: 99_999 }];
    const long = { ...ATTRIBUTION, cpu: { ...ATTRIBUTION.cpu, frames } };
    for (const line of renderTerminal(withGrowth(long), { color: false, width: 80 }).split('\n')) {
      expect(line.length).toBeLessThanOrEqual(80);
    }
  });

  test('stands in Markdown before what is folded, and lets no name become markup', () => {
    const text = renderMarkdown(withGrowth(ATTRIBUTION));
    const table = text.slice(text.indexOf('| grew'), text.indexOf('<details>'));
    expect(table.trimEnd()).toMatchInlineSnapshot(`
      "| grew: CPU time, µs a request |  | reference | candidate | growth |
      | :--- | :--- | ---: | ---: | ---: |
      | now in spin | src/a-folder/with/a-rather-long/way/to/the-rule-matcher.ts:40 | 0.206 | 5.82 | +5.61 |
      | (garbage collector) |  | 0.510 | 1.20 | +0.690 |
      | all functions |  | 31.4 | 38.2 | +6.80 |

      | grew: allocated, B a request |  | reference | candidate | growth |
      | :--- | :--- | ---: | ---: | ---: |
      | (whole file) | src/cache.ts | 0 | 66.7 | +66.7 |
      | all functions |  | 1940 | 2010 | +65.0 |"
    `);
  });

  test('survives the way into JSON and back', () => {
    const report = withGrowth(ATTRIBUTION);
    expect(parseReport(renderJson(report), 'report.json')).toEqual(report);
  });
});
