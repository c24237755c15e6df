/** From a request to the run that its scenario asks for: traffic or components. */
import {
  type ComparisonRequest,
  type FinishedComparison,
  runComparison,
} from './comparison-run.ts';
import { runComponents } from './component-run.ts';
import { chooseScenario } from './scenario-choice.ts';
import type { Shell } from './shell.ts';

/** Runs a comparison. Rejects as {@link runComparison} does. */
export async function runScenario(
  shell: Shell,
  request: ComparisonRequest,
): Promise<FinishedComparison> {
  const choice = await chooseScenario(request.scenario);
  return choice.kind === 'traffic'
    ? runComparison(shell, request)
    : runComponents(shell, request, choice.scenarios);
}
