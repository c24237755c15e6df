/** Runs `hopmark compare` as a user would and reads its report. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../harness/cli/version.ts';
import type { MetricName } from '../harness/model/metric.ts';
import type { ReportDocument } from '../harness/model/report.ts';
import { parseReport } from '../harness/report/schema.ts';

export interface CompareRun {
  readonly report: ReportDocument;
  readonly exitCode: number;
  readonly seconds: number;
}

/** Runs `compare ARGS --json`. Throws if it gives no report. */
export async function runCompare(args: readonly string[]): Promise<CompareRun> {
  const reports = await mkdtemp(join(tmpdir(), 'hopmark-bench-'));
  const began = performance.now();
  try {
    const launcher = join(packageRoot(), 'bin', 'hopmark.js');
    const child = spawn(
      process.execPath,
      [launcher, 'compare', ...args, '--json', '--quiet', '--reports', reports],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    const [exitCode] = (await once(child, 'close')) as [number];
    const seconds = (performance.now() - began) / 1000;
    return { report: parseReport(text, `compare ${args.join(' ')}`), exitCode, seconds };
  } finally {
    await rm(reports, { recursive: true, force: true });
  }
}

/** A metric's ratio of candidate to reference, or NaN where there is none. */
export function ratioOf({ comparisons }: ReportDocument, metric: MetricName): number {
  return comparisons.find((one) => one.metric === metric)?.ratio ?? Number.NaN;
}
