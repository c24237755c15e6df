/**
 * Holm's step-down correction for several tests at once (Holm, "A simple sequentially rejective
 * multiple test procedure", Scandinavian Journal of Statistics 6(2), 1979). It holds whatever the
 * dependence between the tests, which here share their rounds.
 */

/**
 * The adjusted p-value of each test, in the order given: rejecting where it is at most alpha keeps
 * the probability of any false rejection among them at most alpha.
 */
export function holm(pValues: readonly number[]): number[] {
  const ascending = pValues.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
  const adjusted = new Array<number>(pValues.length).fill(1);
  let floor = 0;
  ascending.forEach(({ p, index }, position) => {
    floor = Math.max(floor, Math.min(1, p * (pValues.length - position)));
    adjusted[index] = floor;
  });
  return adjusted;
}
