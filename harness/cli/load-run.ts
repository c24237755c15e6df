/**
 * One load command from beginning to end: conformance, a session, a document, a report folder. What
 * `load`, `soak` and a saturation have in common; what each measures and judges is handed in.
 */
import { randomInt } from 'node:crypto';
import { relative, resolve } from 'node:path';
import type { SessionEnd, SessionSettings } from '../load/session.ts';
import { HopmarkError } from '../model/error.ts';
import type { AnyLoadReport } from '../model/load-report.ts';
import { LOAD_REPORT_SCHEMA_VERSION } from '../model/load-report.ts';
import { type Scenario, scenarioHash } from '../model/scenario.ts';
import type { Warning } from '../model/warning.ts';
import { loadHistoryEntry } from '../report/history-entry.ts';
import { loadReportFiles, renderLoadJson } from '../report/load-files.ts';
import { renderLoadText } from '../report/load-text.ts';
import { findScenario } from '../scenarios/scenarios.ts';
import { prepareReportFolder, writeReport } from '../store/report-folder.ts';
import { createRunId } from '../store/run-id.ts';
import { describeEnvironment } from '../sut/machine.ts';
import { type Contest, type Qualified, qualify } from './contest.ts';
import { describeArms } from './contest-arms.ts';
import { EXIT, exitCodeOfLoad } from './exit-code.ts';
import { keepInHistory } from './keep-history.ts';
import type { CommonLoadOptions } from './load-options.ts';
import { errorLines } from './message.ts';
import { watchRun } from './run-watch.ts';
import { type Shell, wantsColor } from './shell.ts';
import { toolVersion } from './version.ts';

/** What every load command is asked for. */
export interface LoadRequest extends CommonLoadOptions {
  /** A built-in name or a module path. */
  readonly implementation: string;
  /** Part of the report folder's name. */
  readonly command: string;
  /** True: what it needs to know can only be asked of a module. */
  readonly modulesOnly: boolean;
  readonly connections: number;
  readonly durationMs: number;
}

/** The parts of a document that every kind has, but for validity and verdict. */
export type LoadReportBase = Pick<
  AnyLoadReport,
  'schemaVersion' | 'tool' | 'run' | 'environment' | 'scenario' | 'policy' | 'implementation'
>;

/** What a command makes of its session. */
export interface MeasuredLoad {
  readonly end: SessionEnd;
  /** The document, given what all have in common and the doubts that are known already. */
  readonly document: (base: LoadReportBase, warnings: readonly Warning[]) => AnyLoadReport;
  /** HdrHistogram's own text, or null. */
  readonly percentileText: string | null;
}

const DEFAULT_COLUMNS = 80;

/** These drivers send requests on connections that are kept. */
function refuseUnkept({ name, kind, conditions }: Scenario): void {
  if (kind !== 'websocket' && conditions?.connections === undefined) return;
  const what = kind === 'websocket' ? 'has no HTTP requests' : 'keeps no connections';
  throw new HopmarkError(
    'user',
    'scenario-unfit',
    `no load can be offered by ${name}: it ${what}`,
    {
      remedy: `hopmark compare and bench measure it; --scenario takes any other here.`,
    },
  );
}

/**
 * Runs a load command: prints the report, writes its folder, sets the exit code. Rejects with a
 * HopmarkError if nothing could be measured; no report folder is left then.
 */
export async function runLoadCommand(
  shell: Shell,
  request: LoadRequest,
  measure: (settings: SessionSettings) => Promise<MeasuredLoad>,
): Promise<void> {
  const start = { at: new Date(), monotonicMs: performance.now() };
  const seed = request.seed ?? randomInt(2 ** 32);
  const scenario = await findScenario(request.scenario);
  refuseUnkept(scenario);
  const folder = await prepareReportFolder(
    resolve(request.reports),
    createRunId(start.at, [request.command, request.implementation]),
  );
  const watch = await watchRun(shell, request);
  let kept = false;
  try {
    const contender = { spec: request.implementation };
    await watch.tell({
      type: 'begun',
      command: request.command,
      scenario: scenario.name,
      contestants: [{ id: 'candidate', role: 'candidate', name: request.implementation }],
    });
    const contest = await qualify(
      {
        ...request,
        ...(scenario.conditions === undefined ? {} : { conditions: scenario.conditions }),
        reference: contender,
        candidate: contender,
      },
      shell.signal,
      (stage, text) => void watch.tell({ type: 'stage', stage, text }),
    );
    refuseUnseen(contest.candidate, request);
    const measured = await measure({
      spec: request.implementation,
      label: contest.candidate.label,
      scenario,
      policy: contest.policy,
      seed,
      signal: shell.signal,
      connections: request.connections,
      arrivals: request.arrivals,
      ratePerSecond: request.rate ?? null,
      durationMs: request.durationMs,
      smoke: request.smoke === true,
      // What is due is sent whether or not somebody has seen the last line.
      onProgress: (now) => void watch.tell({ type: 'load', ...now }),
    });
    await watch.end();
    const report = measured.document(
      {
        schemaVersion: LOAD_REPORT_SCHEMA_VERSION,
        tool: { name: 'hopmark', version: toolVersion() },
        run: {
          id: folder.runId,
          startedAt: start.at.toISOString(),
          durationMs: performance.now() - start.monotonicMs,
          seed,
          command: `hopmark ${shell.argv.slice(2).join(' ')}`,
        },
        environment: describeEnvironment(measured.end.stealFraction),
        scenario: { name: scenario.name, title: scenario.title, hash: scenarioHash(scenario) },
        policy: { file: contest.policyFile, rules: contest.rules },
        implementation: implementationOf(contest),
      },
      [...contest.warnings, ...doubtsOf(measured.end)],
    );
    await writeReport(folder, {
      ...loadReportFiles(report, measured.percentileText),
      ...watch.files(),
    });
    kept = true;
    if (report.kind === 'load' && request.smoke !== true) {
      await keepInHistory(shell, folder.path, loadHistoryEntry(report));
    }
    show(shell, request, report, folder.path);
    exit(shell, report, measured.end);
  } finally {
    await watch.end();
    if (!kept) await folder.discard();
  }
}

/** Throws a user's HopmarkError for a proxy that cannot be put under this load. */
function refuseUnseen({ label, identity }: Qualified, { command, modulesOnly }: LoadRequest): void {
  if (identity.kind === 'module' || (identity.kind === 'command' && !modulesOnly)) return;
  const what = identity.kind === 'url' ? 'a URL' : 'a program, whose heap cannot be seen';
  const message = `hopmark ${command} cannot measure ${label}: it is ${what}`;
  const remedy = modulesOnly
    ? 'Name a module, or one of ours.'
    : 'Name a module, or a command that hopmark starts itself.';
  throw new HopmarkError('user', 'not-measurable', message, { remedy });
}

function implementationOf(contest: Contest): AnyLoadReport['implementation'] {
  const arm = describeArms(contest).find(({ role }) => role === 'candidate');
  if (arm === undefined) throw new Error('a contest has a candidate');
  const { name, kind, version, tier, conformance } = arm;
  return { name, kind, version, tier, conformance };
}

function doubtsOf({ warnings, complete, failure }: SessionEnd): readonly Warning[] {
  if (failure !== null) {
    const message = `${failure.message}: what was measured until then is reported.`;
    return [...warnings, { code: 'ended-by-itself', message }];
  }
  if (complete) return warnings;
  const message = 'The run ended before its time: what was measured until then is reported.';
  return [...warnings, { code: 'ended-early', message }];
}

function show(shell: Shell, request: LoadRequest, report: AnyLoadReport, folder: string): void {
  shell.out(
    request.json === true
      ? renderLoadJson(report)
      : renderLoadText(report, {
          color: wantsColor(process.stdout, request.color),
          width: process.stdout.columns ?? DEFAULT_COLUMNS,
          folder: relative(process.cwd(), folder),
        }),
  );
}

/** A proxy that died is a proxy that failed, whatever else was found. */
function exit(shell: Shell, report: AnyLoadReport, { failure }: SessionEnd): void {
  if (failure === null) {
    shell.exit(exitCodeOfLoad(report.verdict));
    return;
  }
  for (const line of errorLines(failure, shell.argv.includes('--debug'))) shell.err(`${line}\n`);
  shell.exit(EXIT.broken);
}
