/**
 * The knee of latency against rate: the highest rate of a sweep at which the server still keeps up
 * and the 99th percentile is at most twice what it is at low rates. Low rates are those up to half
 * of the capacity; what stands for them is the median of their percentiles, so that one disturbed
 * rate moves nothing. Above the knee requests wait for each other, and a little more load costs much
 * latency. It is a rate that was tried, never one in between.
 */
import type { Knee, SweepStep } from '../model/load-report.ts';
import { median } from '../stats/quantile.ts';

const MOST_TIMES_BASE = 2;
const LOW_SHARE = 0.5;

/** The knee of steps with ascending rates; null if no low rate was held, or none above it is good. */
export function findKnee(steps: readonly SweepStep[]): Knee | null {
  const low = steps.flatMap(({ held, ofCapacity, p99Us }) =>
    held && ofCapacity <= LOW_SHARE && p99Us !== null ? [p99Us] : [],
  );
  if (low.length === 0) return null;
  const baseP99Us = median(low);
  const limitP99Us = MOST_TIMES_BASE * baseP99Us;
  // Where the driver was late, what was not held may have been its own doing.
  const firstNotHeld = steps.findIndex(({ held, driverLate }) => !held && !driverLate);
  const kept = firstNotHeld === -1 ? steps : steps.slice(0, firstNotHeld);
  const at = kept.findLastIndex(({ held, p99Us }) => held && p99Us !== null && p99Us <= limitP99Us);
  const step = steps[at];
  if (step === undefined) return null;
  return {
    ratePerSecond: step.ratePerSecond,
    beyondPerSecond: steps[at + 1]?.ratePerSecond ?? null,
    baseP99Us,
    limitP99Us,
  };
}
