/**
 * How much dearer each arm is than the others, from samples that come in rows: all arms met the same
 * request, or the same moment. Rows differ far more than arms do, and some samples are disturbed.
 */
import { mean, median } from './quantile.ts';

/** Where one step moves no effect by more than this, the fit is done. */
const TOLERANCE = 1e-7;
const MOST_STEPS = 1000;
/** Samples that agree to this are equal: logarithms carry rounding errors. */
const LEAST_SCALE = 1e-9;

/**
 * Fits `log sample = row + arm + error` by maximum likelihood with errors of Student's t
 * distribution with one degree of freedom, and returns the arms' effects, which sum to 0. Such
 * errors let a sample count less the further off it is: a neighbour's burst in one arm's sample is
 * followed neither by the arm nor by its row. Lange, Little and Taylor, "Robust statistical modeling
 * using the t distribution", Journal of the American Statistical Association 84(408), 1989; by their
 * EM algorithm, begun at the medians.
 *
 * `logs` holds each arm's logarithms by row: one arm or more, as many rows for each, at least one.
 * Moving an arm's samples by a factor moves its effect by the factor's logarithm and changes nothing
 * else; rows may be in any order.
 */
export function armEffects(logs: readonly ArrayLike<number>[]): readonly number[] {
  const rows = logs[0]?.length ?? 0;
  if (rows === 0 || logs.some((arm) => arm.length !== rows)) {
    throw new Error('every arm needs as many samples as the others, at least one');
  }
  const samples = logs.map((arm) => Float64Array.from(arm));
  let arms = centred(samples.map((arm) => median(arm)));
  const row = Float64Array.from({ length: rows }, (_, at) =>
    median(samples.map((arm, index) => (arm[at] ?? 0) - (arms[index] ?? 0))),
  );
  let variance = firstScale(samples, arms, row) ** 2;
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const next = fitStep(samples, arms, row, Math.max(variance, LEAST_SCALE ** 2));
    const moved = Math.max(...next.arms.map((effect, arm) => Math.abs(effect - (arms[arm] ?? 0))));
    ({ arms, variance } = next);
    if (moved < TOLERANCE) break;
  }
  return arms;
}

/** Of the deviations that are not 0: with few arms a median leaves many that are. */
function firstScale(
  samples: readonly Float64Array[],
  arms: readonly number[],
  row: Float64Array,
): number {
  const deviations = samples.flatMap((arm, index) =>
    Array.from(arm, (log, at) => Math.abs(log - (row[at] ?? 0) - (arms[index] ?? 0))),
  );
  const off = deviations.filter((deviation) => deviation > LEAST_SCALE);
  return off.length === 0 ? LEAST_SCALE : median(off);
}

/** One step of EM: weights from the deviations, rows and arms from the weights. Writes to `row`. */
function fitStep(
  samples: readonly Float64Array[],
  arms: readonly number[],
  row: Float64Array,
  variance: number,
): { readonly arms: readonly number[]; readonly variance: number } {
  const weighted = arms.map(() => 0);
  const weights = arms.map(() => 0);
  let squares = 0;
  const own = new Float64Array(arms.length);
  for (let at = 0; at < row.length; at += 1) {
    let rowSum = 0;
    let rowWeight = 0;
    for (const [arm, logs] of samples.entries()) {
      const rest = (logs[at] ?? 0) - (arms[arm] ?? 0);
      const weight = 2 / (1 + (rest - (row[at] ?? 0)) ** 2 / variance);
      own[arm] = weight;
      rowSum += weight * rest;
      rowWeight += weight;
    }
    const effect = rowSum / rowWeight;
    row[at] = effect;
    for (const [arm, logs] of samples.entries()) {
      const weight = own[arm] ?? 0;
      const rest = (logs[at] ?? 0) - effect;
      weighted[arm] = (weighted[arm] ?? 0) + weight * rest;
      weights[arm] = (weights[arm] ?? 0) + weight;
      squares += weight * (rest - (arms[arm] ?? 0)) ** 2;
    }
  }
  const freedom = row.length * Math.max(1, arms.length - 1);
  return {
    arms: centred(weighted.map((sum, arm) => sum / (weights[arm] ?? 1))),
    variance: squares / freedom,
  };
}

function centred(effects: readonly number[]): readonly number[] {
  const middle = mean(effects);
  return effects.map((effect) => effect - middle);
}
