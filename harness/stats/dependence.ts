/**
 * Whether successive values depend on each other, and how much wider an interval for their centre
 * has to be if they do. Only lag 1 and only positive dependence: a drift or a disturbance that
 * outlasts a round shows there, and negative dependence would narrow intervals, which nothing here
 * may do.
 */

/**
 * One-sided 1 % point of the standard normal distribution. At 5 %, one in twenty runs of
 * independent rounds would be widened for nothing, and left undecided by it.
 */
const CRITICAL = 2.326;
/** Below this many values no dependence that matters could be told from chance. */
const LEAST_VALUES = 8;
/** An estimate near 1 says "no information", not a number. */
const MOST_CORRELATION = 0.8;

/**
 * The lag-1 autocorrelation of values in their order, -1..1: the sum of products of neighbours'
 * deviations over the sum of squares. 0 for fewer than three values and for equal ones.
 */
export function lagOneAutocorrelation(values: readonly number[]): number {
  if (values.length < 3) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let [products, squares, largest] = [0, 0, 0];
  let previous = 0;
  for (const value of values) {
    const deviation = value - mean;
    products += deviation * previous;
    squares += deviation * deviation;
    largest = Math.max(largest, Math.abs(value));
    previous = deviation;
  }
  // Equal values leave only the rounding error of their mean.
  return squares <= values.length * (largest * 1e-12) ** 2 ? 0 : products / squares;
}

/**
 * True if the autocorrelation is above what independent values show once in twenty times: they have
 * mean -1/n and variance (n - 2)^2 / (n^2 (n - 1)) (Moran, "Some theorems on time series II",
 * Biometrika 35, 1948; normal values, heavier tails have less). Never below 8 values.
 */
export function dependsOnPrevious(values: readonly number[]): boolean {
  const count = values.length;
  if (count < LEAST_VALUES) return false;
  const spread = (count - 2) / (count * Math.sqrt(count - 1));
  return (lagOneAutocorrelation(values) + 1 / count) / spread > CRITICAL;
}

/**
 * By how much dependence multiplies the variance of a mean, 1 or more; intervals widen by its root.
 * (1 + r) / (1 - r) for a first-order process (Bayley and Hammersley, "The 'effective' number of
 * independent observations in an autocorrelated time series", J. Royal Stat. Soc. Suppl. 8, 1946),
 * with r freed of its bias -(1 + 4 r) / n (Kendall, "Note on bias in the estimation of
 * autocorrelation", Biometrika 41, 1954) and taken as at most 0.8. 1 unless
 * {@link dependsOnPrevious}.
 */
export function varianceInflation(values: readonly number[]): number {
  return dependsOnPrevious(values) ? suspectedInflation(values) : 1;
}

/**
 * {@link varianceInflation} without a test beforehand: any dependence that shows counts. For an
 * interval that had better be too wide than too narrow. 1 below 8 values.
 */
export function suspectedInflation(values: readonly number[]): number {
  const count = values.length;
  if (count < LEAST_VALUES) return 1;
  const unbiased = (count * lagOneAutocorrelation(values) + 1) / (count - 4);
  const correlation = Math.min(MOST_CORRELATION, Math.max(0, unbiased));
  return (1 + correlation) / (1 - correlation);
}
