/**
 * One comparison by component scenarios from beginning to end: conformance, rounds, judgement,
 * targets, report folder. The counterpart of `comparison-run.ts`, without traffic.
 */
import { resolve } from 'node:path';
import { createPolicy } from '../../impls/policy/load.ts';
import { COMPONENT_SHAPE, COMPONENT_SMOKE_SHAPE } from '../measure/component-plan.ts';
import { runComponentSession } from '../measure/component-session.ts';
import type { SessionResult } from '../measure/session.ts';
import type { ComponentScenario } from '../model/component.ts';
import { HopmarkError } from '../model/error.ts';
import type { ReportDocument, SequenceReport } from '../model/report.ts';
import { buildReport } from '../report/build.ts';
import { reportFiles } from '../report/files.ts';
import { historyEntry } from '../report/history-entry.ts';
import { prepareReportFolder, writeReport } from '../store/report-folder.ts';
import { createRunId } from '../store/run-id.ts';
import { startComponentProcess } from '../sut/component-process.ts';
import { describeEnvironment } from '../sut/machine.ts';
import { judge } from '../verdict/judge.ts';
import type { Sequence } from '../verdict/sequence.ts';
import { checkTargets, TARGETS } from '../verdict/targets.ts';
import {
  advanced,
  begun,
  type ComparisonRequest,
  extentOf,
  type FinishedComparison,
  isPartOfHistory,
  nameOf,
  type RunStart,
  roundSoFar,
  sequenceOf,
  startOf,
} from './comparison-run.ts';
import { type Contest, qualify } from './contest.ts';
import { armsOf, describeArms } from './contest-arms.ts';
import { keepInHistory } from './keep-history.ts';
import { watchRun } from './run-watch.ts';
import { references } from './scenario-choice.ts';
import type { Shell } from './shell.ts';
import { toolVersion } from './version.ts';

/** Runs component scenarios. Rejects as `runComparison` does, and for options of traffic alone. */
export async function runComponents(
  shell: Shell,
  request: ComparisonRequest,
  scenarios: readonly ComponentScenario[],
): Promise<FinishedComparison> {
  refuseTrafficOptions(request);
  const start = startOf(request);
  const extent = extentOf({ ...request, ...usualBudget(request, scenarios.length) });
  const folder = await prepareReportFolder(
    resolve(request.reports),
    createRunId(start.at, [nameOf(request.reference), nameOf(request.candidate)]),
  );
  const watch = await watchRun(shell, request);
  let kept = false;
  try {
    await watch.tell(begun(shell, request, scenarios.map(({ name }) => name).join(', ')));
    const setting = { seed: start.seed, policy: createPolicy() };
    for (const { spec } of [request.reference, request.candidate]) {
      // What cannot be driven is better told now than after its conformance.
      await (await startComponentProcess(spec, spec, setting, shell.signal)).kill();
    }
    const contest = await qualify(request, shell.signal, (stage, text) => {
      void watch.tell({ type: 'stage', stage, text });
    });
    const cases = scenarios.reduce((sum, scenario) => sum + scenario.cases.length, 0);
    const sequence = sequenceOf(
      {
        ...request,
        // It counts entries, of which a round has one a case.
        ...(request.lookEvery === undefined ? {} : { lookEvery: request.lookEvery * cases }),
      },
      armsOf(contest),
      {},
    );
    const arms = armsOf(contest).filter(({ role }) => role !== 'direct');
    const session = await runComponentSession({
      arms,
      scenarios,
      shape: request.smoke === true ? COMPONENT_SMOKE_SHAPE : COMPONENT_SHAPE,
      ...setting,
      ...extent,
      decide: (rounds, moment) => sequence.next(rounds, moment),
      signal: shell.signal,
      besideOthers: request.besideOthers === true,
      onProgress: (now) => watch.tell(advanced(now, now.scenario)),
      betweenRounds: async (rounds) => {
        const facts = { request, arms, sequence, noiseFloors: {}, sketch: null };
        if (watch.isWatched) await watch.tell(roundSoFar(rounds, facts));
        await watch.whenGoingOn();
      },
    });
    if (session.rounds.length === 0) shell.signal.throwIfAborted();
    const report = makeReport(shell, start, {
      ...{ request, contest, scenarios, session, sequence, cases },
      runId: folder.runId,
    });
    await writeReport(folder, { ...reportFiles(report), ...watch.files() });
    kept = true;
    if (isPartOfHistory(request)) await keepInHistory(shell, folder.path, historyEntry(report));
    return { report, folder: folder.path };
  } finally {
    await watch.end();
    if (!kept) await folder.discard();
  }
}

/** What many scenarios need to be judged together, for whoever does not say. */
const BUDGET_A_SCENARIO_MS = 30_000;
const LEAST_BUDGET_MS = 60_000;

function usualBudget(
  { budget, rounds, smoke }: ComparisonRequest,
  scenarios: number,
): { readonly budget?: number } {
  if (budget !== undefined || rounds !== undefined || smoke === true) return {};
  return { budget: Math.max(LEAST_BUDGET_MS, scenarios * BUDGET_A_SCENARIO_MS) };
}

function refuseTrafficOptions({ inject, policy }: ComparisonRequest): void {
  const given = inject !== undefined ? '--inject' : policy !== undefined ? '--policy' : null;
  if (given === null) return;
  const message = `${given} concerns traffic, and component scenarios have none`;
  const remedy = `Leave ${given} out, or name a traffic scenario.`;
  throw new HopmarkError('user', 'traffic-option', message, { remedy });
}

interface Measured {
  readonly request: ComparisonRequest;
  readonly contest: Contest;
  readonly scenarios: readonly ComponentScenario[];
  readonly session: Omit<SessionResult, 'histograms'>;
  readonly sequence: Sequence;
  /** Entries a round. */
  readonly cases: number;
  readonly runId: string;
}

function makeReport(
  shell: Shell,
  start: RunStart,
  { request, contest, scenarios, session, sequence, cases, runId }: Measured,
): ReportDocument {
  const { rounds, complete } = session;
  const arms = describeArms(contest).filter(({ role }) => role !== 'direct');
  const judgement = judge(rounds, {
    arms,
    level: sequence.level,
    thresholds: request.thresholds,
    bearsOut: (decision) => sequence.bearsOut(rounds, decision),
    complete,
    warnings: [...contest.warnings, ...session.warnings],
  });
  return buildReport({
    toolVersion: toolVersion(),
    run: {
      id: runId,
      startedAt: start.at.toISOString(),
      durationMs: performance.now() - start.monotonicMs,
      seed: start.seed,
      command: `hopmark ${shell.argv.slice(2).join(' ')}`,
    },
    environment: describeEnvironment(session.stealFraction),
    scenarios: references({ kind: 'components', scenarios }),
    policy: { file: 'none: each component scenario has its own', rules: 0 },
    arms,
    rounds,
    judgement,
    sequence: inRounds(sequence, cases),
    complete,
    targets: checkTargets([...TARGETS, ...(request.targets ?? [])], {
      arms: arms.map(({ id, role, name }) => ({
        ...{ id, role, name },
        metrics: judgement.armMetrics[id] ?? [],
      })),
      comparisons: judgement.comparisons,
      rounds,
    }),
  });
}

/** A sequence counts what it is told of, which is an entry a case. */
function inRounds({ looks, confirmation }: Sequence, cases: number): SequenceReport {
  return {
    looks: looks.map((look) => ({ ...look, rounds: look.rounds / cases })),
    confirmation: confirmation && {
      after: confirmation.after / cases,
      rounds: Math.max(1, Math.ceil(confirmation.rounds / cases)),
    },
  };
}
