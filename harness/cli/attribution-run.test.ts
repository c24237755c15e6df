import { readdirSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { createPolicy } from '../../impls/policy/load.ts';
import type { ReportDocument } from '../model/report.ts';
import { reportFixture } from '../report/fixtures/report.ts';
import { findScenario } from '../scenarios/scenarios.ts';
import { attributeJudged, type Judged, withAttribution } from './attribution-run.ts';
import { fixture, temporaryFolder } from './fixtures/run-cli.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

const regressed = (): ReportDocument => ({ ...reportFixture(), verdict: 'regressed' });

const judged = async (candidate: string, signal: AbortSignal): Promise<Judged> => {
  const side = (spec: string): Judged['contest']['reference'] => ({
    spec,
    label: spec.replace(/.*\//, ''),
    identity: {
      kind: 'module',
      name: spec,
      version: null,
      capabilities: ['forwarding'],
      skips: [],
    },
    tier: 'forwarding',
    conformance: { scope: 'fast', passed: 1, failed: 0, skipped: [] },
  });
  return {
    contest: {
      reference: side('optimized'),
      candidate: side(candidate),
      policy: createPolicy(),
    },
    scenario: await findScenario('fixed-1kb'),
    seed: 1,
    folder: folder.path,
    leftMs: 10_000,
    signal,
  };
};

describe('what grew is an addition to a verdict', () => {
  test('and is not looked for where nothing regressed', async () => {
    const report = reportFixture();
    const find = (): never => {
      throw new Error('it was looked for');
    };
    expect(await withAttribution(report, find)).toBe(report);
  });

  test.each([
    ['a proxy that cannot start any more', fixture('exits-at-start.ts'), /exited with code 7/],
    ['a proxy that fails under load', fixture('exits-in-the-middle.ts'), /exited with code 3/],
  ])('that stands with a warning if %s prevents it', async (_, candidate, message) => {
    const options = await judged(candidate, new AbortController().signal);
    const report = await withAttribution(regressed(), () => attributeJudged(options));
    expect(report.verdict).toBe('regressed');
    expect(report.attribution).toBeUndefined();
    expect(report.validity.warnings).toContainEqual({
      code: 'attribution-failed',
      message: expect.stringMatching(message),
    });
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test('that stands if it is interrupted', async () => {
    const controller = new AbortController();
    const options = await judged('optimized', controller.signal);
    const looking = withAttribution(regressed(), () => attributeJudged(options));
    setImmediate(() => controller.abort());
    const report = await looking;
    expect(report.validity.warnings).toContainEqual(
      expect.objectContaining({
        code: 'attribution-failed',
        message: expect.stringContaining('it was interrupted'),
      }),
    );
    expect(readdirSync(folder.path)).toEqual([]);
  });
});
