import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadReport, saturationReport, soakReport, sweepReport } from './fixtures/load-report.ts';
import { loadReportSchema, publishedLoadSchema } from './load-schema.ts';

test.each([loadReport(), sweepReport(), soakReport(), saturationReport()])(
  'a $kind report is what its schema says, and nothing else is',
  (report) => {
    const read: unknown = JSON.parse(JSON.stringify(report));
    expect(loadReportSchema.parse(read)).toEqual(report);
    expect(loadReportSchema.safeParse({ ...report, more: 1 }).success).toBe(false);
    expect(loadReportSchema.safeParse({ ...report, schemaVersion: 2 }).success).toBe(false);
  },
);

test('docs/load-report.schema.json is what the schema gives (npm run schema)', () => {
  const path = new URL('../../docs/load-report.schema.json', import.meta.url);
  const published: unknown = JSON.parse(readFileSync(path, 'utf8'));
  expect(published).toEqual(JSON.parse(JSON.stringify(publishedLoadSchema())));
});
