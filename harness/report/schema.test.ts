import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { HopmarkError } from '../model/error.ts';
import { reportFixture } from './fixtures/report.ts';
import { renderJson } from './json.ts';
import { parseReport, publishedSchema } from './schema.ts';

const refusal = (text: string): HopmarkError => {
  try {
    parseReport(text, 'report.json');
  } catch (error) {
    if (error instanceof HopmarkError) return error;
    throw error;
  }
  throw new Error('it was accepted');
};

describe('a stored report', () => {
  test('survives the way into JSON and back', () => {
    const report = reportFixture();
    expect(parseReport(renderJson(report), 'report.json')).toEqual(report);
  });

  test('may be one of nothing', () => {
    const report = reportFixture({ synthetic: { count: 0 } });
    expect(parseReport(renderJson(report), 'report.json')).toEqual(report);
  });

  test('that was cut short is refused with its path and a remedy', () => {
    const error = refusal(renderJson(reportFixture()).slice(0, 400));
    expect(error).toMatchObject({ side: 'user', code: 'report-corrupt' });
    expect(error.message).toBe('report.json is not JSON, or was cut short');
    expect(error.remedy).not.toBe('');
  });

  test('with a wrong value is refused with the place of it', () => {
    const report = { ...reportFixture(), verdict: 'great' };
    const error = refusal(JSON.stringify(report));
    expect(error.code).toBe('report-corrupt');
    expect(error.message).toContain('report.json is not a Hopmark report at verdict:');
  });

  test.each(['null', '[]', '"text"', '{}', '{"schemaVersion":"1"}'])(
    'that is %s is refused',
    (text) => {
      expect(refusal(text).code).toBe('report-corrupt');
    },
  );

  test('of a newer schema is refused as such, whatever else it holds', () => {
    const error = refusal('{"schemaVersion": 2, "novelty": true}');
    expect(error).toMatchObject({ side: 'user', code: 'report-newer' });
    expect(error.message).toContain('schema 2, and this version of Hopmark knows up to 1');
  });

  test('with an unknown key is refused', () => {
    expect(refusal(JSON.stringify({ ...reportFixture(), surprise: 1 })).message).toContain(
      'surprise',
    );
  });
});

test('the published JSON Schema is the one that reports are read with', async () => {
  const path = new URL('../../docs/report.schema.json', import.meta.url);
  // docs/report-schema.md says how it is written anew.
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(publishedSchema());
});
