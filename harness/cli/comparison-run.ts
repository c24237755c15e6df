/**
 * One comparison from beginning to end: conformance, rounds, judgement, report folder. What
 * `compare`, `gate` and `bench` have in common; what they show and how they exit is theirs.
 */
import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { shapeUnder } from '../measure/conditions-shape.ts';
import { shapeForField } from '../measure/field-shape.ts';
import { SMOKE_SHAPE } from '../measure/plan.ts';
import {
  runSession,
  type SessionOptions,
  type SessionProgress,
  type SessionResult,
} from '../measure/session.ts';
import type { ReportDocument, TargetResult } from '../model/report.ts';
import { type Arm, type ArmRole, CONFIRMING_BUDGET, type Round } from '../model/round.ts';
import type { RoundAdvanced, RoundDone, RunBegun } from '../model/run-event.ts';
import { type Scenario, scenarioHash } from '../model/scenario.ts';
import { buildReport } from '../report/build.ts';
import { reportFiles } from '../report/files.ts';
import { historyEntry } from '../report/history-entry.ts';
import { findScenario } from '../scenarios/scenarios.ts';
import { prepareReportFolder, writeReport } from '../store/report-folder.ts';
import { createRunId } from '../store/run-id.ts';
import type { Injection } from '../sut/injection.ts';
import type { LoopbackAddress } from '../sut/loopback-address.ts';
import { describeEnvironment, machineFingerprint } from '../sut/machine.ts';
import type { NoiseFloors } from '../verdict/decide-metrics.ts';
import { type Judgement, judge } from '../verdict/judge.ts';
import { Sequence } from '../verdict/sequence.ts';
import { figuresSoFar, rankingSoFar } from '../verdict/so-far.ts';
import { checkTargets, TARGETS, type TargetDefinition } from '../verdict/targets.ts';
import type { Thresholds } from '../verdict/thresholds.ts';
import { attributeJudged, withAttribution } from './attribution-run.ts';
import { type CalibrationHere, calibrationHere } from './calibration-here.ts';
import { type Contender, type Contest, type OnStage, type Qualified, qualify } from './contest.ts';
import { armsOf, describeArms, policiesOf } from './contest-arms.ts';
import { qualifyField } from './contest-field.ts';
import { keepInHistory } from './keep-history.ts';
import { checkUrls } from './proxy-url.ts';
import { endOfBudget, judgeContest } from './ranking-run.ts';
import { HopSketch, roundEvent } from './round-event.ts';
import { watchRun } from './run-watch.ts';
import type { Shell } from './shell.ts';
import { toolVersion } from './version.ts';

/** What is compared, and how much of it. */
export interface ComparisonRequest {
  readonly reference: Contender;
  readonly candidate: Contender;
  /** Candidates beside the first: the run is a ranking then. */
  readonly others?: readonly Contender[];
  /** Shown, and neither judged nor ranked. */
  readonly floor?: Contender;
  /** Of a ranking: false does without a further row, with the policy on, of arms that have one. */
  readonly policyRows?: boolean;
  /** A name, or the path of a scenario file. */
  readonly scenario: string;
  /** Limits on single figures beside the plan's; of two arms alone. */
  readonly targets?: readonly TargetDefinition[];
  /** By spec, who has qualified before; added to. */
  readonly known?: Map<string, Promise<Qualified>>;
  /** Default: the example policy. */
  readonly policy?: string;
  readonly fullConformance?: boolean;
  /** Ids of conformance cases that nobody is held to in this run. */
  readonly skip?: readonly string[];
  /** A few waves that show that all works; no verdict comes of it. */
  readonly smoke?: boolean;
  /** Other runs of this process go on meanwhile, as of a suite's smoke mode. */
  readonly besideOthers?: boolean;
  /**
   * Time for the run in milliseconds, of which confirming and profiling a regression may take a
   * quarter more; default 90 s, and 15 s an arm where there are more than six, or none where rounds
   * are given.
   */
  readonly budget?: number;
  /** Rounds to measure; default: as many as the budget holds. */
  readonly rounds?: number;
  /** Default: drawn anew. */
  readonly seed?: number;
  /** Beside the metrics' own. */
  readonly thresholds: Thresholds;
  /** False: do without the calibration of this machine, as one that is being made has to. */
  readonly calibrated?: boolean;
  /** A budget in milliseconds whose rounds it has, however many; default: its own. */
  readonly roundsOfBudgetMs?: number;
  /** A slowdown put into the candidate on purpose. */
  readonly inject?: Injection;
  /** Where the origin listens, for proxies given by URL; default: on any free port. */
  readonly originAt?: LoopbackAddress;
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
const BUDGET_MS_AN_ARM = 15_000;
const SMOKE_ROUNDS = 2;
/** What reading the profiles and writing the report take of a run's time. */
const AFTERWARDS_MS = 2000;
/** Over all judged metrics and looks of a run. */
const ERROR = 0.05;

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
  checkUrls(
    [request.reference, request.candidate, ...(request.others ?? []), request.floor].flatMap(
      (one) => one?.spec ?? [],
    ),
    request.originAt,
  );
  const scenario = await findScenario(request.scenario);
  const extent = extentOf(request);
  const folder = await prepareReportFolder(
    resolve(request.reports),
    createRunId(start.at, namesOf(request)),
  );
  const watch = await watchRun(shell, request);
  const sinceStart = (): number => performance.now() - start.monotonicMs - watch.pausedMs();
  let kept = false;
  try {
    await watch.tell(begun(shell, request, scenario.name));
    const contest = await qualified(request, scenario, shell.signal, (stage, text) => {
      void watch.tell({ type: 'stage', stage, text });
    });
    const arms = armsOf(contest);
    const calibration = await calibrationOf(request, start, extent.budgetMs);
    const sequence =
      request.others === undefined ? sequenceOf(request, arms, calibration.noiseFloors) : null;
    await watch.tell(begun(shell, request, scenario.name, arms));
    // Conformance was part of the run's time.
    const measuringMs = extent.budgetMs - sinceStart();
    const shapedForMs = Math.min(measuringMs, request.roundsOfBudgetMs ?? measuringMs);
    const sketch = new HopSketch();
    const soFar = { request, arms, sequence, noiseFloors: calibration.noiseFloors, sketch };
    const session = await runSession({
      arms,
      scenario,
      policy: contest.policy,
      policies: policiesOf(contest),
      ...(request.inject === undefined ? {} : { injection: request.inject }),
      ...(request.originAt === undefined ? {} : { originAt: request.originAt }),
      seed: start.seed,
      // All arms but the direct one are processes.
      shape: shapeUnder(
        request.smoke === true ? SMOKE_SHAPE : shapeForField(shapedForMs, arms.length - 1),
        scenario.conditions,
        request.smoke,
      ),
      rounds: extent.rounds,
      budgetMs: measuringMs,
      decide: (rounds, moment) => sequence?.next(rounds, moment) ?? endOfBudget(moment),
      signal: shell.signal,
      besideOthers: request.besideOthers === true,
      onProgress: ({ phase, ...now }) => watch.tell(advanced(now, PHASE_WORDS[phase])),
      onTimes: (arm, timesUs) => sketch.record(arm, timesUs),
      betweenRounds: async (rounds) => {
        if (watch.isWatched) await watch.tell(roundSoFar(rounds, soFar));
        await watch.whenGoingOn();
      },
    });
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
      const text = 'profiling both sides, to see what grew';
      void watch.tell({ type: 'stage', stage: 'profiling', text });
      const { seed } = start;
      const { signal } = shell;
      const leftMs = CONFIRMING_BUDGET * extent.budgetMs - sinceStart() - AFTERWARDS_MS;
      return attributeJudged({
        contest,
        scenario,
        injection,
        seed,
        folder: folder.path,
        leftMs,
        signal,
      });
    };
    const wanted =
      sequence !== null &&
      (request.attribution ?? request.smoke !== true) &&
      canBeProfiled(contest);
    const report = wanted ? await withAttribution(judged, profile) : judged;
    await writeReport(folder, { ...reportFiles(report), ...watch.files() });
    kept = true;
    if (isPartOfHistory(request)) await keepInHistory(shell, folder.path, historyEntry(report));
    return { report, folder: folder.path };
  } finally {
    await watch.end();
    if (!kept) await folder.discard();
  }
}

/** What a smoke run, a slowdown on purpose or a proxy against itself shows is not what a commit did. */
export function isPartOfHistory({ smoke, inject, calibrated }: ComparisonRequest): boolean {
  return smoke !== true && inject === undefined && calibrated !== false;
}

/** No profiler of ours looks into a command, or behind a URL. */
function canBeProfiled({ reference, candidate }: Contest): boolean {
  return [reference, candidate].every(({ identity }) => identity.kind === 'module');
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

/** The first event of a run; its contestants are known by what was asked for until they have qualified. */
export function begun(
  { argv }: Shell,
  request: ComparisonRequest,
  scenario: string,
  arms: readonly Arm[] = askedFor(request),
): RunBegun {
  return {
    type: 'begun',
    command: argv[2] ?? 'compare',
    scenario,
    contestants: arms.map(({ id, role, name }) => ({ id, role, name })),
  };
}

function askedFor({ reference, candidate, others = [] }: ComparisonRequest): readonly Arm[] {
  const arm = (role: ArmRole, one: Contender, id: string = role): Arm => ({
    ...{ id, role },
    name: nameOf(one),
  });
  return [
    arm('reference', reference),
    arm('candidate', candidate),
    ...others.map((one, index) => arm('candidate', one, `candidate-${index + 2}`)),
  ];
}

/** Where within a round a run is. */
export function advanced(
  now: Pick<RoundAdvanced, 'round' | 'elapsedMs' | 'remainingMs' | 'plannedRounds'>,
  doing: string,
): RoundAdvanced {
  const { round, elapsedMs, remainingMs, plannedRounds } = now;
  return { type: 'advanced', round, doing, elapsedMs, remainingMs, plannedRounds };
}

const PHASE_WORDS: Readonly<Record<SessionProgress['phase'], string>> = {
  start: 'starting',
  'warm-up': 'warm-up',
  loaded: 'many in flight',
  sequential: '1 in flight',
  stop: 'stopping',
};

/** What is known of the latest round, and of all of them. */
export function roundSoFar(
  rounds: readonly Round[],
  options: {
    readonly request: Pick<ComparisonRequest, 'thresholds'>;
    readonly arms: readonly Arm[];
    /** Null: of a ranking. */
    readonly sequence: Sequence | null;
    readonly noiseFloors: NoiseFloors;
    /** Null: of components. */
    readonly sketch: HopSketch | null;
  },
): RoundDone {
  const { arms, noiseFloors } = options;
  const arm = (role: ArmRole): Arm | undefined => arms.find((one) => one.role === role);
  const [reference, candidate] = [arm('reference'), arm('candidate')];
  const figures =
    options.sequence === null || reference === undefined || candidate === undefined
      ? rankingSoFar(rounds, arms)
      : figuresSoFar(rounds, {
          ...{ reference, candidate, noiseFloors },
          twin: arm('twin') ?? null,
          level: 1 - ERROR,
          thresholds: options.request.thresholds,
        });
  return roundEvent(rounds, figures, options.sketch?.distribution() ?? null);
}

interface Measured {
  readonly request: ComparisonRequest;
  readonly contest: Contest;
  readonly scenario: Scenario;
  readonly session: SessionResult;
  /** Null: a ranking, which looks at its figures once. */
  readonly sequence: Sequence | null;
  readonly calibration: CalibrationHere;
  readonly runId: string;
}

function makeReport(
  shell: Shell,
  start: RunStart,
  { request, contest, scenario, session, sequence, calibration, runId }: Measured,
): ReportDocument {
  const { rounds, complete, histograms } = session;
  const facts = {
    level: 1 - ERROR,
    thresholds: request.thresholds,
    noiseFloors: calibration.noiseFloors,
    complete,
    warnings: [...contest.warnings, ...calibration.warnings, ...session.warnings],
  };
  const arms = describeArms(contest);
  const judgement =
    sequence === null
      ? judgeContest(rounds, contest, facts)
      : judge(rounds, {
          ...facts,
          arms: armsOf(contest),
          level: sequence.level,
          bearsOut: (decision) => sequence.bearsOut(rounds, decision),
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
    scenarios: [{ name: scenario.name, title: scenario.title, hash: scenarioHash(scenario) }],
    policy: { file: contest.policyFile, rules: contest.rules },
    arms,
    rounds,
    judgement,
    ...(calibration.report === null ? {} : { calibration: calibration.report }),
    sequence:
      sequence === null
        ? { looks: [{ rounds: rounds.length, error: ERROR }], confirmation: null }
        : { looks: sequence.looks, confirmation: sequence.confirmation },
    complete,
    histograms,
    // Targets are the candidate's, and a ranking has several.
    targets: sequence === null ? [] : targetsOf(request, arms, judgement, rounds),
  });
}

function targetsOf(
  { targets = [] }: ComparisonRequest,
  arms: readonly Arm[],
  { armMetrics, comparisons }: Judgement,
  rounds: readonly Round[],
): readonly TargetResult[] {
  return checkTargets([...TARGETS, ...targets], {
    arms: arms.map(({ id, role, name }) => ({ id, role, name, metrics: armMetrics[id] ?? [] })),
    comparisons,
    rounds,
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

/** A ranking's reference is needed by all, and so are all of its candidates' names. */
function qualified(
  request: ComparisonRequest,
  { conditions }: Scenario,
  signal: AbortSignal,
  onProgress: OnStage,
): Promise<Contest> {
  const { others } = request;
  const asked = conditions === undefined ? request : { ...request, conditions };
  return others === undefined
    ? qualify(asked, signal, onProgress)
    : qualifyField({ ...asked, others }, signal, onProgress);
}

/** The looks of a run. */
export function sequenceOf(
  request: ComparisonRequest,
  arms: readonly Arm[],
  noiseFloors: NoiseFloors,
): Sequence {
  const arm = (role: ArmRole): Arm | null => arms.find((one) => one.role === role) ?? null;
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
    // A gate's time is bounded by its budget and a quarter; rounds that were asked for are as many.
    goesBeyond:
      request.lookEvery !== undefined && request.rounds === undefined && request.smoke !== true,
  });
}

/** What the report folder is named after. */
function namesOf({ reference, candidate, others = [] }: ComparisonRequest): readonly string[] {
  const rest = others.length === 0 ? [] : [`and ${others.length} more`];
  return [nameOf(reference), nameOf(candidate), ...rest];
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
    budgetMs:
      request.budget ?? (rounds === null ? defaultBudgetMs(request) : Number.POSITIVE_INFINITY),
  };
}

function defaultBudgetMs({ others = [], floor }: ComparisonRequest): number {
  const named = 2 + others.length + (floor === undefined ? 0 : 1);
  return Math.max(DEFAULT_BUDGET_MS, named * BUDGET_MS_AN_ARM);
}
