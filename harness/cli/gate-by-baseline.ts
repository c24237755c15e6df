/**
 * The gate by a saved baseline: measures the implementation beside the reference that the baseline
 * was measured beside, and judges the run against the saved one. Nothing is saved.
 */
import { relative } from 'node:path';
import type { ReportDocument, Verdict } from '../model/report.ts';
import { renderAgainst, renderFigures } from '../report/baseline-table.ts';
import { renderTargets } from '../report/target-table.ts';
import { judgeAgainst } from '../verdict/against-baseline.ts';
import type { ComparisonRequest } from './comparison-run.ts';
import { runScenario } from './run-scenario.ts';
import { checkScenarios, loadBaseline } from './saved-baselines.ts';
import { chooseScenario, scenarioHashes } from './scenario-choice.ts';
import { type Shell, wantsColor } from './shell.ts';

interface BaselineGate extends Omit<ComparisonRequest, 'reference' | 'candidate'> {
  readonly implementation: string;
  /** The folder of saved baselines. */
  readonly baselines: string;
  readonly json?: boolean;
  readonly color: boolean;
}

const DEFAULT_COLUMNS = 80;
/** Of a baseline that names no reference. */
const USUAL_REFERENCE = 'baseline';

/** What came of a gate. */
export interface GateResult {
  readonly report: ReportDocument;
  readonly verdict: Verdict;
  /** What is printed. */
  readonly text: string;
}

/** Measures and judges. Rejects as `runScenario` does, and for a baseline that can't be used. */
export async function gateByBaseline(
  shell: Shell,
  name: string,
  request: BaselineGate,
): Promise<GateResult> {
  const saved = await loadBaseline(request.baselines, name);
  checkScenarios(scenarioHashes(await chooseScenario(request.scenario)), saved, name);
  const beside = saved.report.arms.find(({ role }) => role === 'reference');
  const { report, folder } = await runScenario(shell, {
    ...request,
    reference: { spec: beside?.name ?? USUAL_REFERENCE },
    candidate: { spec: request.implementation },
    // It is the saved run that this one may have regressed from.
    attribution: false,
  });
  const judged = judgeAgainst(report, saved.report, request.thresholds);
  if (request.json === true) {
    const document = { schemaVersion: 1, baseline: { name, ...judged }, report };
    return { report, verdict: judged.verdict, text: `${JSON.stringify(document, null, 2)}\n` };
  }
  const layout = {
    color: wantsColor(process.stdout, request.color),
    width: process.stdout.columns ?? DEFAULT_COLUMNS,
  };
  const names = { current: request.implementation, saved: name };
  const held = renderTargets(report.targets, layout);
  const figures = `${renderFigures(report, layout)}${held}\n  Report  ${relative(process.cwd(), folder)}\n`;
  return {
    report,
    verdict: judged.verdict,
    text: `${figures}\n${renderAgainst(judged, names, layout)}`,
  };
}
