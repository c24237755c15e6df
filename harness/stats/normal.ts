/** The standard normal distribution's upper tail, and its reverse. */

const DENSITY_AT_0 = 1 / Math.sqrt(2 * Math.PI);
/** From here on the continued fraction converges, below it the series does. */
const SERIES_UP_TO = 3;
/** Terms of the continued fraction: enough for 12 digits from 3 on. */
const FRACTION_TERMS = 100;
/** Beyond it the tail is below the least double of full precision. */
const FARTHEST = 37;
const HALVINGS = 60;

/**
 * P(Z > z), to about 12 digits however small: Laplace's continued fraction in the tail, the series
 * of Marsaglia about the centre ("Evaluating the normal distribution", Journal of Statistical
 * Software 11(4), 2004).
 */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  const density = DENSITY_AT_0 * Math.exp((-z * z) / 2);
  if (z > SERIES_UP_TO) {
    let fraction = z;
    for (let term = FRACTION_TERMS; term >= 1; term -= 1) fraction = z + term / fraction;
    return density / fraction;
  }
  let sum = 0;
  for (let term = z, odd = 1; sum + term !== sum; odd += 2) {
    sum += term;
    term *= (z * z) / (odd + 2);
  }
  return 0.5 - density * sum;
}

/** The z at which {@link normalTail} is `probability`, -37 to 37. */
export function normalTailQuantile(probability: number): number {
  if (!(probability >= 0 && probability <= 1)) throw new Error(`no quantile at ${probability}`);
  if (probability > 0.5) return -normalTailQuantile(1 - probability);
  let [low, high] = [0, FARTHEST];
  for (let step = 0; step < HALVINGS; step += 1) {
    const middle = (low + high) / 2;
    if (normalTail(middle) > probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
