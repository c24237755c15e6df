/**
 * Measures what each phase of the plan buys, by leaving each part of the optimized proxy out, and
 * writes docs/memory-tradeoffs.md. Every comparison is the one that users run.
 *
 *   node scripts/phases.ts [--rounds 10] [--traffic-budget 60s] [--no-traffic] [--only PART]
 *                          [--out FILE] [--smoke]
 *
 * `--rounds` of component scenarios a part; `--traffic-budget` for whole requests a part. `--smoke`
 * shows that all works; it and `--only` have to be told another file to write.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { ComparisonRequest } from '../harness/cli/comparison-run.ts';
import { watchInterrupts } from '../harness/cli/interrupt.ts';
import { parseDuration } from '../harness/cli/option.ts';
import { runScenario } from '../harness/cli/run-scenario.ts';
import type { Shell } from '../harness/cli/shell.ts';
import { packageRoot } from '../harness/cli/version.ts';
import type { ReportDocument } from '../harness/model/report.ts';
import optimized from '../impls/optimized/index.ts';
import { type MeasuredPhase, phaseDocument } from './phase-document.ts';
import { PHASES, type PhasePlan } from './phase-plan.ts';
import { tryPools } from './pools-not-built.ts';
import { scriptOptions } from './script-options.ts';

const DOCUMENT = join(packageRoot(), 'docs', 'memory-tradeoffs.md');
/** Fewer rounds, or less time, than these leave open what they were to decide. */
const FULL_ROUNDS = 10;
const FULL_TRAFFIC_MS = 60_000;
const PAIRS = 40;
const PAIR_MS = 5;

const { values } = scriptOptions({
  allowNegative: true,
  options: {
    rounds: { type: 'string', default: String(FULL_ROUNDS) },
    'traffic-budget': { type: 'string', default: '60s' },
    traffic: { type: 'boolean', default: true },
    only: { type: 'string', multiple: true },
    out: { type: 'string' },
    smoke: { type: 'boolean', default: false },
  },
});
if ((values.smoke || values.only !== undefined) && values.out === undefined) {
  console.error('A run that is smoke or of some parts has to be told what to write: --out FILE.');
  process.exit(2);
}
const trafficMs = parseDuration(values['traffic-budget']);

const interrupt = watchInterrupts();
const shell: Shell = {
  out: () => {},
  err: (text) => void process.stderr.write(text),
  signal: interrupt.signal,
  stop: interrupt.stop,
  endsBySignal: () => {},
  canDraw: false,
  argv: process.argv,
  exit: () => {},
};
const reports = await mkdtemp(join(tmpdir(), 'hopmark-phases-'));
try {
  const phases: MeasuredPhase[] = [];
  for (const plan of PHASES) {
    if (values.only?.includes(plan.part) ?? true) phases.push(await measure(plan));
  }
  const text = phaseDocument({
    phases,
    heldBytes: heldBytes(),
    tried: await tryPools(values.smoke ? 2 : PAIRS, values.smoke ? 0.1 : PAIR_MS),
    extent: extentText(),
  });
  const path = values.out ?? DOCUMENT;
  await writeFile(path, text);
  console.log(`Wrote ${path}.`);
} finally {
  await rm(reports, { recursive: true, force: true });
}

async function measure(plan: PhasePlan): Promise<MeasuredPhase> {
  const title = optimized.parts?.find(({ name }) => name === plan.part)?.title;
  if (title === undefined) throw new Error(`the optimized proxy has no part ${plan.part}`);
  console.error(`phase ${plan.phase}: ${plan.part}`);
  const components = await compare(plan, {
    scenario: plan.scenario,
    rounds: Number(values.rounds),
  });
  const traffic = values.traffic
    ? await compare(plan, { scenario: 'web-mix', budget: trafficMs })
    : null;
  return { plan, title, components, traffic };
}

async function compare(
  { part }: PhasePlan,
  extent: Pick<ComparisonRequest, 'scenario' | 'rounds' | 'budget'>,
): Promise<ReportDocument> {
  const { report } = await runScenario(shell, {
    ...(values.smoke ? { scenario: extent.scenario, smoke: true } : extent),
    reference: { spec: `optimized?without=${part}` },
    candidate: { spec: 'optimized' },
    thresholds: {},
    attribution: false,
    reports,
  });
  return report;
}

function heldBytes(): Readonly<Record<string, number>> {
  const script = fileURLToPath(new URL('./phase-memory.ts', import.meta.url));
  const printed = execFileSync(process.execPath, [script], { encoding: 'utf8' });
  return z.record(z.string(), z.number()).parse(JSON.parse(printed));
}

function extentText(): string {
  if (values.smoke) return 'a smoke run, whose figures mean nothing';
  const traffic = values.traffic ? `${trafficMs / 1000} s of traffic` : 'no traffic';
  const isFull =
    Number(values.rounds) >= FULL_ROUNDS && values.traffic && trafficMs >= FULL_TRAFFIC_MS;
  return `${isFull ? 'a full run' : 'a short run, which leaves much open'}: ${values.rounds} rounds of components and ${traffic} a part`;
}
