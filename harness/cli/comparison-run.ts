/**
 * One comparison from beginning to end: conformance, rounds, judgement, report folder. What
 * `compare`, `gate` and `bench` have in common; what they show and how they exit is theirs.
 */
import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { SMOKE_SHAPE, shapeForBudget } from '../measure/plan.ts';
import { runSession, type SessionOptions, type SessionResult } from '../measure/session.ts';
import type { ReportDocument } from '../model/report.ts';
import type { Arm, ArmRole, Round } from '../model/round.ts';
import { type Scenario, scenarioHash } from '../model/scenario.ts';
import { buildReport } from '../report/build.ts';
import { reportFiles } from '../report/files.ts';
import { formatRatio } from '../report/number.ts';
import { findScenario } from '../scenarios/scenarios.ts';
import { median } from '../stats/quantile.ts';
import { prepareReportFolder, writeReport } from '../store/report-folder.ts';
import { createRunId } from '../store/run-id.ts';
import type { Injection } from '../sut/injection.ts';
import { describeEnvironment, machineFingerprint } from '../sut/machine.ts';
import type { NoiseFloors } from '../verdict/decide-metrics.ts';
import { judge } from '../verdict/judge.ts';
import { Sequence } from '../verdict/sequence.ts';
import type { Thresholds } from '../verdict/thresholds.ts';
import { attributeJudged, withAttribution } from './attribution-run.ts';
import { type CalibrationHere, calibrationHere } from './calibration-here.ts';
import { armsOf, type Contender, type Contest, describeArms, qualify } from './contest.ts';
import { ProgressLine, sessionLine } from './progress.ts';
import type { Shell } from './shell.ts';
import { toolVersion } from './version.ts';

/** What is compared, and how much of it. */
export interface ComparisonRequest {
  readonly reference: Contender;
  readonly candidate: Contender;
  /** A name, or the path of a scenario file. */
  readonly scenario: string;
  /** Default: the example policy. */
  readonly policy?: string;
  readonly fullConformance?: boolean;
  /** A few waves that show that all works; no verdict comes of it. */
  readonly smoke?: boolean;
  /** Time for measuring in milliseconds; default 90 s, or none where rounds are given. */
  readonly budget?: number;
  /** Rounds to measure; default: as many as the budget holds. */
  readonly rounds?: number;
  /** Default: drawn anew. */
  readonly seed?: number;
  /** Beside the metrics' own. */
  readonly thresholds: Thresholds;
  /** False: do without the calibration of this machine, as one that is being made has to. */
  readonly calibrated?: boolean;
  /** A slowdown put into the candidate on purpose. */
  readonly inject?: Injection;
  /** Profile both sides if it regressed; default: true, but for a smoke run. */
  readonly attribution?: boolean;
  /** Rounds from one look at the figures to the next, a decided run ends there; default: none. */
  readonly lookEvery?: number;
  /** The folder in which the report's own folder is made. */
  readonly reports: string;
  /** No progress. */
  readonly quiet?: boolean;
}

/** A comparison that came to an end, whatever its verdict. */
export interface FinishedComparison {
  readonly report: ReportDocument;
  /** The report's folder, absolute. */
  readonly folder: string;
}

const DEFAULT_BUDGET_MS = 90_000;
const SMOKE_ROUNDS = 2;
/** Over all judged metrics and looks of a run. */
const ERROR = 0.05;
const DEFAULT_COLUMNS = 80;

/**
 * Runs a comparison, its stages in order. Rejects with a HopmarkError if a contender may not be
 * measured or fails, and with the abort's reason if it is interrupted before its first round; no
 * report folder is left then.
 */
export async function runComparison(
  shell: Shell,
  request: ComparisonRequest,
): Promise<FinishedComparison> {
  const start = startOf(request);
  const progress = progressOf(shell, request);
  const scenario = await findScenario(request.scenario);
  const extent = extentOf(request);
  const folder = await prepareReportFolder(
    resolve(request.reports),
    createRunId(start.at, [nameOf(request.reference), nameOf(request.candidate)]),
  );
  let kept = false;
  try {
    const contest = await qualify(request, shell.signal, (stage, line) =>
      progress.show(stage, () => line),
    );
    const calibration = await calibrationOf(request, start, extent.budgetMs);
    const sequence = sequenceOf(request, contest, calibration.noiseFloors);
    const session = await runSession({
      arms: armsOf(contest),
      scenario,
      policy: contest.policy,
      ...(request.inject === undefined ? {} : { injection: request.inject }),
      seed: start.seed,
      shape: request.smoke === true ? SMOKE_SHAPE : shapeForBudget(extent.budgetMs),
      ...extent,
      decide: (rounds, moment) => sequence.next(rounds, moment),
      signal: shell.signal,
      onProgress: (now) =>
        progress.show(`round ${now.round}`, () => sessionLine(now, interimRatios(now.done))),
    });
    progress.end();
    if (session.rounds.length === 0) shell.signal.throwIfAborted();
    const judged = makeReport(shell, start, {
      request,
      contest,
      scenario,
      session,
      sequence,
      calibration,
      runId: folder.runId,
    });
    const injection = request.inject;
    const profile = (): ReturnType<typeof attributeJudged> => {
      progress.show('profiling', () => 'profiling both sides, to see what grew');
      const { seed } = start;
      const { signal } = shell;
      return attributeJudged({ contest, scenario, injection, seed, folder: folder.path, signal });
    };
    const wanted = request.attribution ?? request.smoke !== true;
    const report = wanted ? await withAttribution(judged, profile) : judged;
    await writeReport(folder, reportFiles(report));
    kept = true;
    return { report, folder: folder.path };
  } finally {
    progress.end();
    if (!kept) await folder.discard();
  }
}

/** What is fixed when a run begins. */
export interface RunStart {
  readonly at: Date;
  readonly monotonicMs: number;
  readonly seed: number;
}

/** Begins a run now. */
export function startOf({ seed }: ComparisonRequest): RunStart {
  return { at: new Date(), monotonicMs: performance.now(), seed: seed ?? randomInt(2 ** 32) };
}

/** Where a run's progress is shown, if anywhere. */
export function progressOf(shell: Shell, { quiet }: ComparisonRequest): ProgressLine {
  return new ProgressLine({
    write: quiet === true ? () => {} : shell.err,
    isTerminal: process.stderr.isTTY === true,
    columns: process.stderr.columns ?? DEFAULT_COLUMNS,
    nowMs: () => performance.now(),
  });
}

interface Measured {
  readonly request: ComparisonRequest;
  readonly contest: Contest;
  readonly scenario: Scenario;
  readonly session: SessionResult;
  readonly sequence: Sequence;
  readonly calibration: CalibrationHere;
  readonly runId: string;
}

function makeReport(
  shell: Shell,
  start: RunStart,
  { request, contest, scenario, session, sequence, calibration, runId }: Measured,
): ReportDocument {
  const { rounds, complete, histograms } = session;
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
    scenarios: [{ name: scenario.name, title: scenario.title, hash: scenarioHash(scenario) }],
    policy: { file: contest.policyFile, rules: contest.rules },
    arms: describeArms(contest),
    rounds,
    judgement: judge(rounds, {
      arms: armsOf(contest),
      level: sequence.level,
      thresholds: request.thresholds,
      noiseFloors: calibration.noiseFloors,
      bearsOut: (decision) => sequence.bearsOut(rounds, decision),
      complete,
      warnings: [...contest.warnings, ...calibration.warnings, ...session.warnings],
    }),
    ...(calibration.report === null ? {} : { calibration: calibration.report }),
    sequence: { looks: sequence.looks, confirmation: sequence.confirmation },
    complete,
    histograms,
  });
}

/** A run whose figures mean nothing needs none, and neither does one that makes it. */
async function calibrationOf(
  { calibrated, smoke }: ComparisonRequest,
  { at }: RunStart,
  budgetMs: number,
): Promise<CalibrationHere> {
  if (calibrated === false || smoke === true) {
    return { noiseFloors: {}, report: null, warnings: [] };
  }
  return calibrationHere(machineFingerprint(), budgetMs, at);
}

/** The looks of a run. */
export function sequenceOf(
  request: ComparisonRequest,
  contest: Contest,
  noiseFloors: NoiseFloors,
): Sequence {
  const arm = (role: ArmRole): Arm | null =>
    armsOf(contest).find((one) => one.role === role) ?? null;
  const [reference, candidate] = [arm('reference'), arm('candidate')];
  if (reference === null || candidate === null) throw new Error('a contest has two sides');
  return new Sequence({
    reference,
    candidate,
    twin: arm('twin'),
    thresholds: request.thresholds,
    noiseFloors,
    error: ERROR,
    lookEvery: request.lookEvery ?? null,
  });
}

/** What is known so far, for the progress line. */
function interimRatios(rounds: readonly Round[]): string {
  const shown = { 'hop-p50': 'hop', 'cpu-per-request': 'cpu' } as const;
  const ratios = (['hop-p50', 'cpu-per-request'] as const).flatMap((metric) => {
    const logs = rounds.flatMap(({ arms }) => {
      const [candidate, reference] = [
        arms.candidate?.values[metric],
        arms.reference?.values[metric],
      ];
      return candidate === undefined || reference === undefined ? [] : [candidate / reference];
    });
    return logs.length === 0 ? [] : [`${shown[metric]} ${formatRatio(median(logs))}`];
  });
  return ratios.join(', ');
}

/** What a contender is called. */
export function nameOf({ spec, label }: Contender): string {
  return label ?? spec;
}

/** Flags into the session's bounds: rounds alone are bounded by nothing but themselves. */
export function extentOf(request: ComparisonRequest): Pick<SessionOptions, 'budgetMs' | 'rounds'> {
  const rounds = request.rounds ?? (request.smoke === true ? SMOKE_ROUNDS : null);
  return {
    rounds,
    budgetMs: request.budget ?? (rounds === null ? DEFAULT_BUDGET_MS : Number.POSITIVE_INFINITY),
  };
}
