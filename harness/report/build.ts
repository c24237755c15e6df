/** Puts a report document together from what the stages of a run gave. Measures and judges nothing. */
import type { Environment } from '../model/environment.ts';
import {
  type ArmReport,
  type CalibrationReport,
  type HistogramReport,
  REPORT_SCHEMA_VERSION,
  type ReportDocument,
  type ScenarioReference,
  type SequenceReport,
  type TargetResult,
} from '../model/report.ts';
import type { Arm, Round } from '../model/round.ts';
import type { Warning } from '../model/warning.ts';
import type { Judgement } from '../verdict/judge.ts';

/** What a report is made of. */
export interface ReportParts {
  readonly toolVersion: string;
  readonly run: Omit<ReportDocument['run'], 'rounds'>;
  readonly environment: Environment;
  readonly scenarios: readonly ScenarioReference[];
  readonly policy: ReportDocument['policy'];
  /** In the order in which they are shown. */
  readonly arms: readonly ArmDescription[];
  readonly rounds: readonly Round[];
  readonly judgement: Judgement;
  readonly sequence: SequenceReport;
  readonly calibration?: CalibrationReport;
  readonly complete: boolean;
  readonly targets?: readonly TargetResult[];
  readonly histograms?: readonly HistogramReport[];
}

/** An arm, and what is known of it before anything is measured. */
export type ArmDescription = Arm & Pick<ArmReport, 'kind' | 'version' | 'tier' | 'conformance'>;

/** The document of a run. */
export function buildReport(parts: ReportParts): ReportDocument {
  const { judgement, rounds } = parts;
  return {
    schemaVersion: REPORT_SCHEMA_VERSION,
    tool: { name: 'hopmark', version: parts.toolVersion },
    // A round of component scenarios has an entry a case.
    run: { ...parts.run, rounds: new Set(rounds.map(({ index }) => index)).size },
    environment: parts.environment,
    scenarios: parts.scenarios,
    policy: parts.policy,
    arms: parts.arms.map(({ id, role, name, kind, version, tier, conformance }) => ({
      id,
      role,
      name,
      kind,
      version,
      tier,
      conformance,
      metrics: judgement.armMetrics[id] ?? [],
    })),
    comparisons: judgement.comparisons,
    controls: judgement.controls,
    ...(judgement.ranking === undefined ? {} : { ranking: judgement.ranking }),
    ...(parts.calibration === undefined ? {} : { calibration: parts.calibration }),
    sequence: parts.sequence,
    targets: parts.targets ?? [],
    rounds,
    histograms: parts.histograms ?? [],
    timeline: rounds.map(({ startedAtMs, signals }) => ({
      atMs: startedAtMs,
      stealFraction: signals.stealFraction,
      unsettledWaits: signals.unsettledWaits,
    })),
    validity: {
      valid: judgement.valid,
      complete: parts.complete,
      discarded: rounds.reduce((sum, round) => sum + round.signals.cyclesDiscarded, 0),
      warnings: [...withoutRepeats(judgement.warnings), ...gatherRoundWarnings(rounds, judgement)],
    },
    verdict: judgement.verdict,
  };
}

/** Two arms of one implementation give rise to the same doubt. */
function withoutRepeats(warnings: readonly Warning[]): Warning[] {
  return warnings.filter(
    ({ message }, index) => warnings.findIndex((other) => other.message === message) === index,
  );
}

/** Each doubt once, however many rounds have it; one that spoils the run has been told by then. */
function gatherRoundWarnings(rounds: readonly Round[], { warnings: told }: Judgement): Warning[] {
  const all = rounds
    .flatMap((round) => round.warnings)
    .filter(({ code }) => !told.some((warning) => warning.code === code));
  return [...Map.groupBy(all, ({ code, message }) => `${code} ${message}`).values()].flatMap(
    (same): Warning[] => {
      const [first] = same;
      if (first === undefined) return [];
      const share = `in ${same.length} of ${rounds.length} rounds`;
      return [{ code: first.code, message: `${first.message.replace(/\.$/, '')} (${share}).` }];
    },
  );
}
