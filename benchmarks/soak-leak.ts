/**
 * Does `hopmark soak` find a planted leak, and clear a proxy that has none? Runs it for real on the
 * optimized proxy with a leak of so many bytes a request, and on proxies without one.
 *
 *   node benchmarks/soak-leak.ts [--duration 60s] [--rate 2000] [--leak 100] [--honest optimized]...
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../harness/cli/version.ts';
import type { SoakReport } from '../harness/model/load-report.ts';
import { scriptOptions } from '../scripts/script-options.ts';

export const LEAKING: string = fileURLToPath(
  new URL('./fixtures/leaking-proxy.ts', import.meta.url),
);

export interface SoakRun {
  readonly report: SoakReport;
  readonly exitCode: number;
}

/** Runs `soak ARGS --json`. `leakBytes` is what the leaking proxy keeps a request. */
export async function runSoakCommand(args: readonly string[], leakBytes: number): Promise<SoakRun> {
  const reports = await mkdtemp(join(tmpdir(), 'hopmark-soak-'));
  try {
    const launcher = join(packageRoot(), 'bin', 'hopmark.js');
    const child = spawn(
      process.execPath,
      [launcher, 'soak', ...args, '--json', '--quiet', '--reports', reports],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, HOPMARK_LEAK_BYTES: String(leakBytes) },
      },
    );
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    const [exitCode] = (await once(child, 'close')) as [number];
    return { report: JSON.parse(text) as SoakReport, exitCode };
  } finally {
    await rm(reports, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const { values } = scriptOptions({
    options: {
      duration: { type: 'string', default: '60s' },
      rate: { type: 'string', default: '2000' },
      leak: { type: 'string', default: '100' },
      honest: { type: 'string', multiple: true, default: ['optimized', 'baseline'] },
    },
  });
  const args = ['--duration', values.duration, '--rate', values.rate, '--max-memory', '1GB'];
  const runs = [
    { name: `leaking ${values.leak} bytes`, spec: LEAKING, expected: 'leak' },
    ...values.honest.map((name) => ({ name, spec: name, expected: 'no-leak' })),
  ];
  for (const { name, spec, expected } of runs) {
    const { report } = await runSoakCommand([spec, ...args], Number(values.leak));
    const { verdict, bytesPerRequest, interval } = report.leak;
    const range = interval?.map((end) => end.toFixed(2)).join(' to ') ?? 'no interval';
    console.log(
      `${name}: ${verdict}, ${bytesPerRequest?.toFixed(2)} bytes a request (${range}) over ${report.proxy.requests} requests: ${verdict === expected ? 'as it should' : `SHOULD BE ${expected}`}`,
    );
    if (verdict !== expected) process.exitCode = 1;
  }
}
