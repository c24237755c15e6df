/**
 * The figures of a round that are taken relative to what all proxies share. Requests and moments
 * differ far more than proxies do, and a neighbour that comes and goes within milliseconds more than
 * either; so what counts is how a proxy did against the others on the same request of the same cycle
 * (one in flight), or in the same cycle (several).
 */
import { armEffects } from '../stats/arm-effects.ts';
import { mean, median, winsorizedMean } from '../stats/quantile.ts';
import type { Collection } from '../sut/collection-log.ts';
import type { ArmSamples, RelativeFigures } from './samples.ts';

/** What an arm gave in a round. */
export interface MeasuredArm {
  readonly samples: ArmSamples;
  /** Its collections in its loaded phase; null where they cannot be seen. */
  readonly collections: readonly Collection[] | null;
}

/**
 * Each arm's figures from all arms' samples, in the order given. Of one arm they are its medians. Of
 * several, the ratios are those of {@link armEffects}, and their common level is the geometric mean of
 * the arms' medians. Arms that have visited the same cycles: those of one round, the direct one aside,
 * whose times follow a disturbed machine otherwise.
 */
export function relativeFigures(arms: readonly MeasuredArm[]): readonly RelativeFigures[] {
  const hops = relativeMedians(arms.map(({ samples }) => samples.warmTimesUs()));
  const times = relativeMedians(arms.map(({ samples }) => samples.loadedUs()));
  const withClock = arms.filter(({ samples }) => samples.cpuUs() !== null);
  const cpu = cpuFigures(withClock);
  return arms.map((arm, index) => ({
    hopUs: hops[index] ?? Number.NaN,
    timeUs: times[index] ?? Number.NaN,
    cpuUs: cpu[withClock.indexOf(arm)] ?? null,
  }));
}

function relativeMedians(arms: readonly ArrayLike<number>[]): readonly number[] {
  if ((arms[0]?.length ?? 0) === 0) return [];
  const logs = arms.map((samples) => Float64Array.from(samples, Math.log));
  const level = mean(logs.map((own) => median(own)));
  return armEffects(logs).map((effect) => Math.exp(level + effect));
}

/**
 * A collection falls into some waves only and has to count; a neighbour's burst does too and should
 * not. Where collections can be seen, waves count without theirs, and the mean of those is added.
 * Where one arm's cannot, none is taken out: all arms are then averaged with little trimmed, which
 * treats them alike and scatters more.
 */
function cpuFigures(arms: readonly MeasuredArm[]): readonly number[] {
  const collected: (readonly number[])[] = [];
  for (const { samples, collections } of arms) {
    if (collections === null) return averagedCpu(arms);
    collected.push(samples.collectionUs(collections));
  }
  if (arms.length === 0) return [];
  const plain = arms.map(({ samples }, arm) =>
    (samples.cpuUs() ?? []).map((us, wave) => without(us, collected[arm]?.[wave] ?? 0)),
  );
  return relativeMedians(plain).map((us, arm) => us + mean(collected[arm] ?? []));
}

/** A collection's time is measured by another clock: the rest never vanishes. */
function without(us: number, collectionUs: number): number {
  return Math.max(us - collectionUs, us * LEAST_REST);
}
const LEAST_REST = 0.1;

/** Waves beyond this share, at either end, count as the ones at it. */
const WINSORIZED_SHARE = 0.1;

/** Winsorized means of waves relative to their cycle, the geometric mean over arms. */
function averagedCpu(arms: readonly MeasuredArm[]): readonly number[] {
  const waves = arms.map(({ samples }) => samples.cpuUs() ?? []);
  const cycles = (waves[0] ?? []).map((_, cycle) =>
    Math.exp(mean(waves.map((own) => Math.log(own[cycle] ?? Number.NaN)))),
  );
  if (cycles.length === 0) return [];
  const middle = median(cycles);
  return waves.map((own) => {
    const relative = own.map((us, cycle) => us / (cycles[cycle] ?? Number.NaN));
    return winsorizedMean(relative, WINSORIZED_SHARE) * middle;
  });
}
