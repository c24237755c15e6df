/**
 * The verdict of a load test: whether the 99th percentile stays below its target at the rate that
 * was asked for. Latency counts from the intended moment, so what the driver was late by only ever
 * adds to it: a target that is met in spite of it is met, one that is missed because of it is not
 * decided.
 */
import type {
  LoadReason,
  LoadReport,
  LoadVerdict,
  OpenLoopFigures,
  SaturationReport,
  SweepReport,
} from '../model/load-report.ts';
import type { Warning } from '../model/warning.ts';
import { driverDoubts, heldRate, isDriverLate, isDriverSaturated, latencyOf } from './open-loop.ts';

/** What is judged. */
export type JudgedLoad = Pick<LoadReport, 'direct' | 'proxy' | 'targetLatencyUs'> & {
  readonly complete: boolean;
  readonly smoke: boolean;
};

export interface LoadJudgement {
  readonly verdict: LoadVerdict;
  readonly reasons: readonly LoadReason[];
}

/** Judges a load test. */
export function judgeLoad(load: JudgedLoad): LoadJudgement {
  const { proxy, complete, smoke } = load;
  if (hasFailures(proxy)) return { verdict: 'missed', reasons: ['requests-failed'] };
  if (smoke) return { verdict: 'inconclusive', reasons: ['smoke'] };
  if (!heldRate(proxy)) {
    // A driver that was held up sends in bursts, in which requests wait for connections.
    return isDriverSaturated(proxy) || isDriverLate(proxy, 'latency-p99')
      ? { verdict: 'inconclusive', reasons: ['driver-limited'] }
      : { verdict: 'missed', reasons: ['rate-not-held'] };
  }
  if (!complete) return { verdict: 'inconclusive', reasons: ['ended-early'] };
  return judgeLatency(load);
}

function judgeLatency({ proxy, direct, targetLatencyUs }: JudgedLoad): LoadJudgement {
  if (targetLatencyUs === null) {
    return driverDoubts(proxy).length > 0
      ? { verdict: 'inconclusive', reasons: ['driver-limited'] }
      : { verdict: 'measured', reasons: ['nothing-to-judge'] };
  }
  const [low, high] = proxy.latency.find(({ metric }) => metric === 'latency-p99')?.interval ?? [
    0,
    Number.POSITIVE_INFINITY,
  ];
  if (high <= targetLatencyUs) return { verdict: 'met', reasons: ['latency-met'] };
  if (isDriverSaturated(proxy) || isDriverLate(proxy, 'latency-p99')) {
    return { verdict: 'inconclusive', reasons: ['driver-limited'] };
  }
  const directP99 = latencyOf(direct, 'latency-p99');
  if (directP99 !== null && directP99 > targetLatencyUs) {
    return { verdict: 'inconclusive', reasons: ['direct-above-target'] };
  }
  if (low > targetLatencyUs) return { verdict: 'missed', reasons: ['latency-missed'] };
  return { verdict: 'inconclusive', reasons: ['latency-undecided'] };
}

/** True if any request of an arm failed. */
export function hasFailures({ failures }: Pick<OpenLoopFigures, 'failures'>): boolean {
  return Object.values(failures).some((count) => count > 0);
}

/** Judges a sweep, which measures: only requests that failed, or a driver that did, speak against it. */
export function judgeSweep({
  steps,
  knee,
  complete,
  smoke,
}: Pick<SweepReport, 'steps' | 'knee'> & Pick<JudgedLoad, 'complete' | 'smoke'>): LoadJudgement & {
  readonly doubts: readonly Warning[];
} {
  const doubts = sweepDoubts(steps);
  if (steps.some(({ figures }) => hasFailures(figures))) {
    return { verdict: 'missed', reasons: ['requests-failed'], doubts };
  }
  if (smoke) return { verdict: 'inconclusive', reasons: ['smoke'], doubts };
  if (!complete) return { verdict: 'inconclusive', reasons: ['ended-early'], doubts };
  const told = knee !== null && doubts.length === 0;
  return { verdict: told ? 'measured' : 'inconclusive', reasons: ['nothing-to-judge'], doubts };
}

/** A sweep in which the driver was late at half of the rates or more says little of the server. */
function sweepDoubts(steps: SweepReport['steps']): readonly Warning[] {
  const saturated = steps.filter(
    ({ figures, driverLate }) => !driverLate && isDriverSaturated(figures),
  ).length;
  const late = steps.filter(({ driverLate }) => driverLate).length;
  if (saturated + late < steps.length / 2) return [];
  const message = `The driver itself was late or saturated at ${saturated + late} of ${steps.length} rates: the knee is partly its own. Something else used its CPU.`;
  return [{ code: 'driver-late', message }];
}

/** Judges a saturation by its failures alone: what a closed loop calls latency is never judged. */
export function judgeSaturation({
  steps,
  complete,
  smoke,
}: Pick<SaturationReport, 'steps'> & Pick<JudgedLoad, 'complete' | 'smoke'>): LoadJudgement {
  if (steps.some(hasFailures)) return { verdict: 'missed', reasons: ['requests-failed'] };
  if (smoke) return { verdict: 'inconclusive', reasons: ['smoke'] };
  return complete
    ? { verdict: 'measured', reasons: ['nothing-to-judge'] }
    : { verdict: 'inconclusive', reasons: ['ended-early'] };
}
