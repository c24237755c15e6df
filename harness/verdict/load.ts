/**
 * The verdict of a load test: whether the 99th percentile stays below its target at the rate that
 * was asked for. Latency counts from the intended moment, so what the driver was late by only ever
 * adds to it: a target that is met in spite of it is met, one that is missed because of it is not
 * decided.
 */
import type { LoadReason, LoadReport, LoadVerdict, OpenLoopFigures } from '../model/load-report.ts';
import { heldRate, isDriverLate, isDriverSaturated, latencyOf } from './open-loop.ts';

/** What is judged. */
export type JudgedLoad = Pick<LoadReport, 'direct' | 'proxy' | 'targetLatencyUs'> & {
  readonly complete: boolean;
  readonly smoke: boolean;
};

export interface LoadJudgement<Verdict extends LoadVerdict = LoadVerdict> {
  readonly verdict: Verdict;
  readonly reasons: readonly LoadReason[];
}

/** Judges a load test. */
export function judgeLoad(load: JudgedLoad): LoadJudgement {
  const { proxy, complete, smoke } = load;
  if (hasFailures(proxy)) return { verdict: 'missed', reasons: ['requests-failed'] };
  if (smoke) return { verdict: 'inconclusive', reasons: ['smoke'] };
  if (!heldRate(proxy)) {
    return isDriverSaturated(proxy)
      ? { verdict: 'inconclusive', reasons: ['driver-limited'] }
      : { verdict: 'missed', reasons: ['rate-not-held'] };
  }
  if (!complete) return { verdict: 'inconclusive', reasons: ['ended-early'] };
  return judgeLatency(load);
}

function judgeLatency({ proxy, direct, targetLatencyUs }: JudgedLoad): LoadJudgement {
  if (targetLatencyUs === null) {
    return isDriverSaturated(proxy) || isDriverLate(proxy, 'latency-p50')
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
export function hasFailures({ failures }: OpenLoopFigures): boolean {
  return Object.values(failures).some((count) => count > 0);
}
